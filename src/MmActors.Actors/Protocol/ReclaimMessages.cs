using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;

namespace MmActors.Actors.Protocol;

/// <summary>To the node: how much of each list of a group is to be scanned (RC-14…18). Reply: <see cref="ScanPlanned"/>.</summary>
public sealed record PlanScan(ScanRequest Request);

/// <summary>The plan, and whether inactive_anon is low in the flushed statistics (RC-18).</summary>
public sealed record ScanPlanned(ScanPlan Plan, bool InactiveAnonIsLow);

/// <summary>To the node: which groups a reclaim of this target walks (RC-14). Reply: <see cref="GroupsFound"/>.</summary>
/// <param name="Target">The group; 0 for the whole node.</param>
/// <param name="IsPartial">The walk may stop early, so it begins where the last one of its kind stopped.</param>
public sealed record FindGroups(int Target, bool IsPartial);

/// <summary>The groups to walk, in order.</summary>
public sealed record GroupsFound(int[] Groups);

/// <summary>To the node: a partial walk over a target's groups stopped after this one.</summary>
public sealed record WalkStopped(int Target, int Group);

/// <summary>To the node: drains the CPU's batches, then takes folios from the tail of a list (RC-21). Reply:
/// <see cref="FoliosIsolated"/>.</summary>
public sealed record IsolateFolios(int Group, LruKind List, int Pages, int Cpu, FolioBatch Batch);

/// <summary>The folios, in pages looked at and taken.</summary>
public sealed record FoliosIsolated(FolioBatch Batch, int Scanned, int Taken);

/// <summary>To the node: the round is over. Its folios go back to their lists, or are freed when nothing holds them, and the
/// round is charged to the group (RC-39). Reply: <see cref="RoundFinished"/>.</summary>
/// <param name="Batch">The folios.</param>
/// <param name="Group">Whose list it was; −1 for MADV_PAGEOUT, which returns through the CPU's add batch (T17a).</param>
/// <param name="IsFile">Which cost it adds to; null for an active round.</param>
/// <param name="PagesWritten">Pages handed to pageout.</param>
/// <param name="ScannedMinusReclaimed">Pages looked at in vain.</param>
/// <param name="Cpu">CPU of the reclaimer.</param>
public sealed record FinishRound(
    FolioBatch Batch, int Group, bool? IsFile, long PagesWritten, long ScannedMinusReclaimed, int Cpu);

/// <summary>Everything is back on its list.</summary>
public sealed record RoundFinished;

/// <summary>To the node: a pass on this target is over (RC-18: the activations seen so far are no news any more).</summary>
public sealed record PassFinished(int Target);

/// <summary>To an address space: a reference walk over the folios that stand at <see cref="FolioStage.Ageing"/> and belong
/// to its family (RC-25). Reply: <see cref="FoliosWalked"/>.</summary>
public sealed record AgeFolios(FolioBatch Batch);

/// <summary>To an address space: unmaps the folios that stand at <see cref="FolioStage.Unmapping"/> and belong to its family
/// (RC-28…35). Reply: <see cref="FoliosWalked"/>.</summary>
public sealed record UnmapFolios(FolioBatch Batch, int Cpu);

/// <summary>The address space has done its part for the batch.</summary>
public sealed record FoliosWalked(FolioBatch Batch);

/// <summary>To an address space: splits an order-9 folio that the sender has locked and referenced (DS-19…22). Reply:
/// <see cref="FolioSplitDone"/>.</summary>
public sealed record SplitFolioOf(int Head, SplitHold Hold, int Cpu);

/// <summary>How the split ended; null when this mm does not map the folio.</summary>
/// <param name="Outcome">What happened.</param>
/// <param name="Alive">Subpages that live on.</param>
public sealed record FolioSplitDone(SplitOutcome? Outcome, Bits512 Alive);

/// <summary>To the swap device: slots for the folios that stand at <see cref="FolioStage.Reclaiming"/> and need one. Reply:
/// <see cref="SlotsAssigned"/>.</summary>
public sealed record AssignSlots(FolioBatch Batch);

/// <summary>Each of them stands at Unmapping or NoSlot now.</summary>
public sealed record SlotsAssigned(FolioBatch Batch);

/// <summary>To the swap device: writes out the folios that stand at <see cref="FolioStage.Writing"/> (RC-36). Reply:
/// <see cref="WrittenOut"/>.</summary>
public sealed record WriteOut(FolioBatch Batch);

/// <summary>They are written (synchronous device: they stand at Leaving) or under writeback (still at Writing).</summary>
/// <param name="Batch">The folios.</param>
/// <param name="CostNs">Simulated time the reclaimer spends on it.</param>
public sealed record WrittenOut(FolioBatch Batch, double CostNs);

/// <summary>To the swap device: takes the folios that stand at <see cref="FolioStage.Leaving"/> out of the swap cache, those
/// that nobody mapped or looked up meanwhile. Reply: <see cref="CacheLeft"/>.</summary>
public sealed record LeaveCache(FolioBatch Batch);

