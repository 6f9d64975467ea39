using MmActors.Actors;
using MmActors.Model.Events;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;
using MmActors.Runtime;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>Programs in a cgroup too small for one range: each was found by random programs that did not end.</summary>
public class CrowdedWorldTests
{
    private static readonly Step Day = new SleepStep(TimeSpan.FromDays(1));
    private static readonly SwapSpec Disk = new(ByteSize.FromMebibytes(64), SwapKind.Disk);

    [Fact] // UT-13, RC-33: what was served is not asked for again when reclaim drops it
    public void A_droppable_range_larger_than_memory_max_is_populated_once()
    {
        var map = new MapStep("a", ByteSize.FromPages(1024), Populate: true, Droppable: true, null);
        EventLog log = Run(limit: 300, swap: null, new ThpSettings(), map, Day);
        Assert.Equal(1024, log.Of(KernelEventKind.Faults).Sum(static entry => entry.Amount));
    }

    [Fact] // UT-7, UT-8: swapping in and copying take turns in order of address
    public void A_write_to_swapped_and_shared_pages_ends_within_memory_max()
    {
        Step[] program =
        [
            new MapStep("a", ByteSize.FromPages(1024), Populate: false, Droppable: false, null),
            new AccessStep("a", RegionSpan.All, new ByteSize(4096), new FillByte(0, false)),
            new ForkStep("child", [Day]),
            new AccessStep("a", new RegionSpan(ByteSize.FromPages(512), ByteSize.FromPages(512)), new ByteSize(7 * 4096), new FillByte(3, false)),
            new CountStep("a", RegionSpan.All),
            new SnapStep("done"),
            Day,
        ];
        EventLog log = Run(limit: 342, Disk, new ThpSettings { Enabled = ThpEnabled.Never }, program);
        Assert.NotEmpty(log.Of(KernelEventKind.SwapIn));
    }

    [Fact] // KH-33a, RC-60: the copy, the swapped-in pages and the limit
    public void A_collapse_that_swaps_in_more_than_the_cgroup_has_room_for_ends()
    {
        Step[] program =
        [
            new MapStep("a", ByteSize.FromPages(512), Populate: false, Droppable: false, ByteSize.FromPages(0)),
            new AccessStep("a", RegionSpan.All, new ByteSize(4096), new FillByte(0, false)),
            new MadviseStep("a", RegionSpan.All, Advice.HugePage),
            new MadviseStep("a", new RegionSpan(default, ByteSize.FromPages(250)), Advice.PageOut),
            new AccessStep("a", new RegionSpan(ByteSize.FromPages(300), ByteSize.FromPages(200)), new ByteSize(4096), null),
            Day,
        ];
        EventLog log = Run(limit: 632, Disk, new ThpSettings { ScanSleepMillisecs = 10, MaxPtesSwap = 511 }, program);
        Assert.NotEmpty(log.Of(KernelEventKind.CollapseSwapin));
    }

    [Fact] // SM-8: a huge page that is still being zeroed is charged whole
    public void A_huge_page_on_its_way_is_charged_512_pages() => Hosts.Use(new SimSettings(), host =>
    {
        var world = new World(host, Spec(limit: 2000, swap: null, new ThpSettings { Enabled = ThpEnabled.Always }, [
            new MapStep("a", ByteSize.FromPages(512), Populate: false, Droppable: false, null),
            new AccessStep("a", RegionSpan.All, default, new FillByte(1, false)),
            Day,
        ]));
        Assert.Equal(RunOutcome.HorizonReached, world.RunUntil(TimeSpan.FromMicroseconds(60)));
        world.Audit();
        Assert.Equal(512, world.Report.Node.InFlightPages);
        Assert.Equal(512, world.Report.Node.Memcgs[1].Usage);
    });

    private static EventLog Run(long limit, SwapSpec? swap, ThpSettings thp, params Step[] program)
    {
        var log = new EventLog();
        Hosts.Use(new SimSettings { StepLimit = 300_000 }, host =>
        {
            var world = new World(host, Spec(limit, swap, thp, program));
            world.Events.Attach(log);
            Assert.Equal(RunOutcome.HorizonReached, world.RunUntil(TimeSpan.FromSeconds(1)));
            world.Audit();
            Assert.All(world.Report.Tasks, static task => Assert.Null(task.Fault));
        });
        return log;
    }

    private static WorldSpec Spec(long limit, SwapSpec? swap, ThpSettings thp, Step[] program) => new()
    {
        Memory = ByteSize.FromMebibytes(64),
        Thp = thp,
        Switches = TestMachine.Switches612,
        Machine = TestMachine.With(2),
        Tasks = [new TaskSpec("a", TimeSpan.Zero, ProcessImage.Recorded, [.. program], 0) { Cgroup = "g" }],
        Cgroups = [new CgroupSpec("g", new MemcgLimits { MaxPages = limit })],
        Swap = swap,
        TimelineInterval = TimeSpan.Zero,
        Seed = 1,
    };
}
