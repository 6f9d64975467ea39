using MmActors.Actors;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Experiments.Recording;

/// <summary>Takes down what a report draws: events as they come, and pictures of memory at equal distances, taken while
/// the world stands still. It sends nothing to anybody, so the run is the same with and without it.</summary>
public sealed class RunRecorder : IKernelEventSink
{
    /// <summary>Most samples of a run.</summary>
    public const int MostSamples = 180;

    /// <summary>Most rows of a region.</summary>
    public const int MostRows = 64;

    /// <summary>Most regions that are shown.</summary>
    public const int MostLanes = 12;

    /// <summary>Most regions that are watched; the largest of them are shown.</summary>
    private const int MostWatched = 512;

    private const int MostSlices = 40;
    private const int FewestSlices = 8;

    /// <summary>A scenario of milliseconds is one for exploring: its tasks are soon done, and what they did is looked at ten times
    /// as closely. Its ranges hold a few pages each.</summary>
    private const int Closer = 10;

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(MostSamples);

    private readonly TimeSpan _duration;
    private readonly int _samples;
    private readonly List<WatchedRegion> _regions = [];
    private readonly SortedDictionary<int, string> _tasks = [];
    private readonly List<(TimeSpan Time, WatchedRegion Region, long Address, ScanResult Status, int Ranges, long Charge)> _looks = [];
    private readonly SortedDictionary<(int Slice, int Mm, ScanResult Status), (long Ranges, long Pages)> _budget = [];
    private readonly SortedDictionary<(int Mm, bool IsKhugepaged), TimeSpan> _isolated = [];
    private readonly List<MemorySample> _memory = [];
    private readonly List<TimeSpan> _collapses = [];
    private readonly List<TimeSpan> _stalls = [];
    private readonly HashSet<int> _alive = [];
    private TimeSpan _lastExit;
    private WatchedRegion? _lookedAt;
    private TimeSpan _end;
    private int _leftOut;

    /// <summary>A recorder for a run of this length.</summary>
    /// <param name="duration">Simulated time the run is to cover.</param>
    /// <param name="timeline">The scenario's own distance of points, which the budget follows when it gives a readable number of
    /// slices.</param>
    public RunRecorder(TimeSpan duration, TimeSpan timeline)
    {
        _duration = duration;
        int times = IsShort ? Closer : 1;
        Interval = Nice(duration, times * MostSamples);
        SliceLength = timeline > TimeSpan.Zero && duration / timeline is >= FewestSlices and <= MostSlices
            ? timeline : Nice(duration, times * MostSlices);
        _samples = (int)((duration.Ticks + Interval.Ticks - 1) / Interval.Ticks);
    }

    /// <summary>Distance of the samples: 1, 2 or 5 times a power of ten.</summary>
    public TimeSpan Interval { get; }

    private TimeSpan SliceLength { get; }

    private bool IsShort => _duration < Short;

    /// <summary>When the next picture is due; null when all are taken.</summary>
    public TimeSpan? Due => _memory.Count >= _samples ? null
        : TimeSpan.FromTicks(Math.Min(_duration.Ticks, Interval.Ticks * (_memory.Count + 1)));

    /// <summary>Takes a picture; call while nothing runs, at the time that is due.</summary>
    public void Sample(World world)
    {
        int column = _memory.Count;
        _end = Due ?? _duration;
        MemoryNode node = world.Report.Node;
        _memory.Add(new MemorySample(_end, node.FreePages, node.NodeSizes()));
        foreach (WatchedRegion region in _regions)
        {
            if (!region.IsGone)
            {
                region.Sample(world.Report.Spaces[region.Mm - 1], column);
            }
        }
    }

    /// <summary>What was taken down; call once the run is over.</summary>
    public RunRecording Finish()
    {
        int kept = SamplesToKeep();
        TimeSpan end = kept == _memory.Count ? _end : _memory[kept - 1].Time;
        WatchedRegion[] shown = [.. _regions
            .OrderByDescending(static region => region.Windows).Take(MostLanes)
            .OrderBy(static region => region.Mm).ThenBy(static region => region.Start)];
        return new RunRecording
        {
            Interval = Interval,
            SliceLength = SliceLength,
            End = end,
            IdleFrom = kept == _memory.Count ? null : _lastExit,
            Lanes = [.. shown.Select(region => region.ToLane(TaskOf(region.Mm), kept))],
            LanesLeftOut = _regions.Count - shown.Length + _leftOut,
            Looks = [.. Looks(shown).Where(look => look.Time <= end)],
            Budget = [.. _budget.Where(entry => entry.Key.Slice * SliceLength < end).Select(entry => new BudgetSlice(
                entry.Key.Slice, TaskOf(entry.Key.Mm), entry.Key.Status, entry.Value.Ranges, entry.Value.Pages))],
            Memory = [.. _memory.Take(kept)],
            Collapses = [.. _collapses],
            Stalls = [.. _stalls],
        };
    }

