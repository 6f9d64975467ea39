namespace MmActors.Model.Coverage;

/// <summary>As <see cref="CoverageMark"/>, for reclaim, the OOM killer and the deferred split shrinker.</summary>
public enum ReclaimMark
{
    /// <summary>RC 4.6 step 1: the trylock fails, kept.</summary>
    FolioLockTaken,
    /// <summary>RC 4.6 step 3: activated.</summary>
    FolioUnderWriteback,
    /// <summary>RC-41: MADV_PAGEOUT skips step 4.</summary>
    FolioReferencesIgnored,
    /// <summary>RC-25: the walk gives up, kept.</summary>
    FolioContended,
    /// <summary>RC-25: young once, one rotation.</summary>
    FolioYoungKept,
    /// <summary>RC-25: young with R set.</summary>
    FolioYoungAgainActivated,
    /// <summary>RC-25: young in two mappings.</summary>
    FolioYoungTwiceActivated,
    /// <summary>RC-25: idle, RECLAIM.</summary>
    FolioIdle,
    /// <summary>RC-25: idle lazyfree folio with R, RECLAIM_CLEAN.</summary>
    FolioIdleAfterRotation,
    /// <summary>RC 4.6 step 5: a THP with an extra reference is activated.</summary>
    FolioLargeHeld,
    /// <summary>RC 4.6 step 5: a partially mapped THP is split first.</summary>
    FolioPartialSplit,
    /// <summary>RC 4.6 step 5: that split fails, activated.</summary>
    FolioSplitRefused,
    /// <summary>RC 4.6 step 5: a small page gets its slot.</summary>
    FolioSlotGiven,
    /// <summary>RC-36a: a THP gets 512 aligned slots and goes whole.</summary>
    FolioClusterGiven,
    /// <summary>RC-37: no slot for a small page, activated.</summary>
    FolioNoSlot,
    /// <summary>RC 4.6 step 5: no cluster for a THP, split.</summary>
    FolioNoCluster,
    /// <summary>RC 4.6 step 6: still mapped after the unmap, activated.</summary>
    FolioStillMapped,
    /// <summary>RC-33: a dirty droppable folio goes by its put-back.</summary>
    FolioDroppableDirty,
    /// <summary>RC 4.6 step 8: pglazyfreed.</summary>
    FolioLazyfreeFreed,
    /// <summary>RC 4.6 step 8: unmapped but somebody else holds it, kept.</summary>
    FolioLazyfreeHeld,
    /// <summary>RC-36: a synchronous device frees in the same pass.</summary>
    FolioWrittenAtOnce,
    /// <summary>RC-36: an asynchronous device, writeback begins.</summary>
    FolioWrittenLater,
    /// <summary>RC-36: content all zero, no I/O.</summary>
    FolioAllZero,
    /// <summary>RC 4.6 step 8: clean in the swap cache, nothing to write.</summary>
    FolioCleanInCache,
    /// <summary>RC 4.6 step 8: removed from the swap cache, freed.</summary>
    FolioCacheLeft,
    /// <summary>RC 4.6 step 8: mapped or referenced again, kept.</summary>
    FolioCacheBusy,
    /// <summary>RC-28: the huge mapping is split first.</summary>
    UnmapSplitsPmd,
    /// <summary>RC-31: a clean lazyfree PTE is dropped.</summary>
    UnmapDiscards,
    /// <summary>RC-31: so is a dirty droppable one.</summary>
    UnmapDiscardsDirtyDroppable,
    /// <summary>RC-31: a dirty lazyfree page becomes swapbacked.</summary>
    UnmapMeetsDirty,
    /// <summary>RC-32: an extra reference does the same.</summary>
    UnmapMeetsReference,
    /// <summary>RC-35: the PTE becomes a swap entry.</summary>
    UnmapSwapEntry,
    /// <summary>RC-34: stopped at k = 0, nothing lost.</summary>
    UnmapStopsAtFirst,
    /// <summary>RC-34: stopped at k ≥ 1, the first k are gone.</summary>
    UnmapStopsLater,
    /// <summary>RC-23: an active list is deactivated.</summary>
    ActiveRound,
    /// <summary>RC-18: its turn passes unscanned.</summary>
    ActiveSkipped,
    /// <summary>RC-18: one round of active_anon after the visit.</summary>
    AgeingAtVisitEnd,
    /// <summary>RC-16a: file lists only.</summary>
    BalanceNoSwap,
    /// <summary>RC-16b: file lists only.</summary>
    BalanceSwappinessZero,
    /// <summary>RC-16c: priority 0, everything.</summary>
    BalanceEqual,
    /// <summary>RC-16d: hardly any file pages on the node.</summary>
    BalanceAnonOnly,
    /// <summary>RC-16e: file lists only.</summary>
    BalanceCacheTrim,
    /// <summary>RC-16f: by cost and swappiness.</summary>
    BalanceProportional,
    /// <summary>RC-14: memory.min or memory.low spares the group.</summary>
    GroupProtected,
    /// <summary>RC-19: the goal is met and one type is used up.</summary>
    ListsGoalEnds,
    /// <summary>RC-19: the goal is met with less anon left.</summary>
    ListsAnonDropped,
    /// <summary>RC-19: the goal is met with less file left.</summary>
    ListsFileDropped,
    /// <summary>RC-20: nothing found, pass 2.</summary>
    CallSecondPass,
    /// <summary>RC-20: pass with deactivation forced.</summary>
    CallForcedPass,
    /// <summary>RC-20: pass without memory.low.</summary>
    CallLowIgnoredPass,
    /// <summary>RC-20: a costly request ends early.</summary>
    CallCompactionReady,
    /// <summary>RC-14: a step for an order-9 page is repeated.</summary>
    StepRepeats,
    /// <summary>RC-20: every pass was in vain.</summary>
    CallFindsNothing,
    /// <summary>RC-40: memory.reclaim finds what was asked.</summary>
    WriteMet,
    /// <summary>RC-40: the 17th call in vain, EAGAIN.</summary>
    WriteFails,
    /// <summary>RC-11: high is met.</summary>
    KswapdEndsBalanced,
    /// <summary>RC-12: a full run without any page.</summary>
    KswapdRunFails,
    /// <summary>RC-11: once more without RC-16e.</summary>
    KswapdRepeatsWithoutTrim,
    /// <summary>RC-12: a wake-up that is ignored.</summary>
    KswapdHopeless,
    /// <summary>RC-13: low hit quickly.</summary>
    KswapdWokenInNap,
    /// <summary>RC-13: high hit quickly.</summary>
    KswapdUnbalancedAfterNap,
    /// <summary>RC-7: a base page is reclaimed for.</summary>
    SlowReclaimsNode,
    /// <summary>RC-8: one reclaim for an order-9 page.</summary>
    SlowHugeReclaimsOnce,
    /// <summary>RC-8: and it did not help.</summary>
    SlowHugeFails,
    /// <summary>RC-8: __GFP_NORETRY gives up where compaction cannot run.</summary>
    SlowHugeGivesUpEarly,
    /// <summary>RC-9: too few free pages, or not fragmented.</summary>
    CompactionSkipped,
    /// <summary>RC-9: earlier failures defer it.</summary>
    CompactionDeferred,
    /// <summary>UT-41: what the CPUs gave back is a block.</summary>
    CompactionFindsBlock,
    /// <summary>UT-41: every block holds a page that cannot move.</summary>
    CompactionFindsNoBlock,
    /// <summary>UT-41: the pages of a block are isolated.</summary>
    CompactionIsolates,
    /// <summary>UT-43: the block is free.</summary>
    CompactionMakesBlock,
    /// <summary>UT-43: a page could not be moved after all.</summary>
    CompactionMovesInVain,
    /// <summary>RC-60: one call with the charge as goal.</summary>
    ChargeReclaims,
    /// <summary>RC-60: the stocks of all CPUs are given back.</summary>
    ChargeDrains,
    /// <summary>RC-60: 16 retries in vain for base pages.</summary>
    ChargeKills,
    /// <summary>RC-60: the same for an order-9 charge.</summary>
    ChargeHugeFails,
    /// <summary>RC-60: __GFP_NORETRY gives up after the drain.</summary>
    ChargeNoRetry,
    /// <summary>RC-62: memory.max below the usage.</summary>
    LimitReclaims,
    /// <summary>RC-62: 16 calls in vain.</summary>
    LimitKills,
    /// <summary>RC-61: the task sleeps for its excess.</summary>
    HighPenalty,
    /// <summary>RC-70: the largest task is killed.</summary>
    OomKills,
    /// <summary>RC-70: no victim.</summary>
    OomFindsNobody,
    /// <summary>RC-70: a victim is not gone yet.</summary>
    OomWaitsForDying,
    /// <summary>DS-8: N = 0, not even a trace line.</summary>
    QueueEmpty,
    /// <summary>DS-9: the total is below N and 128.</summary>
    QueueNotDue,
    /// <summary>DS-9: a scan call is made.</summary>
    QueueDue,
    /// <summary>DS-9: a scan call of 128.</summary>
    QueueFullBatch,
    /// <summary>DS-9: the total is cut at 2N.</summary>
    QueueTotalCapped,
    /// <summary>DS-9: the new carry-over is cut at 2N.</summary>
    QueueCarryCapped,
    /// <summary>DS-10c: nothing split and the queue is empty.</summary>
    QueueStops,
    /// <summary>DS-12: refcount 0, dropped.</summary>
    EntryBeingFreed,
    /// <summary>DS-13.1: too few zero pages.</summary>
    EntryUsed,
    /// <summary>DS-16: max_ptes_none 511.</summary>
    EntryTestOff,
    /// <summary>DS-13.2: the trylock fails.</summary>
    EntryLocked,
    /// <summary>DS-13.3: split because partially mapped.</summary>
    EntryPartialSplit,
    /// <summary>DS-13.3: split because underused.</summary>
    EntryUnderusedSplit,
    /// <summary>DS-19: the split is refused.</summary>
    EntrySplitFails,
    /// <summary>DS-14: not split and whole, leaves for good.</summary>
    EntryDropped,
    /// <summary>DS-14: not split and partial, back to the tail.</summary>
    EntryRequeued,
    /// <summary>DS-13.4: everybody else let go meanwhile.</summary>
    EntryLastReference,
    /// <summary>DS-19: the caller's trylock fails.</summary>
    SplitLockTaken,
    /// <summary>DS-19: writeback or swap cache, EBUSY.</summary>
    SplitPinned,
    /// <summary>DS-24: a transient reference, EAGAIN.</summary>
    SplitReferenced,
    /// <summary>DS-19: mappings of another process.</summary>
    SplitMappedElsewhere,
    /// <summary>DS-22: zero-filled pages become zero PTEs.</summary>
    SplitZeroesRemapped,
    /// <summary>DS-21: pages without mapping are freed.</summary>
    SplitTailsFreed,
}
