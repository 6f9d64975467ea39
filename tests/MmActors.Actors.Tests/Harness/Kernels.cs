using MmActors.Model.Settings;

namespace MmActors.Actors.Tests.Harness;

/// <summary>The two generations of the specification (versions.md), and the recorded kernels between them.</summary>
public static class Kernels
{
    /// <summary>OLD: v6.12.</summary>
    public static readonly KernelSwitches Old = new()
    {
        Charging = ScanCharging.WholeRange,
        Lazyfree = LazyfreeHandling.Collapse,
        RequireWritable = true,
        VisitTracepoint = true,
    };

    /// <summary>NEW: v7.1.</summary>
    public static readonly KernelSwitches New = new()
    {
        Charging = ScanCharging.Visited,
        Lazyfree = LazyfreeHandling.SkipExceptDroppable,
        MergedNoPteTable = true,
        VisitTracepoint = true,
        LeavesDisabledMmAtOnce = true,
        MigrationReportedAsMapped = true,
        ExactMappedShared = true,
        CollapseToleratesEmptyRange = true,
    };

    /// <summary>v6.12 with VR-1 and VR-2 but without VR-3, as recorded (VR-24).</summary>
    public static readonly KernelSwitches Lab = Old with
    {
        Charging = ScanCharging.Visited,
        Lazyfree = LazyfreeHandling.Skip,
    };

    /// <summary>One of the generations, for theories.</summary>
    public static KernelSwitches Of(bool isNew) => isNew ? New : Old;
}
