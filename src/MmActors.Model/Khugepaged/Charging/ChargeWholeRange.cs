using MmActors.Model.Units;

namespace MmActors.Model.Khugepaged.Charging;

/// <summary>Charges 512 for every range, whatever its outcome: unmapped, already huge, first PTE failed.
/// KH-15 (old accounting), kernels up to v7.0.</summary>
public sealed class ChargeWholeRange : IScanCharge
{
    /// <inheritdoc/>
    public int Charge(in RangeScan scan) => Geometry.PtesPerTable;
}
