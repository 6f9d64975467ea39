namespace MmActors.Experiments.Traces;

/// <summary>What is compared of mm_khugepaged_scan_pmd; Looked is null where the trace's kernel does not print it.</summary>
internal readonly record struct TracedRange(
    string Scanner, string Task, string Status, int Referenced, int NoneOrZero, int Unmapped, int? Looked)
{
    public override string ToString() =>
        $"{Scanner} {Task} {Status} referenced={Referenced} none_or_zero={NoneOrZero} unmapped={Unmapped}{(Looked is { } looked ? $" looked={looked}" : "")}";
}

/// <summary>What is compared of mm_khugepaged_scan; Budget is null where the trace's kernel does not print it.</summary>
internal readonly record struct TracedCall(string Task, long Progress, bool FullScanFinished, long? Budget)
{
    public override string ToString() =>
        $"{Task} progress={Progress} full_scan_finished={(FullScanFinished ? 1 : 0)}{(Budget is { } budget ? $" budget={budget}" : "")}";
}
