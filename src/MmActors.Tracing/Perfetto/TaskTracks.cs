using MmActors.Model.Events;
using MmActors.Model.Programs;

namespace MmActors.Tracing.Perfetto;

/// <summary>What tasks do and suffer: their life, measurements, waits for mmap_lock, calls, and what smaps shows of their
/// memory (TC-11). Huge ranges are exact at surveys; between them only collapses are counted.</summary>
internal sealed class TaskTracks(TrackTable tracks)
{
    private const string HugeRanges = "AnonHugePages (2 MiB ranges)";

    private readonly SortedDictionary<int, long> _alive = [];
    private readonly SortedDictionary<int, long> _huge = [];

    /// <summary>A range of the task was collapsed.</summary>
    public void AddHuge(int mm, long time)
    {
        _huge[mm] = _huge.GetValueOrDefault(mm) + 1;
        tracks.Counter(mm, HugeRanges).Set(time, _huge[mm]);
    }

    /// <summary>Takes an event, if it concerns a task.</summary>
    public void Take(in KernelEvent entry, long now)
    {
        switch (entry.Kind)
        {
            case KernelEventKind.TaskStart:
                _alive[entry.Mm] = now;
                tracks.Counter(entry.Mm, HugeRanges).Set(now, 0);
                break;
            case KernelEventKind.TaskExit:
                End(entry.Mm, now);
                break;
            case KernelEventKind.Stall when entry.Detail?.Name != KernelWaiters.Collapse:
                Stall(entry, now);
                break;
            case KernelEventKind.Measured:
                Add(entry.Mm, new Slice(now - (entry.Amount * 1000), now, Depth.Middle, "measured reads", 0, ("millicycles per access", entry.Extra)));
                break;
            case KernelEventKind.Madvise:
                Add(entry.Mm, Moment(now, "madvise", ("advice", ((Advice)entry.Extra).ToString()), ("addr", $"0x{entry.Address:x}"), ("errno", entry.Amount)));
                break;
            case KernelEventKind.OomKill:
                Add(entry.Mm, Moment(now, "OOM kill"));
                break;
            case KernelEventKind.Register:
                tracks.Part(entry.Mm, "mm").Add(Moment(now, "registered with khugepaged"));
                break;
            case KernelEventKind.SlotFreed:
                tracks.Part(entry.Mm, "mm").Add(Moment(now, "slot freed"));
                break;
            case KernelEventKind.SwapIn:
                tracks.Part(entry.Mm, "mm").Add(Moment(now, "swap-in", ("pages", entry.Amount), ("addr", $"0x{entry.Address:x}")));
                break;
            case KernelEventKind.TaskFigures:
                _huge[entry.Mm] = entry.Referenced;
                tracks.Counter(entry.Mm, HugeRanges).Set(now, entry.Referenced);
                tracks.Counter(entry.Mm, "Rss (pages)").Set(now, entry.Amount);
                tracks.Counter(entry.Mm, "LazyFree (pages)").Set(now, entry.Extra);
                tracks.Counter(entry.Mm, "Swap (pages)").Set(now, entry.Unmapped);
                break;
        }
    }

    /// <summary>Those still alive live to the end of the trace.</summary>
    public void Close(long now)
    {
        foreach (int mm in _alive.Keys.ToArray())
        {
            End(mm, now);
        }
    }

    private void End(int mm, long now)
    {
        if (_alive.Remove(mm, out long began))
        {
            Add(mm, new Slice(began, now, Depth.Outer, "task", 0));
        }
    }

    private void Stall(in KernelEvent entry, long now)
    {
        long began = now - (entry.Amount * 1000);
        Add(entry.Mm, new Slice(began, now, Depth.Inner, "wait for mmap_lock", CollapseFlows.FlowOf(entry.Detail?.Cause ?? default), ("microseconds", entry.Amount)));
    }

    private void Add(int mm, Slice slice) => tracks.Thread(mm).Add(slice);

    private static Slice Moment(long now, string name, params (string Name, object Value)[] notes) =>
        new(now, now, Depth.Instant, name, 0, notes);
}
