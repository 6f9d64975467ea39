using MmActors.Model.Settings;

namespace MmActors.Model.Tests.Costs;

/// <summary>The machines of CM-5 with E = 2048 (CM-3); kernel costs play no part in access costs.</summary>
internal static class Machines
{
    public static readonly MachinePreset Native = Of("native", 1.3, 4.2, 4.24);
    public static readonly MachinePreset Kvm = Of("kvm", 2.0, 7.2, 4.24);
    public static readonly MachinePreset EpycKvm = Of("epyc-kvm", 19.6, 5.6, 2.596);

    public static MachinePreset Named(string name) => name switch
    {
        "native" => Native,
        "kvm" => Kvm,
        _ => EpycKvm,
    };

    private static MachinePreset Of(string name, double baseCycles, double penaltyCycles, double clockGhz) => new()
    {
        Name = name,
        BaseCycles = baseCycles,
        MissPenaltyCycles = penaltyCycles,
        TlbReachEntries = 2048,
        ClockGhz = clockGhz,
        FixedNsPerAccess = 2.776e9 / 327_680_000,
        Costs = null!,
        Hz = 250,
        Cpus = 2,
    };
}
