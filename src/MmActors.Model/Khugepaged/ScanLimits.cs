using MmActors.Model.Settings;

namespace MmActors.Model.Khugepaged;

/// <summary>What bounds a scan: who asks, the max_ptes_* limits, and the version switches that change decisions.</summary>
public readonly struct ScanLimits
{
    private const int Unlimited = 512;

    /// <summary>K in the rules: khugepaged asks, so limits and references count (KH-44).</summary>
    public required bool IsKhugepaged { get; init; }

    /// <summary>Highest allowed number of none or zero PTEs.</summary>
    public required int MaxNone { get; init; }

    /// <summary>Highest allowed number of non-present PTEs.</summary>
    public required int MaxSwap { get; init; }

    /// <summary>Highest allowed number of shared PTEs.</summary>
    public required int MaxShared { get; init; }

    /// <summary>Whether clean lazyfree pages end the range (VR-2, VR-3 resolved for this area).</summary>
    public required bool SkipLazyfree { get; init; }

    /// <summary>VR-5: a writable PTE is required.</summary>
    public required bool RequireWritable { get; init; }

    /// <summary>VR-10: exact "mapped shared".</summary>
    public required bool ExactShared { get; init; }

    /// <summary>The limits for one area, from the settings and switches in force.</summary>
    /// <param name="settings">sysfs settings now: max_ptes_* are read at every range.</param>
    /// <param name="switches">Kernel behaviour.</param>
    /// <param name="lazyfree">The lazyfree policy of that behaviour.</param>
    /// <param name="droppable">The area is VM_DROPPABLE.</param>
    /// <param name="uffdArmed">The area is armed for userfaultfd.</param>
    /// <param name="isKhugepaged">False for MADV_COLLAPSE.</param>
    public static ScanLimits For(
        ThpSettings settings, KernelSwitches switches, ILazyfreePolicy lazyfree,
        bool droppable, bool uffdArmed, bool isKhugepaged) => new()
        {
            IsKhugepaged = isKhugepaged,
            MaxNone = uffdArmed ? 0 : isKhugepaged ? settings.MaxPtesNone : Unlimited,
            MaxSwap = isKhugepaged ? settings.MaxPtesSwap : Unlimited,
            MaxShared = isKhugepaged ? settings.MaxPtesShared : Unlimited,
            SkipLazyfree = isKhugepaged && lazyfree.Skips(droppable),
            RequireWritable = switches.RequireWritable,
            ExactShared = switches.ExactMappedShared,
        };
}
