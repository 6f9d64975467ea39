namespace MmActors.Experiments.Traces;

/// <summary>What stands before the payload of a trace line (TC-1).</summary>
/// <param name="Line">Line of the file, counted from 1.</param>
/// <param name="Comm">Name of the running task; "&lt;...&gt;" when the tracer had forgotten it.</param>
/// <param name="Pid">Its thread id.</param>
/// <param name="Seconds">Timestamp; in the clock's own unit when that is not seconds.</param>
public readonly record struct TraceStamp(int Line, string Comm, int Pid, double Seconds)
{
    /// <summary>khugepaged's own doing (true), another task's, i.e. MADV_COLLAPSE (false); null when the name is lost.</summary>
    public bool? IsKhugepaged => Comm == "<...>" ? null : Comm == "khugepaged";
}

/// <summary>One event of a trace that the simulator knows as well.</summary>
/// <param name="Stamp">Where and when.</param>
public abstract record TraceRecord(TraceStamp Stamp);

/// <summary>mm_khugepaged_scan_pmd: one range was looked at (KH-30).</summary>
/// <param name="Stamp">Where and when.</param>
/// <param name="Mm">Pointer of the mm as printed, without 0x.</param>
/// <param name="Status">Final result of the range.</param>
/// <param name="Referenced">Referenced PTEs seen by the scan.</param>
/// <param name="NoneOrZero">None and zero-page PTEs.</param>
/// <param name="Unmapped">Non-present PTEs.</param>
public sealed record ScanPmdRecord(
    TraceStamp Stamp, string Mm, TraceStatus Status, int Referenced, int NoneOrZero, int Unmapped) : TraceRecord(Stamp)
{
    /// <summary>Head of the last folio reached (TC-3), −1 for none; null when the kernel does not print it.</summary>
    public long? ScanPfn { get; init; }

    /// <summary>A PTE was writable; printed up to v6.17 (VR-5).</summary>
    public bool? Writable { get; init; }

    /// <summary>First address of the range, where the kernel prints it (TC-12).</summary>
    public long? Address { get; init; }

    /// <summary>PTEs visited, where the kernel prints it (TC-12).</summary>
    public int? Looked { get; init; }

    /// <summary>Thread group that owns the mm, −1 once it is gone, where the kernel prints it (TC-12).</summary>
    public int? OwnerPid { get; init; }
}

/// <summary>mm_khugepaged_scan: one VISIT ended (KH-19).</summary>
/// <param name="Stamp">Where and when.</param>
/// <param name="Mm">Pointer of the mm as printed, without 0x.</param>
/// <param name="Progress">Budget charged, in pages.</param>
/// <param name="FullScanFinished">The cursor is "none" now (TC-5).</param>
public sealed record ScanRecord(TraceStamp Stamp, string Mm, long Progress, bool FullScanFinished) : TraceRecord(Stamp)
{
    /// <summary>Budget left before this VISIT in pages (KH-19a), where the kernel prints it.</summary>
    public long? Budget { get; init; }

    /// <summary>Thread group that owns the mm, −1 once it is gone, where the kernel prints it (TC-12).</summary>
    public int? OwnerPid { get; init; }
}

/// <summary>mm_collapse_huge_page: a collapse attempt ended (KH-32).</summary>
/// <param name="Stamp">Where and when.</param>
/// <param name="Mm">Pointer of the mm as printed, without 0x.</param>
/// <param name="Isolated">1 exactly when it succeeded.</param>
/// <param name="Status">Result of the attempt.</param>
public sealed record CollapseRecord(TraceStamp Stamp, string Mm, int Isolated, TraceStatus Status) : TraceRecord(Stamp)
{
    /// <summary>First address of the range, where the kernel prints it (TC-12).</summary>
    public long? Address { get; init; }

    /// <summary>Thread group that owns the mm, where the kernel prints it (TC-12).</summary>
    public int? OwnerPid { get; init; }

    /// <summary>Order of the new folio, printed since v7.2 (VR-18).</summary>
    public int? Order { get; init; }
}

/// <summary>mm_collapse_huge_page_isolate: the isolate step of a collapse ended (2.9).</summary>
/// <param name="Stamp">Where and when.</param>
/// <param name="Status">Result of the step.</param>
/// <param name="Referenced">Referenced PTEs, counted afresh (KH-32a).</param>
/// <param name="NoneOrZero">None and zero-page PTEs.</param>
public sealed record IsolateRecord(TraceStamp Stamp, TraceStatus Status, int Referenced, int NoneOrZero) : TraceRecord(Stamp)
{
    /// <summary>Head of the last folio looked at, −1 for none; null when the kernel does not print it.</summary>
    public long? ScanPfn { get; init; }

    /// <summary>A PTE was writable; printed up to v6.17 (VR-5).</summary>
    public bool? Writable { get; init; }

    /// <summary>Order of the new folio, printed since v7.2 (VR-18).</summary>
    public int? Order { get; init; }
}

/// <summary>mm_collapse_huge_page_swapin: the swap-in phase of a collapse ended (KH-32).</summary>
/// <param name="Stamp">Where and when.</param>
/// <param name="Mm">Pointer of the mm as printed, without 0x.</param>
/// <param name="SwappedIn">Pages brought in.</param>
/// <param name="Referenced">The scan's count (KH-32a).</param>
/// <param name="Ret">The result as a number; what it means depends on the kernel version (TC-2).</param>
public sealed record SwapinRecord(TraceStamp Stamp, string Mm, int SwappedIn, int Referenced, int Ret) : TraceRecord(Stamp)
{
    /// <summary>Order of the new folio, printed since v7.2 (VR-18).</summary>
    public int? Order { get; init; }
}

/// <summary>lab_deferred_split: the shrinker looked at one huge page (TC-12).</summary>
/// <param name="Stamp">Where and when.</param>
/// <param name="Pfn">Its head.</param>
/// <param name="PartiallyMapped">It was partially mapped.</param>
/// <param name="Underused">It was found underused (DS-16).</param>
/// <param name="Split">It was split.</param>
public sealed record DeferredSplitRecord(
    TraceStamp Stamp, long Pfn, bool PartiallyMapped, bool Underused, bool Split) : TraceRecord(Stamp);

/// <summary>A user's marker written to trace_marker, e.g. "OP role: what it does next".</summary>
/// <param name="Stamp">Where and when; Pid is the thread that wrote it.</param>
/// <param name="Text">The whole marker.</param>
public sealed record MarkerRecord(TraceStamp Stamp, string Text) : TraceRecord(Stamp)
{
    /// <summary>The role of a marker of the form "OP role: …" or "OPEND role: …"; null for any other.</summary>
    public string? Role
    {
        get
        {
            string[] words = Text.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
            return words is ["OP" or "OPEND", { Length: > 1 } role, ..] && role.EndsWith(':') ? role[..^1] : null;
        }
    }
}
