using MmActors.Model.Settings;

namespace MmActors.Model.Khugepaged;

/// <summary>Outcome of scanning one 2 MiB range, with the numbers the trace shows (KH-30).</summary>
/// <param name="Result">Why the loop ended; <see cref="ScanResult.Succeed"/> means "go to COLLAPSE".</param>
/// <param name="Referenced">PTEs that counted as referenced.</param>
/// <param name="NoneOrZero">none and zero-page PTEs met.</param>
/// <param name="Unmapped">Non-present PTEs met.</param>
/// <param name="VisitedPtes">Index of the PTE at which the loop ended + 1; 512 when the checks after it were reached.</param>
/// <param name="HasPteTable">False when there was no page table to walk.</param>
/// <param name="Writable">Whether a writable PTE was met.</param>
/// <param name="LastPfn">Head of the last folio that was looked at, −1 for none (TC-3).</param>
/// <param name="PresentPtes">Present PTEs visited; for the cost of the walk.</param>
public readonly record struct RangeScan(
    ScanResult Result,
    int Referenced,
    int NoneOrZero,
    int Unmapped,
    int VisitedPtes,
    bool HasPteTable,
    bool Writable,
    int LastPfn,
    int PresentPtes)
{
    /// <summary>Simulated duration of the walk, in nanoseconds (cost-model.md 9.2).</summary>
    public double CostNs(KernelCosts costs) =>
        (PresentPtes * costs.ScanPresentPteNs) + ((VisitedPtes - PresentPtes) * costs.ScanNonePteNs);

    /// <summary>A range without a page table to walk.</summary>
    public static RangeScan WithoutTable(ScanResult result) => new(result, 0, 0, 0, 0, false, false, -1, 0);
}
