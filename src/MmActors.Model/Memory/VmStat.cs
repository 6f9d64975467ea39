namespace MmActors.Model.Memory;

/// <summary>Event counters of /proc/vmstat that the simulator moves (tracepoints-and-counters.md 6.4), in the order of
/// the kernel's file. They never go backwards.</summary>
public enum VmCounter
{
    /// <summary>pgactivate.</summary>
    PgActivate,
    /// <summary>pgdeactivate.</summary>
    PgDeactivate,
    /// <summary>pglazyfree: pages moved to the lazyfree state.</summary>
    PgLazyfree,
    /// <summary>pgfault.</summary>
    PgFault,
    /// <summary>pgmajfault.</summary>
    PgMajFault,
    /// <summary>pglazyfreed: lazyfree pages dropped by reclaim.</summary>
    PgLazyfreed,
    /// <summary>Tasks killed for lack of memory (RC-70).</summary>
    OomKill,
    /// <summary>Faults served with an order-9 page (UT-2).</summary>
    ThpFaultAlloc,
    /// <summary>Order-9 faults that fell back to base pages (UT-2).</summary>
    ThpFaultFallback,
    /// <summary>Order-9 pages got for a collapse, also for one that failed later (KH-31).</summary>
    ThpCollapseAlloc,
    /// <summary>Collapses given up in C1 for want of an order-9 page.</summary>
    ThpCollapseAllocFailed,
    /// <summary>Order-9 folios split to base pages (DS-23).</summary>
    ThpSplitPage,
    /// <summary>Attempts refused for an extra reference or mapping (DS-24).</summary>
    ThpSplitPageFailed,
    /// <summary>Order-9 folios that became partially mapped; never a fresh THP (DS-4).</summary>
    ThpDeferredSplitPage,
    /// <summary>Huge PMDs replaced by a page table (SM-12).</summary>
    ThpSplitPmd,
    /// <summary>Ranges refused for max_ptes_none, at scan or isolation.</summary>
    ThpScanExceedNonePte,
    /// <summary>Ranges refused for max_ptes_swap.</summary>
    ThpScanExceedSwapPte,
    /// <summary>Ranges refused for max_ptes_shared, at scan or isolation.</summary>
    ThpScanExceedSharePte,
    /// <summary>The shared huge zero folio was allocated (T7).</summary>
    ThpZeroPageAlloc,
}

/// <summary>The event counters of one world, exact sums over CPUs (SM-17a).</summary>
public sealed class VmStat
{
    private static readonly string[] Names =
    [
        "pgactivate", "pgdeactivate", "pglazyfree", "pgfault", "pgmajfault", "pglazyfreed", "oom_kill",
        "thp_fault_alloc", "thp_fault_fallback", "thp_collapse_alloc", "thp_collapse_alloc_failed",
        "thp_split_page", "thp_split_page_failed", "thp_deferred_split_page", "thp_split_pmd",
        "thp_scan_exceed_none_pte", "thp_scan_exceed_swap_pte", "thp_scan_exceed_share_pte", "thp_zero_page_alloc",
    ];

    private readonly long[] _values = new long[Names.Length];

    /// <summary>Number of counters.</summary>
    public static int Count => Names.Length;

    /// <summary>Value of a counter since the world began.</summary>
    public long this[VmCounter counter] => Interlocked.Read(ref _values[(int)counter]);

    /// <summary>The kernel's name of a counter.</summary>
    public static string Name(VmCounter counter) => Names[(int)counter];

    /// <summary>Counts <paramref name="amount"/> events.</summary>
    public void Add(VmCounter counter, long amount = 1) => Interlocked.Add(ref _values[(int)counter], amount);
}
