namespace MmActors.Experiments.Traces;

/// <summary>mm_vmscan_direct_reclaim_begin or mm_vmscan_memcg_reclaim_begin.</summary>
/// <param name="Stamp">Where and when.</param>
/// <param name="IsMemcg">Reclaim of a memory cgroup.</param>
/// <param name="Order">Order of the allocation it serves.</param>
public sealed record ReclaimBeginRecord(TraceStamp Stamp, bool IsMemcg, int Order) : TraceRecord(Stamp);

/// <summary>mm_vmscan_direct_reclaim_end or mm_vmscan_memcg_reclaim_end.</summary>
/// <param name="Stamp">Where and when.</param>
/// <param name="IsMemcg">Reclaim of a memory cgroup.</param>
/// <param name="Reclaimed">Pages freed.</param>
public sealed record ReclaimEndRecord(TraceStamp Stamp, bool IsMemcg, long Reclaimed) : TraceRecord(Stamp);

/// <summary>mm_vmscan_kswapd_wake or mm_vmscan_kswapd_sleep.</summary>
/// <param name="Stamp">Where and when.</param>
/// <param name="IsWake">It wakes; otherwise it goes to sleep.</param>
/// <param name="Node">NUMA node it serves.</param>
public sealed record KswapdRecord(TraceStamp Stamp, bool IsWake, int Node) : TraceRecord(Stamp);

/// <summary>mm_vmscan_lru_shrink_inactive: one round over an inactive list.</summary>
/// <param name="Stamp">Where and when.</param>
/// <param name="Scanned">Pages looked at.</param>
/// <param name="Reclaimed">Pages freed.</param>
/// <param name="Activated">Pages that went to an active list, both types (TC-6).</param>
/// <param name="Kept">Pages that stayed because they were referenced.</param>
/// <param name="Priority">Scan priority, 12 down to 0.</param>
/// <param name="IsFile">The file list (TC-6).</param>
public sealed record ShrinkInactiveRecord(
    TraceStamp Stamp, long Scanned, long Reclaimed, long Activated, long Kept, int Priority, bool IsFile) : TraceRecord(Stamp);

/// <summary>mm_vmscan_lru_shrink_active: one round over an active list.</summary>
/// <param name="Stamp">Where and when.</param>
/// <param name="Taken">Pages taken off it.</param>
/// <param name="Deactivated">Pages that went to the inactive list.</param>
/// <param name="Priority">Scan priority, 12 down to 0.</param>
/// <param name="IsFile">The file list (TC-6).</param>
public sealed record ShrinkActiveRecord(
    TraceStamp Stamp, long Taken, long Deactivated, int Priority, bool IsFile) : TraceRecord(Stamp);

/// <summary>mm_shrink_slab_start of the deferred split shrinker (DS-9).</summary>
/// <param name="Stamp">Where and when.</param>
/// <param name="Deferred">nr_deferred before the call.</param>
/// <param name="Items">Length of the queue.</param>
/// <param name="Delta">Share of it asked for at this priority.</param>
/// <param name="TotalScan">Huge pages to look at.</param>
/// <param name="Priority">Scan priority, 12 down to 0.</param>
public sealed record ShrinkSlabStartRecord(
    TraceStamp Stamp, long Deferred, long Items, long Delta, long TotalScan, int Priority) : TraceRecord(Stamp);

/// <summary>mm_shrink_slab_end of the deferred split shrinker (DS-9).</summary>
/// <param name="Stamp">Where and when.</param>
/// <param name="Deferred">nr_deferred before the call.</param>
/// <param name="NewDeferred">nr_deferred after it.</param>
/// <param name="TotalScan">What was left over.</param>
/// <param name="Splits">What the shrinker returned last: huge pages split.</param>
public sealed record ShrinkSlabEndRecord(
    TraceStamp Stamp, long Deferred, long NewDeferred, long TotalScan, long Splits) : TraceRecord(Stamp);
