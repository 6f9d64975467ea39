using MmActors.Experiments.Scenarios;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Tests.Scenarios;

/// <summary>Swap, vm files, memory cgroups, kernel memory and the pages of a process, as a scenario declares them.</summary>
public class ReclaimScenarioTests
{
    private const string Groups = "cgroups: [{name: g}, {name: g/a}]";

    public static TheoryData<string, Step> Writes => new()
    {
        { "{knob: vm/drop_caches, value: 2}", new VmWriteStep(VmFile.DropCaches, 2) },
        { "{knob: /proc/sys/vm/drop_caches, value: 3}", new VmWriteStep(VmFile.DropCaches, 3) },
        { "{knob: vm/swappiness, value: 200}", new VmWriteStep(VmFile.Swappiness, 200) },
        { "{knob: vm/min_free_kbytes, value: 67584}", new VmWriteStep(VmFile.MinFreeKbytes, 67_584) },
        { "{knob: vm/watermark_scale_factor, value: 3000}", new VmWriteStep(VmFile.WatermarkScaleFactor, 3000) },
        { "{knob: cgroup/g/memory.max, value: 256K}", new CgroupWriteStep("g", MemcgFile.Max, 64, null) },
        { "{knob: cgroup/g/a/memory.max, value: max}", new CgroupWriteStep("g/a", MemcgFile.Max, long.MaxValue, null) },
        { "{knob: /sys/fs/cgroup/g/memory.high, value: 1M}", new CgroupWriteStep("g", MemcgFile.High, 256, null) },
        { "{knob: cgroup/g/memory.low, value: 8191B}", new CgroupWriteStep("g", MemcgFile.Low, 1, null) },
        { "{knob: cgroup/g/memory.min, value: 0}", new CgroupWriteStep("g", MemcgFile.Min, 0, null) },
        { "{knob: cgroup/g/memory.swap.max, value: 0}", new CgroupWriteStep("g", MemcgFile.SwapMax, 0, null) },
        { "{knob: cgroup/g/memory.reclaim, value: 8M}", new CgroupWriteStep("g", MemcgFile.Reclaim, 2048, null) },
        { "{knob: cgroup/memory.reclaim, value: 1H}", new CgroupWriteStep("", MemcgFile.Reclaim, 512, null) },
        {
            "{knob: /sys/fs/cgroup/g/a/memory.reclaim, value: 8M swappiness=10}",
            new CgroupWriteStep("g/a", MemcgFile.Reclaim, 2048, 10)
        },
        { "{knob: cgroup/g/memory.reclaim, value: \"4K  swappiness=0 \"}", new CgroupWriteStep("g", MemcgFile.Reclaim, 1, 0) },
    };

    [Theory] // RC-40, DS-8
    [MemberData(nameof(Writes))]
    public void A_write_to_a_file_reads_as_its_record(string args, Step expected) => Assert.Equal(
        expected, Yaml.Load(Yaml.WithSteps("- set: " + args) + Groups + "\n").Variants[0].Tasks[0].Program[0]);

    [Theory] // RC-32, RC-33
    [InlineData("cold", Advice.Cold)]
    [InlineData("pageout", Advice.PageOut)]
    public void Advice_to_reclaim_reads_as_its_record(string word, Advice advice)
    {
        var steps = Yaml.Steps("- map: {region: r, size: 1H}", $"- madvise: {{region: r, advice: {word}, length: 4K}}");
        Assert.Equal(new MadviseStep("r", new RegionSpan(default, new ByteSize(4096)), advice), steps[1]);
    }

    [Fact]
    public void Without_the_new_keys_nothing_is_reclaimed_from()
    {
        var scenario = Yaml.Load(Yaml.WithLines());
        var variant = Assert.Single(scenario.Variants);
        Assert.Equal((0, 0), (scenario.KernelPages, scenario.Cgroups.Length));
        Assert.Equal((null, new VmSettings()), (variant.Swap, variant.Vm));
        Assert.Equal(("", ProcessImage.Recorded), (variant.Tasks[0].Cgroup, variant.Tasks[0].Image));
        Assert.Equal(scenario.Tasks, variant.Tasks);
    }

    [Theory] // RC-36
    [InlineData("swap: none", null, null)]
    [InlineData("swap: {size: 128M, device: ram}", 128L << 20, SwapKind.Ram)]
    [InlineData("swap: {size: 131068K, device: disk}", 131_068L << 10, SwapKind.Disk)]
    [InlineData("swap: {device: ram, size: 1M}", 1L << 20, SwapKind.Ram)]
    [InlineData("swap: {device: ram, size: 256G}", 1L << 38, SwapKind.Ram)]
    public void Swap_is_a_device_or_none(string line, long? size, SwapKind? kind)
    {
        var swap = Yaml.Load(Yaml.WithLines(line)).Variants[0].Swap;
        Assert.Equal((size, kind), (swap?.Size.Bytes, swap?.Kind));
    }

