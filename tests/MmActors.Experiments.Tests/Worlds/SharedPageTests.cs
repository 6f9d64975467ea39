using MmActors.Actors;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;
using MmActors.Runtime;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>A page shared by as many processes as a scenario may have in one fork tree.</summary>
public class SharedPageTests
{
    private const int Children = 2046;

    [Theory] // SM-7, SM-12: every process writes a page of its own afterwards, so that each replaces its PMD by a page table
    [InlineData(ThpEnabled.Never)]
    [InlineData(ThpEnabled.Always)]
    public void A_fork_tree_as_large_as_scenarios_admit_fills_the_map_count_and_is_freed_whole(ThpEnabled enabled)
    {
        Step[] program =
        [
            new MapStep("a", ByteSize.FromMebibytes(2), Populate: false, Droppable: false, ByteSize.FromPages(0)),
            Write(0, 512),
            .. Enumerable.Range(0, Children).Select(number => new ForkStep($"child{number}", [Write(1, 1), Until(30), Write(2, 1)])),
            Write(1, 1),
            Until(20),
            new CountStep("a", RegionSpan.All),
            Until(40),
        ];
        Hosts.Use(new SimSettings(), host =>
        {
            var events = new EventLog();
            World world = Start(host, enabled, program);
            world.Events.Attach(events);
            world.RunUntil(TimeSpan.FromSeconds(25));
            Assert.Equal(1 + Children, events.Of(KernelEventKind.TaskStart).Count());
            Assert.Empty(events.Of(KernelEventKind.TaskExit));
            FolioTable folios = world.Report.Node.Folios;
            int[] shared = [.. Enumerable.Range(0, folios.Pages).Where(pfn => folios.PageMapCount(pfn) == 1 + Children)];
            Assert.Equal(511, shared.Length); // all but the page that everybody has copied
            Assert.Equal(enabled == ThpEnabled.Always, folios.IsLarge(shared[0]));
            world.Audit();

            world.RunUntil(TimeSpan.FromSeconds(50));
            Assert.Equal(1 + Children, events.Of(KernelEventKind.TaskExit).Count());
            Assert.Equal(folios.Pages, world.Report.Node.FreePages);
            world.Audit();
        });
    }

    [Theory] // UT-7, SM-8: the first reads, the others find the page in the swap cache; a word counts 31 who hold it at most
    [InlineData(SwapKind.Ram)]
    [InlineData(SwapKind.Disk)]
    public void A_hundred_processes_that_touch_one_swapped_page_at_the_same_moment_all_get_it(SwapKind kind)
    {
        const int Sharers = 100;
        const int Pages = 8;
        Step[] program =
        [
            new MapStep("a", ByteSize.FromPages(Pages), Populate: false, Droppable: false, null),
            Write(0, Pages),
            new MadviseStep("a", RegionSpan.All, Advice.PageOut),
            .. Enumerable.Range(0, Sharers).Select(number => new ForkStep($"child{number}", [Until(10), Read, Until(30)])),
            Until(40),
        ];
        Hosts.Use(new SimSettings { StepLimit = 100_000 }, host =>
        {
            World world = Start(host, ThpEnabled.Never, program, new SwapSpec(ByteSize.FromMebibytes(16), kind));
            world.RunUntil(TimeSpan.FromSeconds(9));
            Assert.Equal(Pages, world.Report.Swap!.UsedSlots);
            world.RunUntil(TimeSpan.FromSeconds(20));
            FolioTable folios = world.Report.Node.Folios;
            int[] used = [.. Enumerable.Range(0, folios.Pages).Where(pfn => !folios.Has(folios.Head(pfn), FolioFlags.Buddy))];
            Assert.Equal(Pages, used.Count(pfn => folios.PageMapCount(pfn) == Sharers));
            Assert.Equal(kind == SwapKind.Ram ? Pages : 0, world.Context.Vmstat[VmCounter.PswpIn]); // what a disk wrote stays in the swap cache
            world.Audit();
            world.RunUntil(TimeSpan.FromSeconds(50));
            Assert.Equal(folios.Pages, world.Report.Node.FreePages);
            world.Audit();
        });
    }

    private static World Start(IRunHost host, ThpEnabled enabled, Step[] program, SwapSpec? swap = null) => new(host, new WorldSpec
    {
        Memory = ByteSize.FromMebibytes(256),
        Thp = new ThpSettings { Enabled = enabled },
        Switches = TestMachine.Switches612,
        Machine = TestMachine.With(2),
        Tasks = [new TaskSpec("parent", TimeSpan.Zero, new ProcessImage(0, 0), [.. program], 0)],
        Swap = swap,
        TimelineInterval = TimeSpan.Zero,
        Seed = 1,
    });

    private static Step Until(int seconds) => new UntilStep(TimeSpan.FromSeconds(seconds));

    private static Step Read { get; } = new AccessStep("a", RegionSpan.All, new ByteSize(4096), null);

    private static Step Write(int first, int pages) => new AccessStep(
        "a", new RegionSpan(ByteSize.FromPages(first), ByteSize.FromPages(pages)), new ByteSize(4096), new FillByte(1, false));
}
