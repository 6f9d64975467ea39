using MmActors.Model.Coverage;

namespace MmActors.Model.Reclaim;

/// <summary>A charge that does not fit below memory.max: when to reclaim, when to give up (RC-60). The charge is tried
/// again after every step but <see cref="ChargeStep.Fail"/>; the object is asked only when it failed once more.</summary>
public sealed class ChargeRetry
{
    /// <summary>2^PAGE_ALLOC_COSTLY_ORDER: more pages than this are never worth an OOM kill.</summary>
    private const int CostlyPages = 8;

    private readonly int _pages;
    private readonly bool _noRetry;
    private int _retriesLeft;
    private bool _drained;
    private ChargeStep? _last;

    /// <summary>A charge whose first try has failed, with the batch of 64 pages and with the exact number.</summary>
    /// <param name="pages">The exact number of pages.</param>
    /// <param name="noRetry">__GFP_NORETRY: a huge fault outside MADV_HUGEPAGE areas.</param>
    public ChargeRetry(int pages, bool noRetry)
    {
        _pages = pages;
        _noRetry = noRetry;
        _retriesLeft = ReclaimLimits.MaxReclaimRetries;
    }

    /// <summary>Pages every reclaim call of this charge aims at: the charge itself, at least 32.</summary>
    public long Goal => ReclaimLimits.GoalFor(_pages);

    /// <summary>Reclaim calls asked for: memory.events "max" moves by one for each.</summary>
    public int Calls { get; private set; }

    /// <summary>The next step after a try that failed.</summary>
    /// <param name="reclaimedByLastCall">Pages the last reclaim call found; -1 before the first. It matters only right
    /// after a call.</param>
    public ChargeStep AfterFailure(long reclaimedByLastCall)
    {
        ChargeStep step = _last == ChargeStep.Reclaim ? AfterCall(reclaimedByLastCall) : ChargeStep.Reclaim;
        CoverageMarks.Hit(MarkOf(step));
        Calls += step == ChargeStep.Reclaim ? 1 : 0;
        _last = step;
        return step;
    }

    private ReclaimMark MarkOf(ChargeStep step) => step switch
    {
        ChargeStep.Reclaim => ReclaimMark.ChargeReclaims,
        ChargeStep.DrainStocksAndRetry => ReclaimMark.ChargeDrains,
        ChargeStep.OomKill => ReclaimMark.ChargeKills,
        _ => _noRetry ? ReclaimMark.ChargeNoRetry : ReclaimMark.ChargeHugeFails,
    };

    private ChargeStep AfterCall(long reclaimed)
    {
        if (!_drained)
        {
            _drained = true;
            return ChargeStep.DrainStocksAndRetry;
        }

        if (_noRetry)
        {
            return ChargeStep.Fail;
        }

        if (reclaimed > 0 && _pages <= CostlyPages)
        {
            return ChargeStep.Reclaim;
        }

        if (_retriesLeft > 0)
        {
            _retriesLeft--;
            return ChargeStep.Reclaim;
        }

        if (_pages > CostlyPages)
        {
            return ChargeStep.Fail;
        }

        _retriesLeft = ReclaimLimits.MaxReclaimRetries;
        return ChargeStep.OomKill;
    }
}

/// <summary>What a charge at the limit does before it is tried again (RC-60).</summary>
public enum ChargeStep
{
    /// <summary>One memcg reclaim call with <see cref="ChargeRetry.Goal"/>.</summary>
    Reclaim,
    /// <summary>The charge stocks of all CPUs are given back; no retry is used up.</summary>
    DrainStocksAndRetry,
    /// <summary>A task of the memcg is killed; another 16 retries follow. A kill that finds no victim fails the
    /// charge.</summary>
    OomKill,
    /// <summary>ENOMEM: for a collapse SCAN_CGROUP_CHARGE_FAIL.</summary>
    Fail,
}
