namespace MmActors.Model.Khugepaged.Charging;

/// <summary>Charges the scan budget for the PTEs actually visited; 1 where there was nothing to visit.
/// KH-15 (new accounting), "mm: khugepaged: refine scan progress number", v7.1.</summary>
public sealed class ChargeVisited : IScanCharge
{
    /// <inheritdoc/>
    public int Charge(in RangeScan scan) => scan.HasPteTable ? scan.VisitedPtes : 1;
}
