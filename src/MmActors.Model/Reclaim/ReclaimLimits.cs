namespace MmActors.Model.Reclaim;

/// <summary>The constants of mm/vmscan.c and mm/memcontrol.c that more than one rule uses.</summary>
public static class ReclaimLimits
{
    /// <summary>SWAP_CLUSTER_MAX: pages of one turn of a list, and the smallest goal of a call (RC-19, RC-20).</summary>
    public const int SwapClusterMax = 32;

    /// <summary>DEF_PRIORITY: every pass begins here and goes down (RC-11, RC-20).</summary>
    public const int DefPriority = 12;

    /// <summary>MAX_RECLAIM_RETRIES: calls without a page that a request survives (RC-40, RC-60, RC-62), and runs of
    /// kswapd without a page until it gives up (RC-12).</summary>
    public const int MaxReclaimRetries = 16;

    /// <summary>The goal of a call for this many missing pages: never less than <see cref="SwapClusterMax"/>.</summary>
    public static long GoalFor(long pages) => Math.Max(SwapClusterMax, pages);
}
