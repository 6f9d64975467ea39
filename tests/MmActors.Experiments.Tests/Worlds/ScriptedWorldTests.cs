using System.Collections.Immutable;
using MmActors.Actors;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>Small programs whose events are known exactly.</summary>
public class ScriptedWorldTests
{
    private static readonly Step Day = new SleepStep(TimeSpan.FromDays(1));
    private static readonly ThpSettings Quick = new() { ScanSleepMillisecs = 10 };

    [Fact] // KH-17a, ST-46: 4 ranges, then the tail of the mm
    public void Collapses_cost_520_then_513_each_and_the_tail_4()
    {
        EventLog log = Run(Quick, TimeSpan.FromMilliseconds(8), Task("a", Populated(4), HugePage, Day));
        Assert.Equal([520, 513, 513, 513, 4], Progress(log));
        Assert.Equal([4096, 3576, 3063, 2550, 2037], log.Of(KernelEventKind.Visit).Select(static e => e.Extra));
    }

    [Fact] // KH-17a, ST-41: everything is huge already
    public void A_huge_region_costs_512_a_range_or_1_with_the_new_accounting()
    {
        TaskSpec task = Task("a", Mapped(6), HugePage, Write(RegionSpan.All), Day);
        EventLog old = Run(Quick, TimeSpan.FromMilliseconds(60), task);
        EventLog refined = Run(Quick, TimeSpan.FromMilliseconds(60), TestMachine.Switches612 with { Charging = ScanCharging.Visited }, task);
        Assert.Equal(1 + 10 + (6 * 512), Progress(old)[^1]);
        Assert.Equal(1 + 10 + 6, Progress(refined)[^1]);
    }

    [Fact] // KH-5, ST-47: a pass that begins in mid-list finishes the list and makes one more traversal
    public void A_pass_from_mid_list_makes_one_complete_traversal_more()
    {
        ThpSettings thp = Quick with { PagesToScan = 1500, MaxPtesNone = 0 };
        EventLog log = Run(thp, TimeSpan.FromMilliseconds(40), Task("a", Mapped(4), HugePage, Write(new RegionSpan(default, ByteSize.FromPages(1))), Day));
        // the first write makes range 0 huge, the others stay empty: 4 × 512 by old accounting
        long[] progress = Progress(log);
        Assert.Equal([1 + 7 + (3 * 512), 1 + 512 + 3, 1 + 7 + (2 * 512)], progress[..3]);
    }

    [Fact] // KH-2, KH-3
    public void Switching_THP_off_and_on_again_starts_a_pass_at_once()
    {
        EventLog log = Run(
            Quick, TimeSpan.FromMilliseconds(200), Task("a", Populated(1), HugePage, Day),
            Task("ctl", Until(50), Knob("enabled", "never"), Until(150), Knob("enabled", "madvise"), Day));
        TimeSpan[] passes = [.. log.Of(KernelEventKind.PassBegin).Select(static e => e.Time)];
        Assert.DoesNotContain(passes, time => time > TimeSpan.FromMilliseconds(50) && time < TimeSpan.FromMilliseconds(150));
        Assert.Contains(passes, time => time >= TimeSpan.FromMilliseconds(150) && time < TimeSpan.FromMilliseconds(151));
        Assert.True(passes.Count(time => time > TimeSpan.FromMilliseconds(150)) > 2);
    }

    [Fact] // KH-8: advice registers whichever area of its window is eligible
    public void Advice_over_several_areas_registers_for_any_of_them()
    {
        var second = new MapStep("b", ByteSize.FromPages(1), false, false, null);
        EventLog log = Run(Quick, TimeSpan.FromMilliseconds(5), Task("a",
            new MapStep("a", ByteSize.FromPages(2048), true, false, null),
            new MprotectStep("a", new RegionSpan(default, ByteSize.FromPages(1)), false), HugePage, second, Day));
        Assert.Single(log.Of(KernelEventKind.Register));
    }

    [Fact] // KH-8: mprotect is no reason to register
    public void Mprotect_does_not_register()
    {
        EventLog log = Run(Quick, TimeSpan.FromMilliseconds(20),
            Task("a", Populated(1), HugePage, Until(10), new MprotectStep("a", RegionSpan.All, false), Day),
            Task("ctl", Knob("enabled", "never"), Until(5), Knob("enabled", "always"), Day));
        Assert.Empty(log.Of(KernelEventKind.Register));
    }

    [Fact] // UT-14: names of fork children may repeat
    public void Children_of_the_same_name_are_told_apart()
    {
        Step fork = new ForkStep("child", [new SleepStep(TimeSpan.FromMilliseconds(20)), Write(RegionSpan.All)]);
        EventLog log = Run(
            Quick, TimeSpan.FromMilliseconds(100), Task("a", Mapped(1), Write(RegionSpan.All), new LoopStep(3, [fork])),
            Task("b", Mapped(1), Write(RegionSpan.All), new LoopStep(3, [fork])));
        Assert.Equal(8, log.Of(KernelEventKind.TaskStart).Select(static e => e.Mm).Distinct().Count());
        Assert.Equal(8, log.Of(KernelEventKind.TaskExit).Select(static e => e.Mm).Distinct().Count());
    }

