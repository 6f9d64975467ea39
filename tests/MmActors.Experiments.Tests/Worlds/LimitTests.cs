using System.Collections.Immutable;
using MmActors.Actors;
using MmActors.Actors.Reclaim;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;
using MmActors.Runtime;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>memory.max without swap: who is killed, in which state it may be, and who is never killed for (RC-60, RC-70).</summary>
public class LimitTests
{
    private static readonly Step Day = new SleepStep(TimeSpan.FromDays(1));
    private static readonly ThpSettings NoThp = new() { Enabled = ThpEnabled.Never };

    [Fact] // RC-60, RC-70: the task that faults is the only candidate
    public void A_task_alone_over_memory_max_is_killed_in_its_fault()
    {
        World world = Run(500, NoThp, out EventLog log, Task("a", Map(512), Write(0, 512), Day));
        Assert.Equal(1, world.Context.Vmstat[VmCounter.OomKill]);
        Assert.Contains("OOM", world.Report.Tasks[0].Fault, StringComparison.Ordinal);
        Assert.Equal((0L, 0L), (world.Report.Node.Memcgs[1].Usage, world.Report.Spaces[0].RssPages));
        Assert.Single(log.Of(KernelEventKind.TaskExit));
    }

    [Fact] // RC-70: the largest is killed, although it sleeps; the one that faulted goes on
    public void A_sleeping_task_is_killed_for_a_smaller_one_that_faults()
    {
        World world = Run(
            500, NoThp, out _, Task("big", Map(512), Write(0, 400), Day),
            Task("small", Until(5), Map(512), Write(0, 200), new SnapStep("after"), Day));
        Assert.Equal(["big"], world.Report.Tasks.Where(static task => task.Fault is not null).Select(static task => task.Name));
        Assert.Equal("after", Assert.Single(world.Report.Snaps).Name);
        Assert.Equal((200L, 200L), (world.Report.Node.Memcgs[1].Usage, world.Report.Spaces[1].RssPages));
    }

    [Theory] // KH-36 exit of the mm: the victim's range is under collapse, which notices at C2 or makes the exit wait
    [InlineData(1_064, 0, ScanResult.CgroupChargeFail)] // before C1: the page leaves no room for the charge
    [InlineData(1_068, 1, ScanResult.AnyProcess)]
    [InlineData(1_084, 1, ScanResult.AnyProcess)]
    [InlineData(1_088, 1, ScanResult.Succeed)]
    [InlineData(1_300, 1, ScanResult.Succeed)]
    [InlineData(1_496, 1, ScanResult.Succeed)]
    [InlineData(1_500, 0, ScanResult.Succeed)] // the sources are free again
    public void A_victim_whose_range_is_being_collapsed_exits_when_it_may(int killedAt, int kills, ScanResult expected)
    {
        EventLog log = KillDuringCollapse(
            kills, Map(512), Write(0, 76), new UntilStep(TimeSpan.FromMicroseconds(killedAt)), Write(76, 1), Day);
        KernelEvent end = Assert.Single(log.Of(KernelEventKind.ScanPmd));
        Assert.Equal(expected, end.Status);
        Assert.All(
            log.Of(KernelEventKind.TaskExit),
            exit => Assert.Equal(expected == ScanResult.AnyProcess, exit.Time < end.Time));
    }

    [Theory] // RC-70: the same while the other task goes on faulting
    [InlineData(0, 0)]
    [InlineData(50, 0)]
    [InlineData(100, 1)]
    [InlineData(200, 1)]
    [InlineData(300, 1)]
    [InlineData(400, 1)]
    [InlineData(500, 0)]
    [InlineData(600, 0)]
    public void A_victim_whose_range_is_being_collapsed_leaves_a_sound_world(int afterMicroseconds, int kills)
    {
        EventLog log = KillDuringCollapse(
            kills, new UntilStep(TimeSpan.FromMicroseconds(1000 + afterMicroseconds)), Map(512), Write(0, 512), Day);
        Assert.NotEmpty(log.Of(KernelEventKind.ScanPmd));
    }

    [Fact] // RC-60: 1 + 16 calls of a charge of 512 pages and one before them; never a kill
    public void A_collapse_over_memory_max_calls_reclaim_18_times_and_fails()
    {
        World world = Run(
            900, new ThpSettings { ScanSleepMillisecs = 100_000 }, out EventLog log,
            Task("a", Map(512), Write(0, 512), new MadviseStep("a", RegionSpan.All, Advice.HugePage), Day));
        Assert.Equal(18, log.Of(KernelEventKind.ReclaimBegin).Count(static call => call.Extra == (long)Reclaimer.Khugepaged));
        Assert.Equal(ScanResult.CgroupChargeFail, Assert.Single(log.Of(KernelEventKind.CollapseHugePage)).Status);
        Assert.Equal(0, world.Context.Vmstat[VmCounter.OomKill]);
        Assert.Equal(512, world.Report.Node.Memcgs[1].Usage);
    }

    /// <summary>Advice at 1 ms begins a pass on the larger task: drain 50 us, VISIT and scan 16 us, the huge page 20 us, isolate
    /// and copy 410 us. The 812 + 512 pages of a collapse leave 76 to the other task.</summary>
    private static EventLog KillDuringCollapse(int kills, params ImmutableArray<Step> other)
    {
        World world = Run(
            1400, new ThpSettings(), out EventLog log,
            Task(
                "big", Map(1024), Write(0, 812), Until(1),
                new MadviseStep("a", new RegionSpan(default, ByteSize.FromPages(512)), Advice.HugePage), Day),
            Task("small", other));
        Assert.Equal(kills, world.Context.Vmstat[VmCounter.OomKill]);
        Assert.Equal(kills == 1 ? ["big"] : [], world.Report.Tasks.Where(static task => task.Fault is not null).Select(static task => task.Name));
        return log;
    }

    private static Step Map(int pages) => new MapStep("a", ByteSize.FromPages(pages), false, false, default(ByteSize));

    private static Step Write(int first, int pages) => new AccessStep(
        "a", new RegionSpan(ByteSize.FromPages(first), ByteSize.FromPages(pages)), new ByteSize(4096), new FillByte(1, false));

    private static Step Until(int milliseconds) => new UntilStep(TimeSpan.FromMilliseconds(milliseconds));

    private static TaskSpec Task(string name, params ImmutableArray<Step> program) =>
        new(name, TimeSpan.Zero, ProcessImage.Recorded, program, 0) { Cgroup = "g" };

    private static World Run(long limit, ThpSettings thp, out EventLog events, params ImmutableArray<TaskSpec> tasks)
    {
        var log = new EventLog();
        World? made = null;
        Hosts.Use(new SimSettings { StepLimit = 300_000 }, host =>
        {
            made = new World(host, new WorldSpec
            {
                Memory = ByteSize.FromMebibytes(64),
                Thp = thp,
                Switches = TestMachine.Switches612,
                Machine = TestMachine.With(2),
                Tasks = tasks,
                Cgroups = [new CgroupSpec("g", new MemcgLimits { MaxPages = limit })],
                TimelineInterval = TimeSpan.Zero,
                Seed = 1,
            });
            made.Events.Attach(log);
            Assert.NotEqual(RunOutcome.StepLimit, made.RunUntil(TimeSpan.FromSeconds(1)));
            made.Audit();
        });
        events = log;
        return made!;
    }
}
