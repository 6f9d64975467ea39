using System.Numerics;

namespace MmActors.Model.Memory;

/// <summary>Event counters of /proc/vmstat that the simulator moves (tracepoints-and-counters.md 6.4), in the order of
/// the kernel's file. They never go backwards.</summary>
public enum VmCounter
{
    /// <summary>workingset_refault_anon: pages read back from swap (RC-38).</summary>
    WorkingsetRefaultAnon,
    /// <summary>workingset_activate_anon: refaults that came soon after the eviction.</summary>
    WorkingsetActivateAnon,
    /// <summary>workingset_restore_anon: such refaults of pages that were active when evicted.</summary>
    WorkingsetRestoreAnon,
    /// <summary>pswpin: pages really read from the swap device.</summary>
    PswpIn,
    /// <summary>pswpout: pages really written to it; zero-filled ones are not (RC-36).</summary>
    PswpOut,
    /// <summary>allocstall: direct reclaim passes (RC-20), all zones together.</summary>
    AllocStall,
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
    /// <summary>pgrefill: pages an active round looked at, in global reclaim (RC-22).</summary>
    PgRefill,
    /// <summary>Pages kswapd got back.</summary>
    PgStealKswapd,
    /// <summary>Pages direct global reclaim got back.</summary>
    PgStealDirect,
    /// <summary>Pages khugepaged's direct reclaim got back (RC-64).</summary>
    PgStealKhugepaged,
    /// <summary>Pages kswapd looked at on inactive lists.</summary>
    PgScanKswapd,
    /// <summary>Pages direct global reclaim looked at.</summary>
    PgScanDirect,
    /// <summary>Pages khugepaged's direct reclaim looked at.</summary>
    PgScanKhugepaged,
    /// <summary>Pages looked at on inactive_anon, by whomever (RC-22).</summary>
    PgScanAnon,
    /// <summary>Pages looked at on inactive_file.</summary>
    PgScanFile,
    /// <summary>Pages got back from inactive_anon.</summary>
    PgStealAnon,
    /// <summary>Pages got back from inactive_file.</summary>
    PgStealFile,
    /// <summary>Objects the shrinkers were asked to look at (DS-9).</summary>
    SlabsScanned,
    /// <summary>kswapd was woken during its nap (RC-13).</summary>
    KswapdLowWmarkHitQuickly,
    /// <summary>The node was no longer balanced after kswapd's nap (RC-13).</summary>
    KswapdHighWmarkHitQuickly,
    /// <summary>Runs of kswapd (RC-13).</summary>
    PageOutRun,
    /// <summary>pgrotated: written pages moved to the tail (RC-36).</summary>
    PgRotated,
    /// <summary>Tasks killed for lack of memory (RC-70).</summary>
    OomKill,
    /// <summary>Direct compactions begun (UT-43).</summary>
    CompactStall,
    /// <summary>Direct compactions that did not make the block.</summary>
    CompactFail,
    /// <summary>Direct compactions that made it.</summary>
    CompactSuccess,
    /// <summary>compact_migrate_scanned: pages of the blocks chosen to be emptied.</summary>
    CompactMigrateScanned,
    /// <summary>compact_isolated: pages taken off their lists to be moved.</summary>
    CompactIsolated,
    /// <summary>pgmigrate_success: pages moved.</summary>
    PgMigrateSuccess,
    /// <summary>pgmigrate_fail: pages that could not be moved after all.</summary>
    PgMigrateFail,
    /// <summary>Faults served with an order-9 page (UT-2).</summary>
    ThpFaultAlloc,
    /// <summary>Order-9 faults that fell back to base pages (UT-2).</summary>
    ThpFaultFallback,
    /// <summary>Order-9 faults that fell back because the page could not be charged (UT-2).</summary>
    ThpFaultFallbackCharge,
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
    /// <summary>thp_underused_split_page: folios split for their zero-filled subpages (DS-13).</summary>
    ThpUnderusedSplitPage,
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
    /// <summary>Order-9 folios written to swap whole (RC-36a).</summary>
    ThpSwpOut,
    /// <summary>Order-9 folios split because no aligned cluster of slots was free.</summary>
    ThpSwpOutFallback,
}

/// <summary>The event counters of one world, exact sums over CPUs (SM-17a).</summary>
public sealed class VmStat
{
    private static readonly string[] Names =
    [
        "workingset_refault_anon", "workingset_activate_anon", "workingset_restore_anon", "pswpin", "pswpout", "allocstall",
        "pgactivate", "pgdeactivate", "pglazyfree", "pgfault", "pgmajfault", "pglazyfreed", "pgrefill",
        "pgsteal_kswapd", "pgsteal_direct", "pgsteal_khugepaged", "pgscan_kswapd", "pgscan_direct", "pgscan_khugepaged",
        "pgscan_anon", "pgscan_file", "pgsteal_anon", "pgsteal_file", "slabs_scanned", "kswapd_low_wmark_hit_quickly",
        "kswapd_high_wmark_hit_quickly", "pageoutrun", "pgrotated", "oom_kill", "compact_stall", "compact_fail",
        "compact_success", "compact_migrate_scanned", "compact_isolated", "pgmigrate_success", "pgmigrate_fail", "thp_fault_alloc", "thp_fault_fallback", "thp_fault_fallback_charge", "thp_collapse_alloc",
        "thp_collapse_alloc_failed", "thp_split_page", "thp_split_page_failed", "thp_deferred_split_page",
        "thp_underused_split_page", "thp_split_pmd", "thp_scan_exceed_none_pte", "thp_scan_exceed_swap_pte",
        "thp_scan_exceed_share_pte", "thp_zero_page_alloc", "thp_swpout", "thp_swpout_fallback",
    ];

    private readonly long[] _values = new long[Names.Length];

    /// <summary>Number of counters.</summary>
    public static int Count => Names.Length;

    /// <summary>Value of a counter since the world began.</summary>
    public long this[VmCounter counter] => Interlocked.Read(ref _values[(int)counter]);

    /// <summary>The kernel's name of a counter.</summary>
    public static string Name(VmCounter counter) => Names[(int)counter];

    /// <summary>The first counter that is lower than it was, or −1; <paramref name="before"/> holds the present values after
    /// that.</summary>
    public int FindDecrease(Span<long> before)
    {
        int found = -1;
        int index = 0;
        for (; index <= _values.Length - Vector<long>.Count && found < 0; index += Vector<long>.Count)
        {
            var now = new Vector<long>(_values, index);
            found = Vector.LessThanAny(now, new Vector<long>(before[index..])) ? index : -1;
        }

        for (index = found < 0 ? index : found; index < _values.Length; index++)
        {
            if (_values[index] < before[index])
            {
                found = index;
                break;
            }
        }

        _values.CopyTo(before);
        return found;
    }

    /// <summary>Counts an event that happens once in a world's life, whoever is first.</summary>
    public void AddOnce(VmCounter counter) => Interlocked.CompareExchange(ref _values[(int)counter], 1, 0);

    /// <summary>Counts <paramref name="amount"/> events.</summary>
    public void Add(VmCounter counter, long amount = 1) => Interlocked.Add(ref _values[(int)counter], amount);
}
