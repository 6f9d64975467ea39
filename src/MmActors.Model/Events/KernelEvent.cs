namespace MmActors.Model.Events;

/// <summary>Kinds of entries in the event stream: the kernel's own tracepoints and a few of ours. Values are part of
/// the canonical stream: append only.</summary>
public enum KernelEventKind : byte
{
    /// <summary>A khugepaged pass begins; Amount = its budget.</summary>
    PassBegin = 1,
    /// <summary>A pass ends; Amount = progress made.</summary>
    PassEnd = 2,
    /// <summary>mm_khugepaged_scan_pmd: one range was looked at (KH-30).</summary>
    ScanPmd = 3,
    /// <summary>mm_collapse_huge_page_isolate.</summary>
    CollapseIsolate = 4,
    /// <summary>mm_collapse_huge_page: a collapse attempt ended.</summary>
    CollapseHugePage = 5,
    /// <summary>mm_collapse_huge_page_swapin.</summary>
    CollapseSwapin = 6,
    /// <summary>mm_khugepaged_scan: one VISIT ended (KH-19); Amount = progress, Extra = budget before it.</summary>
    Visit = 7,
    /// <summary>The mm registered with khugepaged.</summary>
    Register = 8,
    /// <summary>khugepaged freed the slot of an exited mm.</summary>
    SlotFreed = 9,
    /// <summary>A PMD-order fault was served (Flag) or fell back.</summary>
    ThpFault = 10,
    /// <summary>An madvise call returned; Amount = errno, Extra = advice.</summary>
    Madvise = 11,
    /// <summary>A task waited for mmap_lock; Amount = microseconds.</summary>
    Stall = 12,
    /// <summary>A task began.</summary>
    TaskStart = 13,
    /// <summary>A task ended; Amount = signal number or 0.</summary>
    TaskExit = 14,
    /// <summary>A named snapshot was taken; Amount = its index.</summary>
    Snap = 15,
    /// <summary>A sysfs knob was written.</summary>
    KnobWrite = 16,
    /// <summary>A batch of faults was served; Amount = faults.</summary>
    Faults = 17,
    /// <summary>A task was killed because no memory could be had.</summary>
    OomKill = 18,
    /// <summary>A measured batch run ended; Amount = microseconds, Extra = thousandths of a cycle per access.</summary>
    Measured = 19,
    /// <summary>mm_vmscan_(direct|memcg)_reclaim_begin: Mm asks; Pfn = target group, Flag = memcg reclaim, Amount = goal in
    /// pages, Extra = who reclaims.</summary>
    ReclaimBegin = 20,
    /// <summary>The call ends; Amount = pages reclaimed.</summary>
    ReclaimEnd = 21,
    /// <summary>mm_vmscan_lru_shrink_inactive: Mm = group, Pfn = priority, Address = pages requested × 256 + list, Amount =
    /// scanned, Extra = reclaimed, Referenced = nr_ref_keep, NoneOrZero = activated, Unmapped = nr_unmap_fail.</summary>
    ShrinkInactive = 22,
    /// <summary>mm_vmscan_lru_shrink_active: Mm = group, Pfn = priority, Address = list, Amount = scanned, Extra = taken.</summary>
    ShrinkActive = 23,
    /// <summary>mm_shrink_slab of the deferred split shrinker: Mm = group, Pfn = priority, Address = objects, Referenced = old
    /// nr_deferred, NoneOrZero = delta, Unmapped = splits, Amount = total_scan, Extra = what is added to nr_deferred.</summary>
    ShrinkSlab = 24,
    /// <summary>One folio the shrinker walked: Mm = group, Pfn = head, Referenced = partially mapped, NoneOrZero = underused,
    /// Flag = split, Amount = subpages its split freed.</summary>
    DeferredSplit = 25,
    /// <summary>kswapd wakes; Amount = order.</summary>
    KswapdWake = 26,
    /// <summary>The node stayed balanced over a nap, or reclaim is hopeless (RC-12, RC-13).</summary>
    KswapdSleep = 27,
    /// <summary>A memory.* file was written: Mm = group, Pfn = file, Amount = pages written, Extra = pages reclaimed,
    /// Referenced = errno.</summary>
    CgroupWrite = 28,
    /// <summary>Swap entries of a range became present; Amount = pages.</summary>
    SwapIn = 29,

