using MmActors.Model.Events;
using MmActors.Tracing.Ftrace;

namespace MmActors.Tracing.Perfetto;

/// <summary>Reclaim: kswapd, the context of each task and of khugepaged, the deferred split shrinker, and the swap
/// device.</summary>
internal sealed class ReclaimTracks(TrackTable tracks, TraceThreads threads)
{
    private readonly SortedDictionary<int, long> _calls = [];
    private readonly SortedDictionary<int, long> _rounds = [];
    private (long Begin, int By)? _shrinker;
    private readonly SortedDictionary<int, long> _roundWrites = [];
    private long _written;
    private long _read;

    /// <summary>Takes an event, if it concerns reclaim.</summary>
    public void Take(in KernelEvent entry, long now)
    {
        switch (entry.Kind)
        {
            case KernelEventKind.KswapdWake or KernelEventKind.ReclaimBegin:
                _calls[entry.By] = now;
                break;
            case KernelEventKind.KswapdSleep:
                EndCall(entry.By, now, "awake");
                break;
            case KernelEventKind.ReclaimEnd:
                EndCall(entry.By, now, entry.Flag ? "memcg reclaim" : "direct reclaim", ("nr_reclaimed", entry.Amount));
                break;
            case KernelEventKind.LruIsolate:
                _rounds[entry.By] = now;
                break;
            case KernelEventKind.ShrinkInactive:
                EndRound(entry, now, "shrink_inactive", ("nr_scanned", entry.Amount), ("nr_reclaimed", entry.Extra), ("priority", entry.Pfn));
                Written(entry.By, now);
                break;
            case KernelEventKind.ShrinkActive:
                EndRound(entry, now, "shrink_active", ("nr_taken", entry.Extra), ("priority", entry.Pfn));
                break;
            case KernelEventKind.FolioWritten:
                _roundWrites[entry.By] = _roundWrites.GetValueOrDefault(entry.By) + entry.Amount;
                break;
            case KernelEventKind.SwapIn:
                _read += entry.Amount;
                tracks.Counter(0, "swap: pages brought in").Set(now, _read);
                Swap().Add(new Slice(now, now, Depth.Instant, "brought in", 0, ("for", threads.Comm(entry.Mm)), ("pages", entry.Amount)));
                break;
            case KernelEventKind.ShrinkSlabBegin:
                _shrinker = (now, entry.By);
                break;
            case KernelEventKind.DeferredSplit:
                Shrinker().Add(new Slice(now, now, Depth.Instant, entry.Flag ? "split" : "kept", 0, ("pages freed", entry.Amount)));
                break;
            case KernelEventKind.ShrinkSlab:
                EndShrinker(now, ("for", threads.Comm(entry.By)), ("objects", entry.Address), ("total_scan", entry.Amount), ("splits", entry.Unmapped));
                break;
            case KernelEventKind.NodeFigures:
                tracks.Counter(0, "nr_free_pages").Set(now, entry.Amount);
                tracks.Counter(0, "split_queue_len").Set(now, entry.Extra);
                break;
        }
    }

    /// <summary>What is under way ends with the trace.</summary>
    public void Close(long now)
    {
        foreach (int by in _calls.Keys.ToArray())
        {
            EndCall(by, now, "reclaim (unfinished)");
        }

        EndShrinker(now);
    }

    /// <summary>kswapd is its own thread; everybody else reclaims in a context of their own.</summary>
    private Track Context(int by) => by switch
    {
        KernelThread.Kswapd => tracks.Thread(by),
        KernelThread.Khugepaged => tracks.Part(0, "reclaim for khugepaged"),
        _ => tracks.Part(by, "reclaim"),
    };

    /// <summary>What a round sent to the swap device; one moment a round, not one a page.</summary>
    private void Written(int by, long now)
    {
        if (_roundWrites.Remove(by, out long pages))
        {
            _written += pages;
            tracks.Counter(0, "swap: pages written").Set(now, _written);
            Swap().Add(new Slice(now, now, Depth.Instant, "written", 0, ("by", threads.Comm(by)), ("pages", pages)));
        }
    }

    private Track Swap() => tracks.Part(0, "swap");

    private Track Shrinker() => tracks.Part(0, "deferred split shrinker");

    private void EndCall(int by, long now, string name, params (string Name, object Value)[] notes)
    {
        if (_calls.Remove(by, out long began))
        {
            Context(by).Add(new Slice(began, now, Depth.Outer, name, 0, notes));
        }
    }

    private void EndRound(in KernelEvent entry, long now, string name, params (string Name, object Value)[] notes)
    {
        if (_rounds.Remove(entry.By, out long began))
        {
            Context(entry.By).Add(new Slice(began, now, Depth.Inner, name, 0, notes));
        }
    }

    private void EndShrinker(long now, params (string Name, object Value)[] notes)
    {
        if (_shrinker is { } call)
        {
            Shrinker().Add(new Slice(call.Begin, now, Depth.Outer, "shrink", 0, notes));
            _shrinker = null;
        }
    }
}
