namespace MmActors.Model.Settings;

/// <summary>What a scan of one range costs the pass budget (VR-1, KH-15).</summary>
public enum ScanCharging
{
    /// <summary>512 for every range, whatever happened: kernels up to v7.0.</summary>
    WholeRange,
    /// <summary>The PTEs actually visited, 1 where there was nothing to visit: v7.1.</summary>
    Visited,
}

/// <summary>What khugepaged does with clean lazyfree pages (VR-2, VR-3).</summary>
public enum LazyfreeHandling
{
    /// <summary>Collapses them like any other page: kernels up to v7.0.</summary>
    Collapse,
    /// <summary>Ends the range with SCAN_PAGE_LAZYFREE at the first clean lazyfree PTE.</summary>
    Skip,
    /// <summary>As <see cref="Skip"/>, except in VM_DROPPABLE areas: v7.1.</summary>
    SkipExceptDroppable,
}

/// <summary>The kernel-version differences that change simulated behaviour, one independent switch per row of
/// versions.md. Presets live in <c>config/kernels/</c> as data.</summary>
public sealed record KernelSwitches
{
    /// <summary>VR-1: how the scan budget is charged.</summary>
    public required ScanCharging Charging { get; init; }

    /// <summary>VR-2, VR-3: treatment of clean lazyfree pages.</summary>
    public required LazyfreeHandling Lazyfree { get; init; }

    /// <summary>VR-4: SCAN_PMD_NULL and SCAN_PMD_NONE are reported as SCAN_NO_PTE_TABLE.</summary>
    public bool MergedNoPteTable { get; init; }

    /// <summary>VR-5: a range needs at least one writable PTE, else SCAN_PAGE_RO (up to v6.17).</summary>
    public bool RequireWritable { get; init; }

    /// <summary>VR-6: the trace event mm_khugepaged_scan exists (one per VISIT).</summary>
    public bool VisitTracepoint { get; init; }

    /// <summary>VR-7: the cursor leaves a THP-disabled mm at the end of the same VISIT.</summary>
    public bool LeavesDisabledMmAtOnce { get; init; }

    /// <summary>VR-8: a PMD migration entry is reported as SCAN_PMD_MAPPED instead of SCAN_PMD_NULL.</summary>
    public bool MigrationReportedAsMapped { get; init; }

    /// <summary>VR-10: "mapped shared" is exact per mm instead of the SM-10 heuristic.</summary>
    public bool ExactMappedShared { get; init; }

    /// <summary>VR-17: MADV_COLLAPSE returns 0 for an empty aligned range and goes on after a range without a table.</summary>
    public bool CollapseToleratesEmptyRange { get; init; }
}
