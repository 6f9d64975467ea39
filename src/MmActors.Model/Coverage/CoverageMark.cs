namespace MmActors.Model.Coverage;

/// <summary>A branch of the rules' decision lists that some test must reach: khugepaged, MADV_COLLAPSE and faults. The code
/// hits the mark where it takes the branch; .ci/coverage lists the marks no test hit. Marks of scan outcomes are named after
/// the stage and the <see cref="ScanResult"/>.</summary>
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
