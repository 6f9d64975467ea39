namespace MmActors.Model;

/// <summary>Outcome of khugepaged's look at one range (enum scan_result of the kernel, TC-2; the values are ours, the
/// kernel's number depends on the version). File-only outcomes are left out.</summary>
public enum ScanResult : byte
{
    /// <summary>SCAN_FAIL.</summary>
    Fail,
    /// <summary>SCAN_SUCCEED: collapsed.</summary>
    Succeed,
    /// <summary>SCAN_PMD_NULL: an upper page table is missing or vanished.</summary>
    PmdNull,
    /// <summary>SCAN_PMD_NONE: the PMD entry is empty.</summary>
    PmdNone,
    /// <summary>SCAN_NO_PTE_TABLE: the two above since v7.1 (VR-4).</summary>
    NoPteTable,
    /// <summary>SCAN_PMD_MAPPED: already huge.</summary>
    PmdMapped,
    /// <summary>SCAN_EXCEED_NONE_PTE: more none or zero PTEs than max_ptes_none.</summary>
    ExceedNonePte,
    /// <summary>SCAN_EXCEED_SWAP_PTE: more non-present PTEs than max_ptes_swap.</summary>
    ExceedSwapPte,
    /// <summary>SCAN_EXCEED_SHARED_PTE: more shared PTEs than max_ptes_shared.</summary>
    ExceedSharedPte,
    /// <summary>SCAN_PTE_NON_PRESENT: a PTE became non-present before isolation.</summary>
    PteNonPresent,
    /// <summary>SCAN_PTE_UFFD_WP.</summary>
    PteUffdWp,
    /// <summary>SCAN_PAGE_RO: no writable PTE (up to v6.17).</summary>
    PageRo,
    /// <summary>SCAN_LACK_REFERENCED_PAGE.</summary>
    LackReferencedPage,
    /// <summary>SCAN_PAGE_NULL: no normal struct page.</summary>
    PageNull,
    /// <summary>SCAN_SCAN_ABORT: NUMA distance.</summary>
    ScanAbort,
    /// <summary>SCAN_PAGE_COUNT: a transient reference (SM-9).</summary>
    PageCount,
    /// <summary>SCAN_PAGE_LRU: not on an LRU list.</summary>
    PageLru,
    /// <summary>SCAN_PAGE_LOCK: the folio is locked.</summary>
    PageLock,
    /// <summary>SCAN_PAGE_ANON: not anonymous.</summary>
    PageAnon,
    /// <summary>SCAN_PAGE_LAZYFREE: a clean lazyfree page (VR-2).</summary>
    PageLazyfree,
    /// <summary>SCAN_ANY_PROCESS: the mm is exiting or THP-disabled.</summary>
    AnyProcess,
    /// <summary>SCAN_VMA_NULL.</summary>
    VmaNull,
    /// <summary>SCAN_VMA_CHECK: the VMA is not eligible.</summary>
    VmaCheck,
    /// <summary>SCAN_ADDRESS_RANGE: the range does not fit the VMA.</summary>
    AddressRange,
    /// <summary>SCAN_DEL_PAGE_LRU: the LRU flag was cleared by somebody else.</summary>
    DelPageLru,
    /// <summary>SCAN_ALLOC_HUGE_PAGE_FAIL.</summary>
    AllocHugePageFail,
    /// <summary>SCAN_CGROUP_CHARGE_FAIL.</summary>
    CgroupChargeFail,
    /// <summary>SCAN_COPY_MC: a source page is hardware-poisoned.</summary>
    CopyMc,
}

/// <summary>The kernel's own text for each outcome (TC-2), as traces print it.</summary>
public static class ScanResultText
{
    private static readonly string[] Texts =
    [
        "failed", "succeeded", "pmd_null", "pmd_none", "no_pte_table", "page_pmd_mapped", "exceed_none_pte",
        "exceed_swap_pte", "exceed_shared_pte", "pte_non_present", "pte_uffd_wp", "no_writable_page",
        "lack_referenced_page", "page_null", "scan_aborted", "not_suitable_page_count", "page_not_in_lru",
        "page_locked", "page_not_anon", "page_lazyfree", "no_process_for_page", "vma_null", "vma_check_failed",
        "not_suitable_address_range", "could_not_delete_page_from_lru", "alloc_huge_page_failed",
        "ccgroup_charge_failed", "copy_poisoned_page",
    ];

    /// <summary>Number of outcomes; every value is below it.</summary>
    public static int Count => Texts.Length;

    /// <summary>The status string of the trace events.</summary>
    public static string Text(this ScanResult result) => Texts[(int)result];
}
