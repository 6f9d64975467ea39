using MmActors.Actors.Tests.Harness;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Runtime;

namespace MmActors.Actors.Tests.Thread;

/// <summary>Programs that write sysfs while khugepaged works (KH-1, KH-2, KH-7).</summary>
public sealed class KnobTests : IDisposable
{
    private readonly SimHost _host = SimHost.Start();
    private readonly EventLog _events = new();

    public void Dispose() => _host.Dispose();

    [Fact] // KH-1: the pass follows the write at once, also when the new sleep is longer
    public void Writing_scan_sleep_starts_a_pass_and_pages_to_scan_does_not()
    {
        World world = Run(30_000,
            Worlds.Map(1), Worlds.Fill(), Worlds.Advise(Advice.HugePage), Worlds.Sleep(1_000),
            Worlds.Knob("khugepaged/pages_to_scan", "1024"), Worlds.Sleep(1_000),
            Worlds.Knob("khugepaged/scan_sleep_millisecs", "20000"), Worlds.Sleep(60_000));
        KernelEvent[] passes = [.. _events.Of(KernelEventKind.PassBegin)];
        TimeSpan written = _events.Of(KernelEventKind.KnobWrite)[1].Time;
        Assert.Equal(written, passes[1].Time);
        Assert.Equal([4096L, 1024L, 1024L], passes.Select(static pass => pass.Amount));
        Assert.InRange(passes[2].Time - written, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(22.1));
        Assert.Equal(3, world.Report.Khugepaged.FullScans);
    }

    [Fact] // KH-2: off stops the thread, the list survives, on starts it again
    public void Switching_off_and_on_stops_and_starts_the_thread()
    {
        Run(60_000,
            Worlds.Map(1), Worlds.Fill(), Worlds.Advise(Advice.HugePage), Worlds.Sleep(1_000),
            Worlds.Knob("enabled", "never"), Worlds.Sleep(30_000),
            Worlds.Knob("enabled", "madvise"), Worlds.Sleep(60_000));
        TimeSpan[] passes = [.. _events.Of(KernelEventKind.PassBegin).Select(static pass => pass.Time)];
        TimeSpan on = _events.Of(KernelEventKind.KnobWrite)[1].Time;
        Assert.Equal(on, passes[1]);
        Assert.InRange(on, TimeSpan.FromSeconds(31), TimeSpan.FromSeconds(31.1));
        Assert.Single(_events.Of(KernelEventKind.Register));
        Assert.InRange(passes[2] - on, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10.3));
    }

    [Fact] // KH-2: the per-size word alone decides when it does not inherit
    public void The_per_size_word_governs_the_thread()
    {
        Run(60_000,
            Worlds.Map(1), Worlds.Fill(), Worlds.Advise(Advice.HugePage), Worlds.Sleep(1_000),
            Worlds.Knob("hugepages-2048kB/enabled", "madvise"), Worlds.Knob("enabled", "never"), Worlds.Sleep(20_000),
            Worlds.Knob("hugepages-2048kB/enabled", "never"), Worlds.Sleep(20_000),
            Worlds.Knob("hugepages-2048kB/enabled", "inherit"), Worlds.Knob("enabled", "always"), Worlds.Sleep(60_000));
        double[] passes = [.. _events.Of(KernelEventKind.PassBegin).Select(static pass => pass.Time.TotalSeconds)];
        Assert.Equal([0, 10, 20, 41, 51], passes.Select(static time => (int)time));
    }

    [Fact] // KH-2, KH-4.1: the thread stops in the middle of a pass; what it had begun is finished or refused
    public void Switching_off_ends_the_running_pass()
    {
        World world = Run(60_000,
            Worlds.Map(8), Worlds.Fill(), Worlds.Advise(Advice.HugePage), Worlds.Sleep(12),
            Worlds.Knob("enabled", "never"), Worlds.Sleep(60_000));
        KernelEvent end = Assert.Single(_events.Of(KernelEventKind.PassEnd));
        Assert.Equal(4096, end.Amount);
        Assert.InRange(end.Time - _events.Of(KernelEventKind.KnobWrite)[0].Time, TimeSpan.Zero, TimeSpan.FromMilliseconds(6));
        Assert.InRange(world.Report.Khugepaged.PagesCollapsed, 1, 3);
    }

    [Fact] // KH-2: a word that changes nothing about the thread's existence does not wake it
    public void From_madvise_to_always_nothing_wakes()
    {
        Run(8_000,
            Worlds.Map(1), Worlds.Fill(), Worlds.Advise(Advice.HugePage), Worlds.Sleep(1_000),
            Worlds.Knob("enabled", "always"), Worlds.Sleep(60_000));
        Assert.Single(_events.Of(KernelEventKind.PassBegin));
    }

    [Fact] // SM-17, ST-44: 32768 pages freed by one call on one CPU
    public void The_last_pages_of_a_large_MADV_FREE_wait_for_a_drain()
    {
        World world = Run(1_000, Worlds.Map(64, populate: true), Worlds.Advise(Advice.Free), new SnapStep("freed"), Worlds.Sleep(60_000));
        Assert.Equal(32767, world.Context.Vmstat[VmCounter.PgLazyfree]);
        Assert.Equal(131068, world.Report.Snaps[0].Tasks[0].Figures.LazyfreePages * 4);
        Assert.Equal(32768, world.Report.Snaps[0].Tasks[0].Figures.RssPages);
        Assert.Equal(32767, world.Report.Node.Lru.Pages(LruKind.InactiveFile));
    }

    private World Run(int milliseconds, params Step[] program)
    {
        var world = new World(_host, Worlds.Of(Kernels.Old, new ThpSettings(), [.. program]));
        world.Events.Attach(_events);
        world.RunUntil(TimeSpan.FromMilliseconds(milliseconds));
        world.Audit();
        return world;
    }
}
