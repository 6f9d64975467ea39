using MmActors.Model.Khugepaged.Charging;
using MmActors.Model.Settings;

namespace MmActors.Model.Khugepaged;

/// <summary>What the look at one range costs the pass budget (KH-15). One small file per answer.</summary>
public interface IScanCharge
{
    /// <summary>Budget charged for the range, in PTEs.</summary>
    int Charge(in RangeScan scan);
}

/// <summary>Finds the policy a switch names.</summary>
public static class ScanCharge
{
    /// <summary>The policy of VR-1.</summary>
    public static IScanCharge For(ScanCharging charging) => charging switch
    {
        ScanCharging.Visited => new ChargeVisited(),
        _ => new ChargeWholeRange(),
    };
}