    /// <summary>Who waited is told only where steps are.</summary>
    public bool FollowsSteps => true;

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent)
    {
        switch (kernelEvent.Kind)
        {
            case KernelEventKind.TaskStart:
                _tasks[kernelEvent.Mm] = kernelEvent.Detail!.Name!;
                _alive.Add(kernelEvent.Mm);
                break;
            case KernelEventKind.TaskExit:
                _alive.Remove(kernelEvent.Mm);
                _lastExit = kernelEvent.Time;
                foreach (WatchedRegion region in _regions)
                {
                    region.IsGone |= region.Mm == kernelEvent.Mm;
                }

                break;
            case KernelEventKind.ScanPmd when kernelEvent.Flag:
                OnScan(kernelEvent);
                break;
            case KernelEventKind.CollapseIsolate:
                _isolated[(kernelEvent.Mm, kernelEvent.Flag)] = kernelEvent.Time;
                break;
            case KernelEventKind.CollapseHugePage when _isolated.Remove((kernelEvent.Mm, kernelEvent.Flag), out TimeSpan began):
                _collapses.Add(kernelEvent.Time - began);
                break;
            case KernelEventKind.Stall when kernelEvent.Detail is { Since: { } since, Name: not KernelWaiters.Collapse }:
                _stalls.Add(kernelEvent.Time - since);
                break;
        }
    }

    /// <inheritdoc/>
    public void EmitDetail(in KernelEvent kernelEvent)
    {
        if (kernelEvent.Kind == KernelEventKind.Mapped)
        {
            Watch(kernelEvent.Mm, kernelEvent.Detail!.Name!, kernelEvent.Address, kernelEvent.Address + kernelEvent.Amount);
        }
        else if (kernelEvent.Kind == KernelEventKind.Forked)
        {
            int parent = kernelEvent.Mm;
            foreach (WatchedRegion region in _regions.Where(region => region.Mm == parent).ToArray())
            {
                Watch((int)kernelEvent.Amount, region.Name, region.Start, region.End);
            }
        }
    }

    /// <summary>A run that was over long before its end is shown up to there, and one sample further.</summary>
    private int SamplesToKeep()
    {
        int kept = _memory.FindIndex(sample => sample.Time >= _lastExit) + 2;
        return _alive.Count == 0 && kept > 2 && 2 * kept <= _memory.Count ? kept : _memory.Count;
    }

    private string TaskOf(int mm) => _tasks.GetValueOrDefault(mm, "");

    /// <summary>A region that is mapped again at the same place goes on in its rows.</summary>
    private void Watch(int mm, string name, long start, long end)
    {
        long first = Geometry.PmdFloor(start);
        long behind = Geometry.PmdCeiling(end);
        if (_regions.Any(region => region.Mm == mm && region.Start == first && region.End == behind))
        {
            return;
        }

        if (_regions.Count == MostWatched)
        {
            _leftOut++;
            return;
        }

        _regions.Add(new WatchedRegion(mm, name, first, behind, _samples, IsShort));
    }

    private void OnScan(in KernelEvent scan)
    {
        var key = ((int)(Math.Max(0, scan.Time.Ticks - 1) / SliceLength.Ticks), scan.Mm, scan.Status);
        (long ranges, long pages) = _budget.GetValueOrDefault(key);
        _budget[key] = (ranges + 1, pages + scan.Amount);
        if (_lookedAt?.Contains(scan.Mm, scan.Address) != true)
        {
            (int mm, long address) = (scan.Mm, scan.Address);
            _lookedAt = _regions.Find(region => region.Contains(mm, address));
        }

        if (_lookedAt is { } looked)
        {
            AddLook(scan, looked);
        }
    }

    /// <summary>A look at the next range within the same sample that ended the same way only makes the last entry longer.</summary>
    private void AddLook(in KernelEvent scan, WatchedRegion region)
    {
        if (_looks is [.., var last] && last.Region == region && last.Status == scan.Status
            && scan.Address == last.Address + ((long)last.Ranges << Geometry.PmdShift)
            && scan.Time.Ticks / Interval.Ticks == last.Time.Ticks / Interval.Ticks)
        {
            _looks[^1] = last with { Ranges = last.Ranges + 1, Charge = last.Charge + scan.Amount };
        }
        else
        {
            _looks.Add((scan.Time, region, scan.Address, scan.Status, 1, scan.Amount));
        }
    }

    private IEnumerable<Look> Looks(WatchedRegion[] shown)
    {
        foreach (var (time, region, address, status, ranges, charge) in _looks)
        {
            int lane = Array.IndexOf(shown, region);
            if (lane >= 0)
            {
                int behind = region.RowOf(address + ((ranges - 1L) << Geometry.PmdShift)) + 1;
                yield return new Look(time, lane, region.RowOf(address), behind, status, ranges, charge);
            }
        }
    }

    /// <summary>The shortest of 1, 2, 5, 10 … ms (of a short run: of 10, 20, 50 … µs) that divides the duration into at most so many parts.</summary>
    private static TimeSpan Nice(TimeSpan duration, int most)
    {
        long unit = duration < Short ? 10 * TimeSpan.TicksPerMicrosecond : TimeSpan.TicksPerMillisecond;
        while (true)
        {
            foreach (int factor in (ReadOnlySpan<int>)[1, 2, 5])
            {
                if (unit * factor * most >= duration.Ticks)
                {
                    return TimeSpan.FromTicks(unit * factor);
                }
            }

            unit *= 10;
        }
    }
}