/// <summary>Each that left stands at Freed now.</summary>
/// <param name="Batch">The folios.</param>
public sealed record CacheLeft(FolioBatch Batch);

/// <summary>Slots that a page-table entry each no longer names, and slots whose folio left the swap cache.</summary>
public sealed record ChangeSlots(PageBuffer? Dropped, PageBuffer? Uncached);

/// <summary>To the swap device: the folios that one round evicted, oldest first (RC-38).</summary>
public sealed record NoteEvictions(List<Eviction> Evictions);

/// <summary>When a folio was evicted, on the clock of its group (RC-38).</summary>
/// <param name="Slot">First slot of the folio.</param>
/// <param name="Pages">Its pages.</param>
/// <param name="Age">The clock.</param>
/// <param name="WasWorkingset">W.</param>
public readonly record struct Eviction(int Slot, int Pages, long Age, bool WasWorkingset);

/// <summary>From an address space to the swap device: the content of slots (T18, UT-7). Reply: <see cref="SlotsRead"/>.</summary>
/// <param name="Operation">Number of the operation that waits.</param>
/// <param name="Slots">The slots.</param>
/// <param name="Pages">A fresh page for each; those not needed come back.</param>
/// <param name="Family">Family of the faulting mm.</param>
/// <param name="Range">Start of the range.</param>
/// <param name="Indexes">Page index in the range for each slot.</param>
/// <param name="MayWait">False for khugepaged: a read that takes time is only begun (KH-33a).</param>
/// <param name="Cpu">CPU of the faulting task.</param>
public sealed record ReadSlots(
    int Operation, int[] Slots, PageBuffer Pages, int Family, long Range, int[] Indexes, bool MayWait, int Cpu);

/// <summary>What was read.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Found">One entry per slot that can be mapped now, in order.</param>
/// <param name="Unused">Fresh pages that were not needed.</param>
/// <param name="Held">Cached folios among them, each with one reference for the mapper.</param>
/// <param name="IsIncomplete">Some reads are still under way (only when the asker may not wait).</param>
/// <param name="FreesCache">Swap is more than half full (UT-7).</param>
public sealed record SlotsRead(
    int Operation, List<SwappedPage> Found, PageBuffer Unused, PageBuffer Held, bool IsIncomplete, bool FreesCache)
{
    /// <summary>The device could not read one of them.</summary>
    public bool HasFailed { get; init; }
}

/// <summary>To the shrinker: one shrink_slab of a group (DS-8, DS-9). Reply: <see cref="SlabShrunk"/>.</summary>
/// <param name="Group">The group.</param>
/// <param name="Priority">Scan priority.</param>
/// <param name="Cpu">CPU of the caller.</param>
/// <param name="By">In whose context: an mm or a kernel thread.</param>
/// <param name="Origin">The reclaim call it is part of; none for drop_caches.</param>
public sealed record ShrinkSlab(int Group, int Priority, int Cpu, int By, Origin Origin) : CausedRequest(Origin);

/// <summary>The shrinker looked at its queue, or did not.</summary>
/// <param name="Splits">Folios split.</param>
/// <param name="Scanned">Objects it was asked to look at.</param>
public sealed record SlabShrunk(int Splits, long Scanned);

/// <summary>A request to a reclaim context; it serves one at a time.</summary>
public abstract record ReclaimRequest() : CausedRequest(default(Origin));

/// <summary>To a reclaim context: an allocation the node refused is to be got in the slow path (RC-6…8, RC-60). Reply:
/// <see cref="PagesAllocated"/> or <see cref="HugeAllocated"/>, final either way.</summary>
/// <param name="Operation">Number of the operation that waits.</param>
/// <param name="Count">Base pages wanted; 0 for an order-9 page.</param>
/// <param name="Memcg">Group to charge.</param>
/// <param name="Mm">The mm that allocates; 0 for none.</param>
/// <param name="GivesUpEarly">__GFP_NORETRY: an order-9 fault outside MADV_HUGEPAGE areas (UT-3).</param>
public sealed record AllocateSlowly(int Operation, int Count, int Memcg, int Mm, bool GivesUpEarly = false) : ReclaimRequest;

/// <summary>To a reclaim context: memory.reclaim (RC-40). Reply: <see cref="MemcgWritten"/>.</summary>
public sealed record ReclaimMemory(int Group, long Pages, int? Swappiness) : ReclaimRequest;

/// <summary>To a reclaim context: memory.max or memory.high of this group was written; reclaim until the usage fits (RC-62).
/// Reply: <see cref="MemcgWritten"/>.</summary>
public sealed record EnforceLimit(int Group, bool IsHigh) : ReclaimRequest;

/// <summary>The write returns.</summary>
/// <param name="Errno">0 or EAGAIN.</param>
/// <param name="ReclaimedPages">Pages got back on the way.</param>
public sealed record MemcgWritten(Errno Errno, long ReclaimedPages);