    [Fact] // UT-13: populate writes, so it ends the sharing of a huge page
    public void Populate_after_fork_unshares_a_huge_page()
    {
        World? world = null;
        Run(new ThpSettings(), TimeSpan.FromMilliseconds(50), ref world, TestMachine.Switches612,
            Task("a", Mapped(1), HugePage, Write(RegionSpan.All), new ForkStep("child", [Day]),
                new MadviseStep("a", RegionSpan.All, Advice.PopulateWrite), Day));
        Assert.Equal((0, 512L), (world!.Report.Spaces[0].HugeRanges, world.Report.Spaces[0].RssPages));
        Assert.Equal(1, world.Context.Vmstat[VmCounter.ThpSplitPmd]);
        Assert.Equal(1, world.Report.Spaces[1].HugeRanges);
    }

    [Fact] // KH-4a, ST-42: the first failure sleeps, the second ends the pass
    public void Two_allocation_failures_end_a_pass_after_one_sleep()
    {
        // 64 MiB: what the filler takes leaves no order-9 page above the watermark
        ThpSettings thp = Quick with { AllocSleepMillisecs = 100, ScanSleepMillisecs = 1000 };
        EventLog log = Run(thp, TimeSpan.FromMilliseconds(900),
            Task("filler", new MapStep("a", ByteSize.FromPages(13_100), true, false, null), Day),
            Task("a", Until(100), Populated(4), HugePage, Day));
        KernelEvent[] failures = [.. log.Of(KernelEventKind.ScanPmd).Where(static e => e.Status == ScanResult.AllocHugePageFail)];
        Assert.Equal(2, failures.Length);
        Assert.Equal(Geometry.PmdSize, failures[1].Address - failures[0].Address);
        Assert.InRange((failures[1].Time - failures[0].Time).TotalMilliseconds, 100, 110);
        Assert.Single(log.Of(KernelEventKind.PassEnd));
    }

    [Fact] // KH-13, KH-18: an mm that exits under the cursor is met once more, for 1, and its slot freed
    public void An_exited_mm_under_the_cursor_costs_1_once()
    {
        ThpSettings thp = Quick with { PagesToScan = 600 };
        EventLog log = Run(thp, TimeSpan.FromMilliseconds(200), Task("a", Populated(4), HugePage, Until(4)));
        KernelEvent last = log.Of(KernelEventKind.Visit).Last();
        Assert.Equal((1L, true), (last.Amount, last.Writable));
        Assert.Single(log.Of(KernelEventKind.SlotFreed));
        Assert.True(last.Time > log.Of(KernelEventKind.TaskExit).Single().Time);
    }

    private static Step HugePage { get; } = new MadviseStep("a", RegionSpan.All, Advice.HugePage);

    private static Step Mapped(int ranges) => new MapStep("a", ByteSize.FromPages(ranges * 512), false, false, null);

    private static Step Populated(int ranges) => new MapStep("a", ByteSize.FromPages(ranges * 512), true, false, null);

    private static Step Write(RegionSpan span) => new AccessStep("a", span, default, new FillByte(1, false));

    private static Step Until(int milliseconds) => new UntilStep(TimeSpan.FromMilliseconds(milliseconds));

    private static Step Knob(string knob, string value) => new SetKnobStep(knob, value);

    private static TaskSpec Task(string name, params ImmutableArray<Step> program) =>
        new(name, TimeSpan.Zero, ProcessImage.Recorded, program, 0);

    private static long[] Progress(EventLog log) => [.. log.Of(KernelEventKind.Visit).Select(static e => e.Amount)];

    private static EventLog Run(ThpSettings thp, TimeSpan horizon, params ImmutableArray<TaskSpec> tasks) =>
        Run(thp, horizon, TestMachine.Switches612, tasks);

    private static EventLog Run(ThpSettings thp, TimeSpan horizon, KernelSwitches switches, params ImmutableArray<TaskSpec> tasks)
    {
        World? world = null;
        return Run(thp, horizon, ref world, switches, tasks);
    }

    private static EventLog Run(
        ThpSettings thp, TimeSpan horizon, ref World? world, KernelSwitches switches, params ImmutableArray<TaskSpec> tasks)
    {
        var generated = new GeneratedWorld(64, 2, thp, switches, tasks, 0);
        var log = new EventLog();
        World? made = null;
        Hosts.Use(generated.Settings, host =>
        {
            made = new World(host, generated.Spec with { TimelineInterval = TimeSpan.Zero });
            made.Events.Attach(log);
            made.RunUntil(horizon);
            made.Audit();
        });
        world = made;
        return log;
    }
}
