using MmActors.Model;
using MmActors.Model.Settings;

namespace MmActors.Tracing.Ftrace;

/// <summary>enum scan_result as one kernel numbers it: a value is its place in that version's list (TC-2). Only
/// mm_collapse_huge_page_swapin prints the number itself.</summary>
public sealed class ScanResultNumbers
{
    /// <summary>Outcomes of file memory, which are not simulated but take a number.</summary>
    private const ScanResult OfFiles = (ScanResult)byte.MaxValue;

    private static readonly string[] Identifiers =
    [
        "FAIL", "SUCCEED", "PMD_NULL", "PMD_NONE", "NO_PTE_TABLE", "PMD_MAPPED", "EXCEED_NONE_PTE", "EXCEED_SWAP_PTE",
        "EXCEED_SHARED_PTE", "PTE_NON_PRESENT", "PTE_UFFD_WP", "PAGE_RO", "LACK_REFERENCED_PAGE", "PAGE_NULL", "SCAN_ABORT",
        "PAGE_COUNT", "PAGE_LRU", "PAGE_LOCK", "PAGE_ANON", "PAGE_LAZYFREE", "ANY_PROCESS", "VMA_NULL", "VMA_CHECK",
        "ADDRESS_RANGE", "DEL_PAGE_LRU", "ALLOC_HUGE_PAGE_FAIL", "CGROUP_CHARGE_FAIL", "COPY_MC",
    ];

    private readonly int[] _numbers = new int[ScanResultText.Count];

    /// <summary>Numbers of the kernel that behaves like this: without SCAN_PAGE_RO since v6.18 (VR-5), with SCAN_NO_PTE_TABLE
    /// for two others in v7.1 (VR-4), which has SCAN_PAGE_LAZYFREE behind SCAN_PAGE_ANON; an older kernel with the lazyfree
    /// skip added has it last (TC-12).</summary>
    public ScanResultNumbers(KernelSwitches switches)
    {
        ArgumentNullException.ThrowIfNull(switches);
        Array.Fill(_numbers, -1);
        int next = 0;
        foreach (ScanResult result in Order(switches))
        {
            if (result != OfFiles)
            {
                _numbers[(int)result] = next;
            }

            next++;
        }
    }

    /// <summary>The number; −1 for an outcome this kernel does not have.</summary>
    public int this[ScanResult result] => _numbers[(int)result];

    /// <summary>The name in the kernel's source, such as SCAN_PMD_MAPPED.</summary>
    public static string Identifier(ScanResult result) => "SCAN_" + Identifiers[(int)result];

    private static IEnumerable<ScanResult> Order(KernelSwitches switches)
    {
        bool merged = switches.MergedNoPteTable;
        return
        [
            ScanResult.Fail, ScanResult.Succeed,
            .. merged ? (ScanResult[])[ScanResult.NoPteTable] : [ScanResult.PmdNull, ScanResult.PmdNone],
            ScanResult.PmdMapped, ScanResult.ExceedNonePte, ScanResult.ExceedSwapPte, ScanResult.ExceedSharedPte,
            ScanResult.PteNonPresent, ScanResult.PteUffdWp, OfFiles, // pte_mapped_hugepage
            .. switches.RequireWritable ? (ScanResult[])[ScanResult.PageRo] : [],
            ScanResult.LackReferencedPage, ScanResult.PageNull, ScanResult.ScanAbort, ScanResult.PageCount,
            ScanResult.PageLru, ScanResult.PageLock, ScanResult.PageAnon,
            .. merged ? (ScanResult[])[ScanResult.PageLazyfree] : [],
            OfFiles, // page_compound
            ScanResult.AnyProcess, ScanResult.VmaNull, ScanResult.VmaCheck, ScanResult.AddressRange, ScanResult.DelPageLru,
            ScanResult.AllocHugePageFail, ScanResult.CgroupChargeFail,
            OfFiles, OfFiles, OfFiles, // truncated, page_has_private, store_failed
            ScanResult.CopyMc, OfFiles, // page_filled
            .. merged ? (ScanResult[])[] : [ScanResult.PageLazyfree],
        ];
    }
}
