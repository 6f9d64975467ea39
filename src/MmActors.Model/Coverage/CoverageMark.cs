namespace MmActors.Model.Coverage;

/// <summary>A branch of the rules' decision lists that some test must reach. The code hits the mark where it takes the
/// branch; .ci/run lists the marks no test hit. Marks of scan outcomes are named after the stage and the
/// <see cref="ScanResult"/>.</summary>
public enum CoverageMark
{
    /// <summary>KH-23: the entry maps a THP or the huge zero folio: SCAN_PMD_MAPPED.</summary>
    PmdMappedHuge,
    /// <summary>KH-23: a migration entry since v7.1: SCAN_PMD_MAPPED.</summary>
    PmdMigrationAsMapped,
    /// <summary>KH-23: an empty or missing entry since v7.1: SCAN_NO_PTE_TABLE.</summary>
    PmdMergedNone,
    /// <summary>KH-23: the entry is none: SCAN_PMD_NONE.</summary>
    PmdEntryEmpty,
    /// <summary>KH-23: there is no upper table, or an old kernel meets a migration entry: SCAN_PMD_NULL.</summary>
    PmdUpperMissing,
    /// <summary>KH 2.7: all tests pass, the range goes to COLLAPSE.</summary>
    ScanSucceed,
    /// <summary>KH 2.7 step 1: more swap entries than max_ptes_swap.</summary>
    ScanExceedSwapPte,
    /// <summary>KH 2.7 steps 1 and 3: an entry carries userfaultfd write protection.</summary>
    ScanPteUffdWp,
    /// <summary>KH 2.7 step 2: more none and zero PTEs than max_ptes_none.</summary>
    ScanExceedNonePte,
    /// <summary>KH 2.7 step 5: no normal struct page.</summary>
    ScanPageNull,
    /// <summary>KH 2.7 step 5a: a clean lazyfree page, new kernels only.</summary>
    ScanPageLazyfree,
    /// <summary>KH 2.7 step 6: a page that is not anonymous.</summary>
    ScanPageAnon,
    /// <summary>KH 2.7 step 7: more shared PTEs than max_ptes_shared.</summary>
    ScanExceedSharedPte,
    /// <summary>KH 2.7 step 8: a node beyond the reclaim distance.</summary>
    ScanScanAbort,
    /// <summary>KH 2.7 step 9: the folio is on no list.</summary>
    ScanPageLru,
    /// <summary>KH 2.7 step 10: somebody holds the folio lock.</summary>
    ScanPageLock,
    /// <summary>KH 2.7 step 11: a reference too many.</summary>
    ScanPageCount,
    /// <summary>KH 2.7 after the loop: no writable PTE up to v6.17.</summary>
    ScanPageRo,
    /// <summary>KH 2.7 after the loop: nothing young, or the half-swapped rule (KH-56).</summary>
    ScanLackReferencedPage,
    /// <summary>KH 2.8 C1: the order-9 page is there and charged.</summary>
    AllocateSucceed,
    /// <summary>KH 2.8 C1: no order-9 page.</summary>
    AllocateAllocHugePageFail,
    /// <summary>KH 2.8 C1, KH-35a: the charge does not fit.</summary>
    AllocateCgroupChargeFail,
    /// <summary>KH-34: khugepaged or MADV_COLLAPSE reclaims for its page.</summary>
    AllocateSlowly,
    /// <summary>KH 2.8 C2: nothing changed in window W1.</summary>
    RecheckSucceed,
    /// <summary>KH-36 row 3 in W1: the mm exits or is THP-disabled.</summary>
    RecheckAnyProcess,
    /// <summary>KH-36 row 1 in W1: no area left at or above the range.</summary>
    RecheckVmaNull,
    /// <summary>KH-36 row 1 in W1: the range does not fit the area found.</summary>
    RecheckAddressRange,
    /// <summary>KH-36 rows 1 and 2 in W1: no longer eligible.</summary>
    RecheckVmaCheck,
    /// <summary>KH-36 row 1 in W1: a new mapping without anon_vma.</summary>
    RecheckPageAnon,
    /// <summary>KH-36 row 4 in W1: somebody else collapsed the range.</summary>
    RecheckPmdMapped,
    /// <summary>KH 2.8 C2: the page table is gone, PMD entry empty.</summary>
    RecheckPmdNone,
    /// <summary>KH 2.8 C2: the page table is gone with its upper table.</summary>
    RecheckPmdNull,
    /// <summary>KH 2.8 C2: either of both since v7.1.</summary>
    RecheckNoPteTable,
    /// <summary>KH 2.8 C3: every swap entry is present again.</summary>
    SwapInSucceed,
    /// <summary>KH-33a (3): the read is still in flight.</summary>
    SwapInPageLock,
    /// <summary>KH 2.8 C3: no memory for the swap-in.</summary>
    SwapInFail,
    /// <summary>KH 2.8 C3: the page table went away meanwhile.</summary>
    SwapInPmdNull,
    /// <summary>KH 2.8 C4: nothing changed in window W2.</summary>
    RelockSucceed,
    /// <summary>KH-36 row 3 in W2: the mm exits or is THP-disabled.</summary>
    RelockAnyProcess,
    /// <summary>KH-36 row 1 in W2: no area left at or above the range.</summary>
    RelockVmaNull,
    /// <summary>KH-36 row 1 in W2: the range does not fit the area found.</summary>
    RelockAddressRange,
    /// <summary>KH-36 rows 1 and 2 in W2: no longer eligible.</summary>
    RelockVmaCheck,
    /// <summary>KH-36 row 1 in W2: a new mapping without anon_vma.</summary>
    RelockPageAnon,
    /// <summary>KH-36 row 4 in W2: somebody else collapsed the range.</summary>
    RelockPmdMapped,
    /// <summary>KH 2.8 C4: the page table is gone, PMD entry empty.</summary>
    RelockPmdNone,
    /// <summary>KH 2.8 C4: the page table is gone with its upper table.</summary>
    RelockPmdNull,
    /// <summary>KH 2.8 C4: either of both since v7.1.</summary>
    RelockNoPteTable,
    /// <summary>KH 2.8 C4: the page of PMD entries is another one than in C2.</summary>
    RelockFail,
    /// <summary>KH 2.9: all sources are locked and isolated.</summary>
    IsolateSucceed,
    /// <summary>KH 2.9 step 1, KH-36 row 5: holes made in W1 or W2 break max_ptes_none.</summary>
    IsolateExceedNonePte,
    /// <summary>KH 2.9 step 2, KH-36: reclaim swapped a page out.</summary>
    IsolatePteNonPresent,
    /// <summary>KH 2.9 step 3: write protection set meanwhile.</summary>
    IsolatePteUffdWp,
    /// <summary>KH 2.9 step 4: no normal page.</summary>
    IsolatePageNull,
    /// <summary>KH 2.9 step 4a, KH-36: MADV_FREE in W1 or W2, new kernels.</summary>
    IsolatePageLazyfree,
    /// <summary>KH 2.9 step 5, KH-36: fork in W1 or W2.</summary>
    IsolateExceedSharedPte,
    /// <summary>KH 2.9 step 7, KH-36: the folio lock is taken.</summary>
    IsolatePageLock,
    /// <summary>KH 2.9 step 8, KH-36: batch, pin, or reclaim's reference.</summary>
    IsolatePageCount,
    /// <summary>KH 2.9 step 9, KH-36: the LRU flag is gone already.</summary>
    IsolateDelPageLru,
    /// <summary>KH-37, KH-36: nothing writable is left after a fork.</summary>
    IsolatePageRo,
    /// <summary>KH-37, KH-36: ageing cleared every young bit.</summary>
    IsolateLackReferencedPage,
    /// <summary>KH 2.9 step 6: a further PTE of a large source.</summary>
    IsolateLargeSourceAgain,
    /// <summary>KH-36: pages that vanished in W1 or W2 are zero in the new THP.</summary>
    RaceHolesFilled,
    /// <summary>KH-36: an old kernel takes a clean lazyfree page as source.</summary>
    RaceLazyfreeHintLost,
    /// <summary>KH-36: a new kernel takes a rewritten lazyfree page as source.</summary>
    RaceRewrittenLazyfreeTaken,
    /// <summary>KH 2.8 C7: all 512 pages copied.</summary>
    CopySucceed,
    /// <summary>KH 2.8 C7: a poisoned source, everything is put back.</summary>
    CopyCopyMc,
    /// <summary>KH-12: the trylock of mmap_lock fails.</summary>
    VisitLockRefused,
    /// <summary>KH-13: the mm is exiting or THP-disabled at the start.</summary>
    VisitClosedMm,
    /// <summary>KH-14.1: it becomes so within the VISIT.</summary>
    VisitClosedInside,
    /// <summary>KH-14.2: an area that is not eligible costs 1.</summary>
    VisitIneligibleSkipped,
    /// <summary>KH-14.3: the cursor is beyond the aligned part of an area.</summary>
    VisitAreaPassed,
    /// <summary>KH-18: no area left, the cursor moves on.</summary>
    VisitRanOff,
    /// <summary>KH-14.4: the budget ends the VISIT.</summary>
    VisitBudgetSpent,
    /// <summary>KH-14.4: a collapse attempt ends the VISIT.</summary>
    VisitLockDropped,
    /// <summary>KH-18: the slot of an exited mm is freed.</summary>
    VisitFreesSlot,
    /// <summary>KH-18: the cursor left the last slot.</summary>
    VisitFullScan,
    /// <summary>KH-4.5: the first allocation failure of a pass sleeps.</summary>
    PassAllocSleep,
    /// <summary>KH-4.5: the second one ends the pass.</summary>
    PassEndsAtSecondFailure,
    /// <summary>KH-43: no aligned range, EINVAL.</summary>
    CallEmptyAreaInvalid,
    /// <summary>KH-43: no aligned range is success in v7.x.</summary>
    CallEmptyAreaAllowed,
    /// <summary>KH-43: an unmapped hole makes ENOMEM.</summary>
    CallHole,
    /// <summary>KH-43: the area is gone or unfit before a range.</summary>
    CallRevalidationFails,
    /// <summary>KH-45: a huge range counts as done.</summary>
    CallAlreadyHuge,
    /// <summary>KH-45: the failure is remembered.</summary>
    CallGoesOnAfterFailure,
    /// <summary>KH-45: any other failure ends the call.</summary>
    CallEndsAtFailure,
    /// <summary>KH-46: ENOMEM for a page that cannot be had.</summary>
    CallNoMemory,
    /// <summary>KH-46: EBUSY for a charge or too many holes.</summary>
    CallBusy,
    /// <summary>KH-46: EAGAIN for what may pass by itself.</summary>
    CallAgain,
    /// <summary>KH-46: EINVAL for the rest.</summary>
    CallInvalid,
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
    /// <summary>UT-1: nothing mapped, or not writable.</summary>
    FaultSegfault,
    /// <summary>UT-2: an order-9 page is mapped.</summary>
    FaultHuge,
    /// <summary>UT-2: a read maps the huge zero folio.</summary>
    FaultHugeZero,
    /// <summary>UT-3: no order-9 page, base pages instead.</summary>
    FaultHugeFallback,
    /// <summary>UT-2: the range was populated while it was zeroed.</summary>
    FaultHugeOutrun,
    /// <summary>UT-4: a read maps the zero page.</summary>
    FaultZeroPage,
    /// <summary>UT-4: a write maps a fresh page.</summary>
    FaultNewPage,
    /// <summary>UT-8: a write replaces the zero page.</summary>
    FaultOverZeroPage,
    /// <summary>UT-7: swap entries are read.</summary>
    FaultSwapIn,
    /// <summary>UT-8: a small page of ours alone becomes writable.</summary>
    FaultReuse,
    /// <summary>UT-8: so does an exclusive subpage.</summary>
    FaultReuseSubpage,
    /// <summary>UT-8: so does a whole huge mapping.</summary>
    FaultReuseHuge,
    /// <summary>UT-8: a shared small page is copied.</summary>
    FaultCopy,
    /// <summary>UT-8: a subpage of a shared folio is copied.</summary>
    FaultCopySubpage,
    /// <summary>UT-8: a write splits a shared huge mapping.</summary>
    FaultSplitsSharedHuge,
}
