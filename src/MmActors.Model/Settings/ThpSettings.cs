namespace MmActors.Model.Settings;

/// <summary>The sysfs policy words of <c>enabled</c>.</summary>
public enum ThpEnabled
{
    /// <summary>Every eligible area.</summary>
    Always,
    /// <summary>Only areas advised with MADV_HUGEPAGE.</summary>
    Madvise,
    /// <summary>No area.</summary>
    Never,
    /// <summary>Follow the global word; valid for the per-size file only.</summary>
    Inherit,
}

/// <summary>The sysfs words of <c>defrag</c>: allocation effort at fault (UT-3).</summary>
public enum ThpDefrag
{
    /// <summary>Direct reclaim and compaction for every THP fault.</summary>
    Always,
    /// <summary>Wake kswapd and kcompactd, never stall.</summary>
    Defer,
    /// <summary>Stall only in advised areas, wake the daemons elsewhere.</summary>
    DeferMadvise,
    /// <summary>Stall only in advised areas (the default).</summary>
    Madvise,
    /// <summary>Never stall, never wake.</summary>
    Never,
}

/// <summary>/sys/kernel/mm/transparent_hugepage (tracepoints-and-counters.md 6.5). Immutable: a knob write makes a
/// new value, so a reader sees one consistent set.</summary>
public sealed record ThpSettings
{
    /// <summary><c>enabled</c>.</summary>
    public ThpEnabled Enabled { get; init; } = ThpEnabled.Madvise;

    /// <summary><c>hugepages-2048kB/enabled</c>.</summary>
    public ThpEnabled PmdEnabled { get; init; } = ThpEnabled.Inherit;

    /// <summary><c>defrag</c>.</summary>
    public ThpDefrag Defrag { get; init; } = ThpDefrag.Madvise;

    /// <summary><c>use_zero_page</c>.</summary>
    public bool UseZeroPage { get; init; } = true;

    /// <summary><c>shrink_underused</c>.</summary>
    public bool ShrinkUnderused { get; init; } = true;

    /// <summary><c>khugepaged/pages_to_scan</c>: budget of one pass, 1 … 2^32−1.</summary>
    public uint PagesToScan { get; init; } = 4096;

    /// <summary><c>khugepaged/scan_sleep_millisecs</c>.</summary>
    public uint ScanSleepMillisecs { get; init; } = 10_000;

    /// <summary><c>khugepaged/alloc_sleep_millisecs</c>.</summary>
    public uint AllocSleepMillisecs { get; init; } = 60_000;

    /// <summary><c>khugepaged/max_ptes_none</c>, 0…511.</summary>
    public int MaxPtesNone { get; init; } = 511;

    /// <summary><c>khugepaged/max_ptes_swap</c>, 0…511.</summary>
    public int MaxPtesSwap { get; init; } = 64;

    /// <summary><c>khugepaged/max_ptes_shared</c>, 0…511.</summary>
    public int MaxPtesShared { get; init; } = 256;

    /// <summary><c>khugepaged/defrag</c>: khugepaged may reclaim and compact directly.</summary>
    public bool KhugepagedDefrag { get; init; } = true;

    /// <summary>KH-2: the khugepaged thread exists iff PMD-order anon THP is enabled.</summary>
    public bool KhugepagedRuns => EffectiveEnabled is ThpEnabled.Always or ThpEnabled.Madvise;

    /// <summary>The word that governs PMD order after resolving <c>inherit</c>.</summary>
    public ThpEnabled EffectiveEnabled => PmdEnabled == ThpEnabled.Inherit ? Enabled : PmdEnabled;

    /// <summary>The sysfs filter of KH-20 for an area with or without VM_HUGEPAGE.</summary>
    public bool Allows(bool advised) => EffectiveEnabled switch
    {
        ThpEnabled.Always => true,
        ThpEnabled.Madvise => advised,
        _ => false,
    };
}
