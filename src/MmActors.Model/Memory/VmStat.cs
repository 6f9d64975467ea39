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
    /// <summary>oom_kill.</summary>
    OomKill,
    /// <summary>thp_fault_alloc.</summary>
    ThpFaultAlloc,
    /// <summary>thp_fault_fallback.</summary>
    ThpFaultFallback,
    /// <summary>thp_collapse_alloc.</summary>
    ThpCollapseAlloc,
    /// <summary>thp_collapse_alloc_failed.</summary>
    ThpCollapseAllocFailed,
    /// <summary>thp_split_page.</summary>
    ThpSplitPage,
    /// <summary>thp_split_page_failed.</summary>
    ThpSplitPageFailed,
    /// <summary>thp_deferred_split_page.</summary>
    ThpDeferredSplitPage,
    /// <summary>thp_split_pmd.</summary>
    ThpSplitPmd,
    /// <summary>thp_scan_exceed_none_pte.</summary>
    ThpScanExceedNonePte,
    /// <summary>thp_scan_exceed_swap_pte.</summary>
    ThpScanExceedSwapPte,
    /// <summary>thp_scan_exceed_share_pte.</summary>
    ThpScanExceedSharePte,
    /// <summary>thp_zero_page_alloc.</summary>
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
