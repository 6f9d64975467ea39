using MmActors.Model.Coverage;
using MmActors.Model.Memory;

namespace MmActors.Model.Reclaim;

/// <summary>The priorities of one run of kswapd: balance_pgdat (RC-11). Whether the node is balanced before the first
/// step is the caller's question; a balanced node needs no run.</summary>
public sealed class KswapdRun
{
    private bool _cacheTrimSeen;

    /// <summary>A run that is over: <see cref="Begin"/> starts one, as often as wanted.</summary>
    public KswapdRun() => IsOver = true;

    /// <summary>12…1 of the next step; 0 when every priority was tried.</summary>
    public int Priority { get; private set; }

    /// <summary>The run is being repeated without RC-16e, because with it nothing was found.</summary>
    public bool CacheTrimOff { get; private set; }

    /// <summary>No step follows.</summary>
    public bool IsOver { get; private set; }

    /// <summary>The run ended because the node was balanced with priorities left. After the last priority the kernel no
    /// longer looks.</summary>
    public bool EndedBalanced { get; private set; }

    /// <summary>RC-12: a full run without any page, one of the 16 that make the node hopeless.</summary>
    public bool Failed => IsOver && !EndedBalanced && Reclaimed == 0;

    /// <summary>Pages of all steps, a repetition included.</summary>
    public long Reclaimed { get; private set; }

    /// <summary>Starts a run at priority 12; pageoutrun moves by one.</summary>
    public void Begin()
    {
        Priority = ReclaimLimits.DefPriority;
        Reclaimed = 0;
        CacheTrimOff = IsOver = EndedBalanced = _cacheTrimSeen = false;
    }

    /// <summary>Ends one step: a shrink_node over all memcgs at <see cref="Priority"/>.</summary>
    /// <param name="scanned">Pages scanned in this step.</param>
    /// <param name="reclaimed">Pages reclaimed in this step.</param>
    /// <param name="target">Σ max(high, 32) over the eligible zones.</param>
    /// <param name="balanced">One eligible zone meets high now.</param>
    /// <param name="cacheTrimSeen">Anon was spared in this step by RC-16e (<see cref="ScanBalance.IsCacheTrim"/>).</param>
    /// <exception cref="InvariantException">The run is over.</exception>
    public void EndStep(long scanned, long reclaimed, long target, bool balanced, bool cacheTrimSeen)
    {
        if (IsOver)
        {
            throw new InvariantException("a step of kswapd ended outside a run");
        }

        Reclaimed += reclaimed;
        _cacheTrimSeen |= cacheTrimSeen;
        if (scanned < target || reclaimed == 0)
        {
            Priority--;
        }

        if (Priority == 0 && !StartsAgain())
        {
            IsOver = true;
            CoverageMarks.HitIf(Failed, ReclaimMark.KswapdRunFails);
        }
        else if (balanced)
        {
            CoverageMarks.Hit(ReclaimMark.KswapdEndsBalanced);
            IsOver = EndedBalanced = true;
        }
    }

    private bool StartsAgain()
    {
        if (Reclaimed > 0 || CacheTrimOff || !_cacheTrimSeen)
        {
            return false;
        }

        CoverageMarks.Hit(ReclaimMark.KswapdRepeatsWithoutTrim);
        CacheTrimOff = true;
        Priority = ReclaimLimits.DefPriority;
        return true;
    }
}