    /// <summary>A direct compaction ended (UT-43): Mm asks, Pfn = first page of the block or −1, Amount = pages moved, Flag = a block
    /// was made, Extra = who compacts.</summary>
    Compacted = 30,

    /// <summary>From here on: details, made only for ranges that somebody follows and no part of the hash. mmap: Address =
    /// start, Amount = bytes, Flag = MAP_POPULATE, the detail's name = region.</summary>
    Mapped = 64,
    /// <summary>MAP_POPULATE or MADV_POPULATE_WRITE is done with a range; Amount = pages asked for.</summary>
    Populated = 65,
    /// <summary>Loads, or stores (Flag); Amount = pages.</summary>
    Touched = 66,
    /// <summary>A batch of random reads over a region: Address = start, Amount = bytes, Extra = reads.</summary>
    RandomReads = 67,
    /// <summary>What an madvise call did to one range: Amount = pages covered, Extra = advice, Referenced = pages on their way to
    /// lazyfree.</summary>
    Advised = 68,
    /// <summary>mprotect: Amount = pages of the range, Flag = writable.</summary>
    Protected = 69,
    /// <summary>munmap, or the OOM killer's reaping (Flag): Amount = pages of the range.</summary>
    Unmapped = 70,
    /// <summary>prctl(PR_SET_THP_DISABLE): Flag = disabled.</summary>
    ThpDisable = 71,
    /// <summary>fork: Mm = parent, Amount = mm of the child, the detail's name = child.</summary>
    Forked = 72,
    /// <summary>Reclaim found pages accessed and made them old; Amount = PTEs.</summary>
    Aged = 73,
    /// <summary>Reclaim unmapped pages: Amount = swap entries made, Extra = PTEs left none.</summary>
    Reclaimed = 74,
    /// <summary>The huge page was split by the shrinker (Flag) or by reclaim; Amount = subpages that live on.</summary>
    Split = 75,
    /// <summary>A collapse mapped its huge page; Flag = khugepaged.</summary>
    Installed = 76,
    /// <summary>The loop over the range's PTEs begins and ends here; Flag = khugepaged. The detail has the page that ended it,
    /// the event <see cref="ScanPmd"/> the result.</summary>
    Looked = 77,
    /// <summary>khugepaged's budget after a range: Amount = left of it, Extra = of the whole pass.</summary>
    Charged = 78,
    /// <summary>A range of a fork child as it came from its parent; Mm = child.</summary>
    Inherited = 79,

    /// <summary>From here on: steps, told only when somebody follows them and no part of the hash. A collapse enters a step: Amount =
    /// <see cref="CollapseStep"/>, Flag = khugepaged. It begins with C1, when the scan has succeeded and the lock was dropped.</summary>
    CollapseStep = 96,
    /// <summary>mm_vmscan_lru_isolate: Mm = group, Address = pages requested × 256 + list, Amount = scanned, Extra = taken.</summary>
    LruIsolate = 97,
    /// <summary>mm_vmscan_write_folio: Pfn = head, Amount = pages.</summary>
    FolioWritten = 98,
    /// <summary>The deferred split shrinker begins: fields as for <see cref="ShrinkSlab"/>, as far as they are known.</summary>
    ShrinkSlabBegin = 99,
    /// <summary>A survey looked at an address space: Amount = resident, Extra = lazyfree, Unmapped = swapped pages, Referenced =
    /// huge ranges.</summary>
    TaskFigures = 100,
    /// <summary>A survey looked at the node: Amount = free pages, Extra = length of the deferred split queues.</summary>
    NodeFigures = 101,
    /// <summary>A VISIT of an mm begins; Amount = budget.</summary>
    VisitBegin = 102,
    /// <summary>kswapd begins to balance the node (RC-11); fields as for <see cref="ReclaimBegin"/>.</summary>
    BalanceBegin = 103,
    /// <summary>It is done; Amount = pages reclaimed.</summary>
    BalanceEnd = 104,
    /// <summary>A priority step of a reclaim call or of kswapd begins: Pfn = target group, Amount = priority.</summary>
    PriorityBegin = 105,
    /// <summary>The step ends; Amount = pages reclaimed in it, Extra = pages scanned.</summary>
    PriorityEnd = 106,
}

