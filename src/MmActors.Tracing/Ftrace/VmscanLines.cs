using System.Globalization;
using MmActors.Model.Events;
using MmActors.Model.Memory;

namespace MmActors.Tracing.Ftrace;

/// <summary>The events of the system vmscan (6.3). nr_dirty, nr_writeback, nr_congested and nr_immediate are not kept by the
/// simulator and print as 0; mm_vmscan_wakeup_kswapd and mm_vmscan_throttled are not written.</summary>
internal sealed class VmscanLines(FtraceFormat format)
{
    private const string NoFlags = ".....";
    private const string Movable = "GFP_HIGHUSER_MOVABLE";

    /// <summary>GFP_TRANSHUGE as a charge passes it on, a sum that has no name of its own (TC-13).</summary>
    private const string HugeCharge = "__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_NOWARN|__GFP_NOMEMALLOC|__GFP_HARDWALL|__GFP_MOVABLE|"
        + "__GFP_DIRECT_RECLAIM";

    /// <summary>What a reclaim call under way was made with; kswapd and drop_caches are in none.</summary>
    private readonly SortedDictionary<int, string> _calls = [];

    private static readonly string[] Lists = ["inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable"];

    /// <summary>The line of an event; false when vmscan has none for it.</summary>
    public bool TryWrite(in KernelEvent entry, out string name, out string payload, out string flags)
    {
        flags = entry.Kind == KernelEventKind.LruIsolate ? format.UnderLruLock : NoFlags;
        See(entry);
        (name, payload) = entry.Kind switch
        {
            KernelEventKind.KswapdWake => ("mm_vmscan_kswapd_wake", Text($"nid=0 order={entry.Amount}")),
            KernelEventKind.KswapdSleep => ("mm_vmscan_kswapd_sleep", "nid=0"),
            KernelEventKind.ReclaimBegin => (Call(entry) + "begin", Text($"order={(entry.Flag ? 0 : entry.More)} gfp_flags={Gfp(entry)}")),
            KernelEventKind.ReclaimEnd => (Call(entry) + "end", Text($"nr_reclaimed={entry.Amount}")),
            KernelEventKind.LruIsolate => ("mm_vmscan_lru_isolate", Isolated(entry)),
            KernelEventKind.ShrinkInactive => ("mm_vmscan_lru_shrink_inactive", Inactive(entry)),
            KernelEventKind.ShrinkActive => ("mm_vmscan_lru_shrink_active", Active(entry)),
            KernelEventKind.FolioWritten => ("mm_vmscan_write_folio", Written(entry)),
            KernelEventKind.ShrinkSlabBegin => ("mm_shrink_slab_start", SlabBegin(entry)),
            KernelEventKind.ShrinkSlab => ("mm_shrink_slab_end", SlabEnd(entry)),
            _ => ("", ""),
        };
        return name.Length > 0;
    }

    private void See(in KernelEvent entry)
    {
        if (entry.Kind == KernelEventKind.ReclaimBegin)
        {
            _calls[entry.By] = Gfp(entry);
        }
        else if (entry.Kind == KernelEventKind.ReclaimEnd)
        {
            _calls.Remove(entry.By);
        }
    }

    private static string Call(in KernelEvent entry) => entry.Flag ? "mm_vmscan_memcg_reclaim_" : "mm_vmscan_direct_reclaim_";

    /// <summary>What the request's flags print as. A group's limit is charged with the page's own flags cut to what reclaim
    /// looks at.</summary>
    private static string Gfp(in KernelEvent begin) => (begin.Flag, begin.By == KernelThread.Khugepaged || begin.More > 0) switch
    {
        (true, true) => HugeCharge,
        (true, false) => Movable,
        (false, true) => "GFP_TRANSHUGE",
        (false, false) => Movable + "|__GFP_COMP|__GFP_ZERO",
    };

    private static string Isolated(in KernelEvent entry) => Text(
        $"classzone=2 order=0 nr_requested={entry.Address >> 8} nr_scanned={entry.Amount} nr_skipped=0 nr_taken={entry.Extra} ")
        + $"lru={Lists[(int)ListOf(entry.Address)]}";

    private static string Inactive(in KernelEvent entry) => Text(
        $"nid=0 nr_scanned={entry.Amount} nr_reclaimed={entry.Extra} nr_dirty=0 nr_writeback=0 nr_congested=0 nr_immediate=0 ")
        + Text($"nr_activate_anon={entry.NoneOrZero - entry.More} nr_activate_file={entry.More} nr_ref_keep={entry.Referenced} ")
        + Text($"nr_unmap_fail={entry.Unmapped} priority={entry.Pfn} flags={Writeback(ListOf(entry.Address))}");

    private static string Active(in KernelEvent entry) => Text(
        $"nid=0 nr_taken={entry.Extra} nr_active=0 nr_deactivated={entry.Extra} nr_referenced=0 priority={entry.Pfn} ")
        + $"flags={Writeback((LruKind)entry.Address)}";

    private static string Written(in KernelEvent entry) => Text(
        $"page={TraceThreads.Pointer(-1L - entry.Pfn)} pfn=0x{entry.Pfn:x} flags={Writeback(LruKind.InactiveAnon)}");

    private string SlabBegin(in KernelEvent entry) => Shrinker() + Text(
        $"objects to shrink {entry.Referenced} gfp_flags {_calls.GetValueOrDefault(entry.By, "GFP_KERNEL")} cache items {entry.Address} delta {entry.NoneOrZero} ")
        + Text($"total_scan {entry.Amount} priority {entry.Pfn}");

    private static string SlabEnd(in KernelEvent entry) => Shrinker() + Text(
        $"unused scan count {entry.Referenced} new scan count {entry.Extra} total_scan {entry.Amount - entry.More} ")
        + Text($"last shrinker return val {entry.Unmapped}");

    private static string Shrinker() => $"deferred_split_scan+0x0/0x560 {TraceThreads.Pointer(long.MinValue)}: nid: 0 ";

    /// <summary>TC-6.</summary>
    private static string Writeback(LruKind list) => list is LruKind.InactiveAnon or LruKind.ActiveAnon
        ? "RECLAIM_WB_ANON|RECLAIM_WB_ASYNC" : "RECLAIM_WB_FILE|RECLAIM_WB_ASYNC";

    private static LruKind ListOf(long address) => (LruKind)(address & 0xff);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
