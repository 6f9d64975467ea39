using MmActors.Model;
using MmActors.Model.Events;

namespace MmActors.Tracing;

/// <summary>One complete traversal of khugepaged's list.</summary>
/// <param name="Start">Time of its first VISIT.</param>
/// <param name="End">Time at which full_scans was incremented.</param>
/// <param name="Progress">Budget charged on the way, in pages.</param>
/// <param name="Passes">Passes it was spread over.</param>
/// <param name="Visits">VISITs it made.</param>
public sealed record Traversal(TimeSpan Start, TimeSpan End, long Progress, int Passes, int Visits);

/// <summary>Ranges of one address space that khugepaged looked at with one result within one interval.</summary>
/// <param name="Interval">Index of the interval: 0 ends at the first timeline point.</param>
/// <param name="Mm">The address space.</param>
/// <param name="Status">The result.</param>
/// <param name="Ranges">How many.</param>
public readonly record struct IntervalCount(long Interval, int Mm, ScanResult Status, int Ranges);

/// <summary>Derives from the event stream where khugepaged's budget went, and how long its traversals took.</summary>
/// <param name="interval">Distance of timeline points; zero when no counts per interval are wanted.</param>
public sealed class ScanBudget(TimeSpan interval) : IKernelEventSink
{
    private readonly List<IntervalCount> _intervals = [];
    private readonly SortedDictionary<(int Mm, ScanResult Status), int> _open = [];
    private long _openInterval;
    private readonly SortedDictionary<int, ScanTally> _tallies = [];
    private readonly List<Traversal> _traversals = [];
    private TimeSpan? _start;
    private long _progress;
    private long _rangeCharges;
    private int _passes;
    private int _visits;
    private int _lastPass;

    /// <summary>Passes begun.</summary>
    public int Passes { get; private set; }

    /// <summary>Completed traversals in order.</summary>
    public IReadOnlyList<Traversal> Traversals => _traversals;

    /// <summary>The traversal under way, as far as VISITs have ended; null when none has begun.</summary>
    /// <param name="end">Its last event so far.</param>
    public Traversal? Unfinished(TimeSpan end) =>
        _start is { } start ? new Traversal(start, end, _progress, _passes, _visits) : null;

    /// <summary>What khugepaged did in one address space; null when it never came there.</summary>
    public ScanTally? this[int mm] => _tallies.GetValueOrDefault(mm);

    /// <summary>Counts per interval, in order of time; call once the run is over.</summary>
    public IReadOnlyList<IntervalCount> Intervals()
    {
        CloseInterval();
        return _intervals;
    }

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent)
    {
        switch (kernelEvent.Kind)
        {
            case KernelEventKind.PassBegin:
                Passes++;
                break;
            case KernelEventKind.ScanPmd when kernelEvent.Flag:
                _start ??= kernelEvent.Time;
                Tally(kernelEvent.Mm).Count(kernelEvent.Status, kernelEvent.Amount);
                CountInInterval(kernelEvent);
                _rangeCharges += kernelEvent.Amount;
                break;
            case KernelEventKind.Visit:
                OnVisit(kernelEvent);
                break;
        }
    }

    private void OnVisit(in KernelEvent visit)
    {
        _start ??= visit.Time;
        Tally(visit.Mm).VisitsAndVmas += visit.Amount - _rangeCharges;
        _rangeCharges = 0;
        _progress += visit.Amount;
        _visits++;
        if (_lastPass != Passes)
        {
            _lastPass = Passes;
            _passes++;
        }

        if (visit.Writable)
        {
            _traversals.Add(new Traversal(_start.Value, visit.Time, _progress, _passes, _visits));
            (_start, _progress, _passes, _visits, _lastPass) = (null, 0, 0, 0, 0);
        }
    }

    /// <summary>An event at the very moment of a timeline point belongs to the interval that ends there.</summary>
    private void CountInInterval(in KernelEvent range)
    {
        if (interval <= TimeSpan.Zero)
        {
            return;
        }

        long index = Math.Max(0, (range.Time.Ticks - 1) / interval.Ticks);
        if (index != _openInterval)
        {
            CloseInterval();
            _openInterval = index;
        }

        (int, ScanResult) key = (range.Mm, range.Status);
        _open[key] = _open.GetValueOrDefault(key) + 1;
    }

    private void CloseInterval()
    {
        foreach (((int mm, ScanResult status), int ranges) in _open)
        {
            _intervals.Add(new IntervalCount(_openInterval, mm, status, ranges));
        }

        _open.Clear();
    }

    private ScanTally Tally(int mm)
    {
        if (!_tallies.TryGetValue(mm, out ScanTally? tally))
        {
            tally = new ScanTally();
            _tallies.Add(mm, tally);
        }

        return tally;
    }
}

/// <summary>Ranges and budget of one address space, by status.</summary>
public sealed class ScanTally
{
    private readonly long[] _counts = new long[ScanResultText.Count];
    private readonly long[] _charges = new long[ScanResultText.Count];
    private readonly List<ScanResult> _order = [];

    /// <summary>Budget spent on VISITs and on VMAs stepped over (KH-13, KH-14).</summary>
    public long VisitsAndVmas { get; internal set; }

    /// <summary>Every status met, in order of first occurrence, with its ranges and the budget they cost.</summary>
    public IEnumerable<(ScanResult Status, long Ranges, long Charge)> Statuses =>
        _order.Select(status => (status, _counts[(int)status], _charges[(int)status]));

    internal void Count(ScanResult status, long charge)
    {
        if (_counts[(int)status]++ == 0)
        {
            _order.Add(status);
        }

        _charges[(int)status] += charge;
    }
}
