using MmActors.Model;
using MmActors.Model.Events;

namespace MmActors.Experiments.Exploring;

/// <summary>Where a SCAN_* result was reported.</summary>
public enum ResultPlace
{
    /// <summary>mm_khugepaged_scan_pmd.</summary>
    Scan,
    /// <summary>mm_collapse_huge_page_swapin.</summary>
    SwapIn,
    /// <summary>mm_collapse_huge_page_isolate.</summary>
    Isolate,
    /// <summary>mm_collapse_huge_page.</summary>
    Collapse,
}

/// <summary>Follows one schedule's events: in which order they came, whatever the time, which results were reported after how
/// many steps, and the last few for whoever has to look at a failure.</summary>
internal sealed class EventDigest : IKernelEventSink
{
    /// <summary>Events kept for a report of a failure.</summary>
    public const int Kept = 12;

    private static readonly int Places = Enum.GetValues<ResultPlace>().Length;
    private readonly long[] _firstSteps = new long[Places * ScanResultText.Count];
    private readonly KernelEvent[] _last = new KernelEvent[Kept];
    private long _count;
    private ulong _order;

    /// <summary>Step that is running.</summary>
    public required Func<long> Step { get; init; }

    /// <summary>Equal for schedules whose events have the same kinds, address spaces, places and outcomes in the same order.</summary>
    public ulong Order => _order;

    /// <summary>Steps until the result was first reported there; 0 if it was not.</summary>
    public long FirstStep(ResultPlace place, ScanResult result) => _firstSteps[Index(place, result)];

    /// <summary>The last events, oldest first.</summary>
    public IEnumerable<KernelEvent> Last
    {
        get
        {
            for (long index = Math.Max(0, _count - Kept); index < _count; index++)
            {
                yield return _last[index % Kept];
            }
        }
    }

    /// <summary>Forgets everything, for the next schedule.</summary>
    public void Clear()
    {
        Array.Clear(_firstSteps);
        _count = 0;
        _order = 0;
    }

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent)
    {
        Mix(((ulong)kernelEvent.Kind << 56) | ((ulong)kernelEvent.Status << 48) | ((ulong)(uint)kernelEvent.Mm << 8)
            | (kernelEvent.Flag ? 1UL : 0));
        Mix((ulong)kernelEvent.Address ^ ((ulong)kernelEvent.Amount << 20));
        _last[_count++ % Kept] = kernelEvent;
        ResultPlace? place = kernelEvent.Kind switch
        {
            KernelEventKind.ScanPmd => ResultPlace.Scan,
            KernelEventKind.CollapseSwapin => ResultPlace.SwapIn,
            KernelEventKind.CollapseIsolate => ResultPlace.Isolate,
            KernelEventKind.CollapseHugePage => ResultPlace.Collapse,
            _ => null,
        };
        if (place is { } where)
        {
            ref long first = ref _firstSteps[Index(where, kernelEvent.Status)];
            first = first == 0 ? Math.Max(1, Step()) : first;
        }
    }

    private static int Index(ResultPlace place, ScanResult result) => ((int)place * ScanResultText.Count) + (int)result;

    private void Mix(ulong value)
    {
        _order = (_order ^ value) * 0x9E3779B97F4A7C15;
        _order ^= _order >> 32;
    }
}
