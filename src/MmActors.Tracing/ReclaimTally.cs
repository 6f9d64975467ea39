using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Programs;

namespace MmActors.Tracing;

/// <summary>Derives from the event stream what pressure met and what the deferred split shrinker gave back.</summary>
public sealed class ReclaimTally : IKernelEventSink
{
    private readonly HashSet<int> _freeing = [];

    /// <summary>When memory was first asked for: the first reclaim call, kswapd run or shrinker call; null when none was.</summary>
    public TimeSpan? PressureBegan { get; private set; }

    /// <summary>Ranges khugepaged collapsed before that.</summary>
    public int CollapsedBefore { get; private set; }

    /// <summary>Ranges it collapsed from then on.</summary>
    public int CollapsedAfter { get; private set; }

    /// <summary>Those of <see cref="CollapsedBefore"/> that belong to an mm which had called MADV_FREE.</summary>
    public int LazyCollapsedBefore { get; private set; }

    /// <summary>Those of <see cref="CollapsedAfter"/> that belong to such an mm and had none PTEs: what reclaim had emptied is
    /// full again (KH-29b).</summary>
    public int HollowCollapsedAfter { get; private set; }

    /// <summary>Huge pages the shrinker looked at.</summary>
    public int Walked { get; private set; }

    /// <summary>Huge pages it split.</summary>
    public int Split { get; private set; }

    /// <summary>Subpages its splits freed: zero-filled or mapped by nobody (DS-21).</summary>
    public long PagesRegained { get; private set; }

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent)
    {
        switch (kernelEvent.Kind)
        {
            case KernelEventKind.Madvise when kernelEvent.Extra == (long)Advice.Free:
                _freeing.Add(kernelEvent.Mm);
                break;
            case KernelEventKind.ScanPmd when kernelEvent.Flag && kernelEvent.Status == ScanResult.Succeed:
                CountCollapse(kernelEvent);
                break;
            case KernelEventKind.ReclaimBegin or KernelEventKind.KswapdWake or KernelEventKind.ShrinkSlab:
                PressureBegan ??= kernelEvent.Time;
                break;
            case KernelEventKind.DeferredSplit:
                PressureBegan ??= kernelEvent.Time;
                Walked++;
                Split += kernelEvent.Flag ? 1 : 0;
                PagesRegained += kernelEvent.Amount;
                break;
        }
    }

    private void CountCollapse(in KernelEvent collapse)
    {
        bool isLazy = _freeing.Contains(collapse.Mm);
        if (PressureBegan is null)
        {
            CollapsedBefore++;
            LazyCollapsedBefore += isLazy ? 1 : 0;
        }
        else
        {
            CollapsedAfter++;
            HollowCollapsedAfter += isLazy && collapse.NoneOrZero > 0 ? 1 : 0;
        }
    }
}
