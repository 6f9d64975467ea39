using System.Diagnostics;
using MmActors.Experiments.Rendering;
using MmActors.Experiments.Soaking;
using MmActors.Model.Memory;

namespace MmActors.Cli.Execution;

/// <summary>Hands the figures of a soak to whoever watches it, a few times a second at most.</summary>
internal sealed class SoakWatch(WatchServer server)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly VmCounter[] Counters = Enum.GetValues<VmCounter>();
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _next;

    /// <summary>A slice is over.</summary>
    public void AtRest(SoakRun run)
    {
        TimeSpan wall = Stopwatch.GetElapsedTime(_start);
        if (wall < _next && run.State.Time < run.Request.Horizon)
        {
            return;
        }

        _next = wall + Interval;
        SoakTotals totals = SoakTotals.Of(run.World, run.Host.Kernel.Steps);
        VmStat vmstat = run.World.Context.Vmstat;
        List<(string, double)> simulated =
        [
            ("time_s", run.State.Time.TotalSeconds),
            ("horizon_s", run.Request.Horizon.TotalSeconds),
            ("audits", run.State.Audits),
            ("free_pages", run.World.Report.Node.FreePages),
            ("swap_used_pages", run.World.Report.Swap?.UsedSlots ?? 0),
            ("pending_timers", run.Host.Kernel.PendingTimers),
            .. SoakSummary.Counts(totals),
        ];
        foreach (VmCounter counter in Counters)
        {
            simulated.RemoveAll(known => known.Item1 == VmStat.Name(counter));
            simulated.Add((VmStat.Name(counter), vmstat[counter]));
        }

        server.Publish(new WatchFigures(simulated,
        [
            ("rss_bytes", Environment.WorkingSet),
            ("live_heap_bytes", GC.GetGCMemoryInfo(GCKind.FullBlocking).HeapSizeBytes), // at the last audit
            ("committed_heap_bytes", GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes),
            ("wall_s", wall.TotalSeconds),
            ("times_real_time", run.State.Wall > TimeSpan.Zero ? Math.Round(run.State.Time / run.State.Wall) : 0),
        ]));
    }
}