/// <summary>Kernel threads, where an event says in whose context it happened.</summary>
public static class KernelThread
{
    /// <summary>The thread that collapses ranges.</summary>
    public const int Khugepaged = -1;

    /// <summary>The node's background reclaim.</summary>
    public const int Kswapd = -2;
}

/// <summary>The steps of a collapse attempt, as far as simulated time passes in them (khugepaged.md 2.8).</summary>
public enum CollapseStep
{
    /// <summary>C1: the order-9 page, with direct reclaim where it is needed.</summary>
    Alloc,
    /// <summary>C2: revalidation under mmap_lock for read.</summary>
    Recheck,
    /// <summary>C3: swap entries become present.</summary>
    SwapIn,
    /// <summary>C4: mmap_lock for write, and revalidation.</summary>
    LockWait,
    /// <summary>C5 and C6.</summary>
    Isolate,
    /// <summary>C7.</summary>
    Copy,
    /// <summary>C8…C10.</summary>
    Install,
}

/// <summary>One entry of the event stream. Everything a user sees is derived from these, and their hash is the
/// identity of the run (architecture.md section 1).</summary>
public readonly record struct KernelEvent
{
    /// <summary>Simulated time.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>What happened.</summary>
    public required KernelEventKind Kind { get; init; }

    /// <summary>The mm concerned, 0 for none.</summary>
    public int Mm { get; init; }

    /// <summary>Address concerned, 0 for none.</summary>
    public long Address { get; init; }

    /// <summary>Scan result, for khugepaged's events.</summary>
    public ScanResult Status { get; init; }

    /// <summary>khugepaged itself (true) or MADV_COLLAPSE; otherwise as the kind says.</summary>
    public bool Flag { get; init; }

    /// <summary>scan_pfn: head of the last folio looked at, −1 for none.</summary>
    public int Pfn { get; init; }

    /// <summary>referenced of the trace line.</summary>
    public int Referenced { get; init; }

    /// <summary>none_or_zero of the trace line.</summary>
    public int NoneOrZero { get; init; }

    /// <summary>unmapped of the trace line.</summary>
    public int Unmapped { get; init; }

    /// <summary>writable of the trace line; full_scan_finished of a VISIT.</summary>
    public bool Writable { get; init; }

    /// <summary>Amount as the kind says: budget charged for a range, progress of a VISIT.</summary>
    public long Amount { get; init; }

    /// <summary>Second amount as the kind says: PTEs visited for a range, budget for a VISIT.</summary>
    public long Extra { get; init; }

    /// <summary>In whose context reclaim happens: an mm or a <see cref="KernelThread"/>, 0 where the event does not say; no part of
    /// the hash.</summary>
    public int By { get; init; }

    /// <summary>What only the trace line needs: the order asked for at <see cref="KernelEventKind.ReclaimBegin"/>, the pages activated
    /// as file pages at <see cref="KernelEventKind.ShrinkInactive"/>, the objects scanned at <see cref="KernelEventKind.ShrinkSlab"/>; no
    /// part of the hash.</summary>
    public int More { get; init; }

    /// <summary>The operation it is part of, told only when somebody follows the steps; no part of the hash.</summary>
    public Origin Origin { get; init; }

    /// <summary>Words and images for whoever follows a range; no part of the hash.</summary>
    public EventDetail? Detail { get; init; }
}

/// <summary>Takes events as they happen.</summary>
public interface IKernelEventSink
{
    /// <summary>Records one event.</summary>
    void Emit(in KernelEvent kernelEvent);

    /// <summary>Whether somebody follows a range that overlaps [start, end) of this mm: only then are its details made.</summary>
    bool Follows(int mm, long start, long end) => false;

    /// <summary>Takes a detail of a range that somebody follows; it does not change the run's hash.</summary>
    void EmitDetail(in KernelEvent kernelEvent)
    {
    }

    /// <summary>Whether somebody wants the steps of collapses, reclaim and surveys as well: only then are they made.</summary>
    bool FollowsSteps => false;

    /// <summary>Takes a step; it does not change the run's hash.</summary>
    void EmitStep(in KernelEvent kernelEvent)
    {
    }
}
