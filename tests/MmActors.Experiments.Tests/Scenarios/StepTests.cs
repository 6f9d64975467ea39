using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Experiments.Tests.Scenarios;

public class StepTests
{
    private const string Map = "- map: {region: r, size: 8H}";
    private static readonly RegionSpan Window = new(ByteSize.FromMebibytes(2), ByteSize.FromMebibytes(4));

    public static TheoryData<string, Step> Steps => new()
    {
        { "- madvise: {region: r, advice: free}", new MadviseStep("r", RegionSpan.All, Advice.Free) },
        { "- madvise: {region: r, advice: dontneed, offset: 1H, length: 2H}", new MadviseStep("r", Window, Advice.DontNeed) },
        { "- madvise: {region: r, advice: hugepage, offset: 2M}", new MadviseStep("r", Window with { Length = null }, Advice.HugePage) },
        { "- madvise: {region: r, advice: nohugepage}", new MadviseStep("r", RegionSpan.All, Advice.NoHugePage) },
        { "- madvise: {region: r, advice: collapse}", new MadviseStep("r", RegionSpan.All, Advice.Collapse) },
        { "- madvise: {region: r, advice: populate_write, length: 1B}", new MadviseStep("r", new(default, new(4096)), Advice.PopulateWrite) },
        { "- write: {region: r, byte: 9, stride: 4K, offset: 512P, length: 4M}", new AccessStep("r", Window, new(4096), new FillByte(9, false)) },
        { "- read: {region: r, stride: 1H}", new AccessStep("r", RegionSpan.All, new(2 << 20), null) },
        { "- read: {region: r, offset: 1B, length: 3B}", new AccessStep("r", new(new(1), new ByteSize(3)), default, null) },
        { "- count: {region: r, offset: 1H, length: 2H}", new CountStep("r", Window) },
        { "- random_reads: {region: r, batches: 10, per_batch: 32}", new RandomReadsStep("r", 10, 32) },
        { "- munmap: {region: r, offset: 1H, length: 2H}", new MunmapStep("r", Window) },
        { "- mprotect: {region: r, writable: false, offset: 1H, length: 2H}", new MprotectStep("r", Window, false) },
        { "- stripe: {region: r, stripes: 60}", new StripeStep("r", 60) },
        { "- set: {knob: khugepaged/max_ptes_none, value: 0}", new SetKnobStep("khugepaged/max_ptes_none", "0") },
        { "- set: {knob: /sys/kernel/mm/transparent_hugepage/enabled, value: never}", new SetKnobStep("enabled", "never") },
        { "- sleep: 1500ms", new SleepStep(TimeSpan.FromMilliseconds(1500)) },
        { "- sleep: 250us", new SleepStep(TimeSpan.FromMicroseconds(250)) },
        { "- sleep: 0", new SleepStep(TimeSpan.Zero) },
        { "- until: 2m", new UntilStep(TimeSpan.FromMinutes(2)) },
        { "- until: 30d", new UntilStep(TimeSpan.FromDays(30)) },
        { "- until: 3h", new UntilStep(TimeSpan.FromHours(3)) },
        { "- thp_disable: true", new ThpDisableStep(true) },
        { "- snap: before", new SnapStep("before") },
        { "- exit", new ExitStep() },
        { "- exit:", new ExitStep() },
    };

    [Theory]
    [MemberData(nameof(Steps))]
    public void A_step_reads_as_its_record(string yaml, Step expected) => Assert.Equal(expected, Yaml.Steps(Map, yaml)[1]);

    [Theory]
    [InlineData("{region: r, size: 128M, populate: true}", 128 << 20, true, false, null)]
    [InlineData("{region: r, size: 64H, droppable: true, fixed: 0}", 128 << 20, false, true, 0L)]
    [InlineData("{region: r, size: 1G, fixed: 0}", 1 << 30, false, false, 0L)]
    [InlineData("{region: r, size: 7M, populate: true, fixed: 1M}", 7 << 20, true, false, 1L << 20)]
    [InlineData("{region: r, size: 5000B}", 8192, false, false, null)] // mmap rounds up
    public void Map_reads_as_its_record(string args, int size, bool populate, bool droppable, long? offset) =>
        Assert.Equal(
            new MapStep("r", new(size), populate, droppable, offset is { } o ? new ByteSize(o) : null),
            Yaml.Steps("- map: " + args)[0]);

    [Fact]
    public void Loops_nest_and_hand_out_the_innermost_index()
    {
        var outer = Assert.IsType<LoopStep>(Yaml.Steps(
            Map, "- loop:", "    times: 3", "    do:", "    - loop: {times: 2, do: [write: {region: r, byte: i}]}")[1]);
        var inner = Assert.IsType<LoopStep>(Assert.Single(outer.Body));
        Assert.Equal((3, 2), (outer.Count, inner.Count));
        Assert.Equal(FillByte.LoopIndex, Assert.IsType<AccessStep>(Assert.Single(inner.Body)).Value);
    }

    [Fact] // RN-10
    public void A_fork_child_inherits_the_regions_and_may_unmap_its_own_copy()
    {
        var steps = Yaml.Steps(
            Map, "- fork: {child: c, do: [munmap: {region: r}, exit]}", "- count: {region: r}");
        var fork = Assert.IsType<ForkStep>(steps[1]);
        Assert.Equal("c", fork.Child);
        Assert.Equal<Step>([new MunmapStep("r", RegionSpan.All), new ExitStep()], fork.Body);
    }

    [Fact]
    public void A_loop_may_map_what_it_unmaps()
    {
        var loop = Assert.IsType<LoopStep>(Yaml.Steps(
            "- loop: {times: 9, do: [map: {region: a, size: 4K}, munmap: {region: a}]}")[0]);
        Assert.Equal(2, loop.Body.Length);
    }

    [Fact]
    public void Replicas_are_numbered_and_start_apart()
    {
        var tasks = Yaml.Load("""
            duration: 10s
            tasks:
              - name: web
                start: 1s
                count: 3
                every: 250ms
                image: {below: 40}
                residual_young: 0.09
                program:
                  - fork: {child: helper, do: [sleep: 1s]}
            """).Tasks;
        Assert.Equal(["web-1", "web-2", "web-3"], tasks.Select(t => t.Name));
        Assert.Equal([1, 1.25, 1.5], tasks.Select(t => t.Start.TotalSeconds));
        Assert.All(tasks, t => Assert.Equal((new ProcessImage(40, 3), 0.09), (t.Image, t.ResidualYoungFraction)));
        Assert.Equal(
            ["helper-1", "helper-2", "helper-3"], tasks.Select(t => Assert.IsType<ForkStep>(t.Program[0]).Child));
    }

    [Fact]
    public void Defaults_are_a_2_GiB_native_machine_with_v612()
    {
        var scenario = Yaml.Load(Yaml.WithLines());
        Assert.Equal("test", scenario.Name);
        Assert.Equal("", scenario.Description);
        Assert.Equal(TimeSpan.FromSeconds(10), scenario.TimelineInterval);
        Assert.Equal(ByteSize.FromMebibytes(2048), scenario.Memory);
        Assert.Equal("native", scenario.Machine.Name);
        Assert.Equal(("v6.12", "v6.12"), (scenario.Variants.Single().Name, scenario.Variants.Single().Preset));
        Assert.Equal(ProcessImage.Recorded, scenario.Tasks.Single().Image);
        Assert.Null(scenario.Published);
    }
}
