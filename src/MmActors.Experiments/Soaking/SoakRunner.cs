using System.Diagnostics;
using MmActors.Model.Memory;
using MmActors.Runtime;

namespace MmActors.Experiments.Soaking;

/// <summary>Runs a soak slice by slice: between two of them everything stands still, is counted, audited when it is time, and
/// may be saved.</summary>
/// <param name="run">The run, new or restored.</param>
/// <param name="listener">Told how it goes.</param>
public sealed class SoakRunner(SoakRun run, ISoakListener listener)
{
    private readonly SoakRequest _request = run.Request;
    private readonly SoakState _state = run.State;
    private TimeSpan? _audited;

    /// <summary>Runs to the horizon, or until cancelled.</summary>
    /// <exception cref="SimulationFailedException">The simulation broke.</exception>
    /// <exception cref="InvariantException">An audit found something wrong.</exception>
    public SoakResult Run(CancellationToken cancel)
    {
        bool isStopped = false;
        if (run.World.ReservedBytes < GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2)
        {
            run.World.Reserve(); // a larger machine than this one can hold is used only in part, if it is to run at all
        }

        while (_state.Time < _request.Horizon && !isStopped)
        {
            long begin = Stopwatch.GetTimestamp();
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            TimeSpan until = NextStop();
            isStopped = run.Host.Kernel.RunUntil(until, cancel) == RunOutcome.Cancelled;
            if (isStopped)
            {
                run.Host.Kernel.RunUntil(run.Host.Kernel.Now); // what has begun at this moment ends
            }

            TimeSpan reached = isStopped ? run.Host.Kernel.Now : until;
            bool hasMoved = reached > _state.Time; // not so when it was stopped where it stood between two slices
            _state.Time = reached;
            if (hasMoved ? isStopped || IsDue(_request.AuditEvery) : _audited != reached)
            {
                Audit();
                _audited = reached;
            }

            if (hasMoved)
            {
                Count(Stopwatch.GetElapsedTime(begin));
            }

            _state.Processor += Environment.CpuUsage.TotalTime - processor;
            if ((isStopped || IsDue(_request.ReportEvery)) && _state.Time > _state.PeriodStart)
            {
                listener.Summarise(EndPeriod());
            }

            listener.AtRest(run);
        }

        return Result(isStopped);
    }

    /// <summary>The next multiple of any of the intervals, or the end.</summary>
    private TimeSpan NextStop()
    {
        TimeSpan next = _request.Horizon;
        foreach (TimeSpan interval in (TimeSpan[])[SoakRequest.Slice, _request.ReportEvery, _request.AuditEvery])
        {
            TimeSpan multiple = TimeSpan.FromTicks(((_state.Time.Ticks / interval.Ticks) + 1) * interval.Ticks);
            next = multiple < next ? multiple : next;
        }

        return next;
    }

    private bool IsDue(TimeSpan interval) => _state.Time.Ticks % interval.Ticks == 0 || _state.Time == _request.Horizon;

    private void Audit()
    {
        Exploring.RestChecks.Audit(run.World);
        _state.Audits++;
        _state.PeriodAudits++;

        Garbage.Collect(); // page tables that have lived for hours
    }

    private void Count(TimeSpan wall)
    {
        int fallen = run.World.Context.Vmstat.FindDecrease(_state.Counters);
        if (fallen >= 0)
        {
            throw new InvariantException($"counter {VmStat.Name((VmCounter)fallen)} went backwards");
        }

        MemoryNode node = run.World.Report.Node;
        if (node.AccountedPages != node.Folios.Pages)
        {
            throw new InvariantException($"{node.Folios.Pages} pages, but {node.AccountedPages} are accounted for");
        }

        _state.PeriodUsed += 1 - ((double)node.FreePages / node.Folios.Pages);
        _state.PeriodSlices++;
        long rss = Environment.WorkingSet;
        _state.PeriodRss += rss;
        int third = (int)Math.Min(2, 3 * (_state.Time.Ticks - 1) / _request.Horizon.Ticks);
        _state.ThirdRss[third] += rss;
        _state.ThirdSlices[third]++;
        _state.Wall += wall;
    }

    private SoakPeriod EndPeriod()
    {
        var totals = SoakTotals.Of(run.World, run.Host.Kernel.Steps);
        var period = new SoakPeriod(++_state.Periods, _state.PeriodStart, _state.Time, totals - _state.AtPeriodStart)
        {
            Alive = (int)(totals.Started - totals.Exited),
            FreePages = run.World.Report.Node.FreePages,
            Used = _state.PeriodUsed / _state.PeriodSlices,
            SwapUsed = run.World.Report.Swap?.UsedSlots ?? 0,
            Audits = _state.PeriodAudits,
            MeasuredRss = _state.PeriodRss / _state.PeriodSlices,
            MeasuredWall = _state.Wall - _state.WallBefore,
        };
        (_state.PeriodStart, _state.AtPeriodStart, _state.WallBefore) = (_state.Time, totals, _state.Wall);
        (_state.PeriodUsed, _state.PeriodSlices, _state.PeriodRss, _state.PeriodAudits) = (0, 0, 0, 0);
        return period;
    }

    private SoakResult Result(bool isStopped) =>
        new(_state.Time, run.World.Events.Hash, SoakTotals.Of(run.World, run.Host.Kernel.Steps))
        {
            IsStopped = isStopped,
            Audits = _state.Audits,
            MeasuredThirds = [.. _state.ThirdRss.Select((sum, third) => sum / Math.Max(1, _state.ThirdSlices[third]))],
            MeasuredWall = _state.Wall,
            MeasuredProcessor = _state.Processor,
        };
}