/// <summary>To a reclaim context: the task returns to user space above memory.high (RC-61). Reply:
/// <see cref="MemcgWritten"/>.</summary>
public sealed record ReclaimHigh(int Group) : ReclaimRequest;

/// <summary>To a reclaim context: drop_caches with bit 1 (DS-8). Reply: <see cref="MemcgWritten"/>.</summary>
public sealed record DropSlab : ReclaimRequest;

/// <summary>To a reclaim context: MADV_PAGEOUT of folios the caller has isolated (RC-41). Reply: <see cref="PagedOut"/>.</summary>
public sealed record PageOut(int Operation, FolioBatch Batch) : ReclaimRequest;

/// <summary>The folios are gone or back on the way to their lists.</summary>
public sealed record PagedOut(int Operation);

/// <summary>To the node: usage against a limit. Reply: <see cref="GroupUsage"/>.</summary>
public sealed record ReadUsage(int Group);

/// <summary>memory.current, memory.max and memory.high in pages.</summary>
public sealed record GroupUsage(long Usage, long Max, long High);

/// <summary>To the node: an event of memory.events.</summary>
public sealed record CountMemcgEvent(int Group, MemcgEvent Kind);

/// <summary>To the node: kswapd begins or ends a run; meanwhile the CPUs keep few free pages to themselves.</summary>
public sealed record ReclaimActive(bool IsActive);

/// <summary>To the node: drain_all_pages, before a direct reclaimer that made progress tries again (RC-7).</summary>
public sealed record DrainFreePages;

/// <summary>To the node: whether the zone is balanced (RC-11) and what could still be got. Reply: <see cref="ZoneState"/>.</summary>
public sealed record ReadZone;

/// <summary>Free pages, watermarks, pages that could be reclaimed (RC-7), whether a reclaim for an order-9 page may end (RC-20), and
/// whether a step of it need not be repeated (RC-14).</summary>
public sealed record ZoneState(long Free, Watermarks Marks, long Reclaimable, bool IsReadyForHuge, bool NeedsNoMoreForHuge);

/// <summary>To the node: direct compaction for an order-9 page begins. Reply: <see cref="CompactionBegun"/>.</summary>
public sealed record BeginCompaction(int Cpu, bool IsHasty);

/// <summary>How it began; the block whose pages must move, if there is one. It changes hands.</summary>
public sealed record CompactionBegun(CompactionStart Start, CompactionBlock? Block);

/// <summary>To an address space: move those pages of the block that you alone map. Reply: <see cref="PagesMoved"/>.</summary>
public sealed record MovePages(CompactionBlock Block);

/// <summary>The block comes back.</summary>
public sealed record PagesMoved;

/// <summary>To the node: the pages have moved, or not. Reply: <see cref="CompactionFinished"/>.</summary>
public sealed record FinishCompaction(CompactionBlock Block, int Cpu, bool IsHasty);

/// <summary>Whether a 2 MiB block is free now.</summary>
public sealed record CompactionFinished(bool MadeBlock);

/// <summary>To kswapd: the low watermark was missed (RC-6).</summary>
public sealed record WakeKswapd(int Order);

/// <summary>Some reclaim got pages back: kswapd may try again (RC-12).</summary>
public sealed record KswapdHope;

/// <summary>To the simulation: no memory can be had for this group (0: for the node). Reply: <see cref="OomKilled"/>.</summary>
public sealed record KillForMemory(int Group);

/// <summary>The mm of the task that was killed and whose memory was reaped, or 0 when there was none to kill.</summary>
public sealed record OomKilled(int Mm);

/// <summary>To an address space: its task was chosen by the OOM killer; its memory is reaped (RC-70). Reply:
/// <see cref="MemoryReaped"/>.</summary>
public sealed record ReapMemory;

/// <summary>The victim's private memory is free.</summary>
/// <param name="Mm">The victim.</param>
/// <param name="Before">What it had; null when nothing was reaped.</param>
public sealed record MemoryReaped(int Mm, SmapsFigures? Before = null);

/// <summary>To the node: swap I/O of these folios is complete (RC-36). Each carries the reference the I/O held.</summary>
public sealed record WritebackEnded(PageBuffer Heads);

/// <summary>To the node: memory.stat was read, or its figures are due (RC-16g).</summary>
public sealed record FlushStatistics;

/// <summary>To the node: memory.max, memory.high and the others were written. Reply: <see cref="LimitSet"/>.</summary>
public sealed record SetLimit(int Group, Model.Settings.MemcgFile File, long Pages);

/// <summary>The limit is in force.</summary>
/// <param name="Group">The group.</param>
public sealed record LimitSet(int Group);

/// <summary>To the node: /proc/sys/vm was written; the watermarks may change.</summary>
public sealed record ApplyVmSettings(Model.Settings.VmSettings Settings);