    [Fact]
    public void A_variant_has_its_own_swap_and_vm_files_on_top_of_the_scenarios()
    {
        var variants = Yaml.Load(Yaml.WithLines(
            "swap: {size: 128M, device: ram}",
            "vm: {swappiness: 100, min_free_kbytes: 22528}",
            "variants:",
            "- {name: as-is}",
            "- {name: no-swap, swap: none, vm: {swappiness: 0}}",
            "- {name: disk, swap: {size: 1G, device: disk}, vm: {watermark_scale_factor: 150}}")).Variants;
        var common = new VmSettings { Swappiness = 100, MinFreeKbytes = 22_528 };
        Assert.Equal(
            [common, common with { Swappiness = 0 }, common with { WatermarkScaleFactor = 150 }],
            variants.Select(v => v.Vm));
        Assert.Equal(
            [new SwapSpec(new(128 << 20), SwapKind.Ram), null, new SwapSpec(new(1 << 30), SwapKind.Disk)],
            variants.Select(v => v.Swap));
        Assert.All(variants, v => Assert.Equal(variants[0].Tasks, v.Tasks));
    }

    [Theory]
    [InlineData("kernel_memory: 0", 0)]
    [InlineData("kernel_memory: 40M", 10_240)]
    [InlineData("kernel_memory: 4097B", 2)] // whole pages
    [InlineData("kernel_memory: 524287P", 524_287)]
    public void Kernel_memory_is_counted_in_pages(string line, int pages) =>
        Assert.Equal(pages, Yaml.Load(Yaml.WithLines(line)).KernelPages);

    [Fact] // RC-60, RC-61, RC-63, RC-14
    public void Groups_keep_their_order_and_their_limits_in_pages()
    {
        var groups = Yaml.Load(Yaml.WithLines(
            "cgroups:",
            "- {name: g, memory.max: 88M, memory.high: 80M, memory.low: 4K, memory.min: 5000B, memory.swap.max: 1G}",
            "- {name: b, memory.max: max, memory.high: max, memory.low: 0, memory.min: max, memory.swap.max: 0}",
            "- name: g/a",
            "- name: g/a/x-1_2.3")).Cgroups;
        Assert.Equal(["g", "b", "g/a", "g/a/x-1_2.3"], groups.Select(g => g.Path));
        Assert.Equal(
            new MemcgLimits { MaxPages = 22_528, HighPages = 20_480, LowPages = 1, MinPages = 1, SwapMaxPages = 262_144 },
            groups[0].Limits);
        Assert.Equal(new MemcgLimits { MinPages = MemcgLimits.Unlimited, SwapMaxPages = 0 }, groups[1].Limits);
        Assert.Equal(new MemcgLimits(), groups[2].Limits);
    }

    [Fact]
    public void Replicas_share_the_group_and_the_image()
    {
        var tasks = Yaml.Load("""
            duration: 10s
            cgroups: [{name: web}, {name: web/pool}]
            tasks:
              - name: w
                count: 2
                cgroup: web/pool
                image: {below: 9, above: 4, pages: 21, touched: 11, file_pages: 195}
                program: [fork: {child: c, do: [sleep: 1s]}]
              - name: other
                image: {pages: 3, touched: 3}
                program: [sleep: 1s]
            """).Variants[0].Tasks;
        Assert.Equal(["w-1", "w-2", "other"], tasks.Select(t => t.Name));
        Assert.Equal(["web/pool", "web/pool", ""], tasks.Select(t => t.Cgroup));
        var image = new ProcessImage(9, 4) { OwnPages = 21, TouchedPages = 11, FilePages = 195 };
        var small = ProcessImage.Recorded with { OwnPages = 3, TouchedPages = 3 };
        Assert.Equal([image, image, small], tasks.Select(t => t.Image));
        Assert.Equal(["c-1", "c-2"], tasks.Take(2).Select(t => Assert.IsType<ForkStep>(t.Program[0]).Child));
    }

    [Fact]
    public void The_longest_list_of_groups_loads()
    {
        var names = string.Join(", ", Enumerable.Range(1, CgroupReader.MaxGroups).Select(i => $"{{name: g{i}}}"));
        Assert.Equal(CgroupReader.MaxGroups, Yaml.Load(Yaml.WithLines($"cgroups: [{names}]")).Cgroups.Length);
        var fault = Yaml.Refused(Yaml.WithLines($"cgroups: [{names}, {{name: g}}]"));
        Assert.Equal("'cgroups' takes at most 256 groups, not 257", fault.Message);
    }
}
