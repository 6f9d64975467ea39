namespace MmActors.Model.Reclaim;

/// <summary>All that decides how much of each list one visit of an lruvec scans (RC-15, RC-16).</summary>
public readonly record struct BalanceInput
{
    /// <summary>Exact list lengths of the memcg visited, before the batches are drained (RC-15); behind memory.min or
    /// memory.low what <see cref="ScanBalance.Unprotected"/> leaves of them.</summary>
    public required LruPages Sizes { get; init; }

    /// <summary>Flushed list sizes of the target of the reclaim, its descendants included (RC-16g).</summary>
    public required LruPages Stale { get; init; }

    /// <summary>The shift of this step, 12…0.</summary>
    public required int Priority { get; init; }

    /// <summary>RC-16a: there are free swap slots, the memcg's swap limit leaves room, and this reclaim may swap.</summary>
    public required bool CanSwap { get; init; }

    /// <summary>The target is a memcg: a charge at its limit or a write to its files, not the memory of the node.</summary>
    public required bool IsMemcgReclaim { get; init; }

    /// <summary>0…200; what anon is worth against file at equal cost.</summary>
    public required int Swappiness { get; init; }

    /// <summary>RC-16d, the part about the node: file pages and free pages together do not exceed Σ high.</summary>
    public required bool FileIsTiny { get; init; }

    /// <summary>RC-18 for the anon lists of the target.</summary>
    public required bool MayDeactivateAnon { get; init; }

    /// <summary>RC-18 for the file lists of the target.</summary>
    public required bool MayDeactivateFile { get; init; }

    /// <summary>RC-11: kswapd repeats its run without RC-16e.</summary>
    public bool CacheTrimOff { get; init; }

    /// <summary>anon_cost of the target (RC-39).</summary>
    public required long AnonCost { get; init; }

    /// <summary>file_cost of the target (RC-39).</summary>
    public required long FileCost { get; init; }

    /// <summary>RC-16d: exact inactive anon pages of the whole node; null when the memcg visited has all of them.</summary>
    public long? NodeInactiveAnon { get; init; }
}

/// <summary>Which lists a visit scans, and with what share (RC-16).</summary>
public enum ScanFocus
{
    /// <summary>SCAN_FILE: the file lists in full, anon not at all.</summary>
    FileOnly,
    /// <summary>SCAN_ANON: the anon lists in full, file not at all.</summary>
    AnonOnly,
    /// <summary>SCAN_EQUAL: every list in full.</summary>
    Equal,
    /// <summary>SCAN_FRACT: anon and file by swappiness and cost.</summary>
    Proportional,
}
