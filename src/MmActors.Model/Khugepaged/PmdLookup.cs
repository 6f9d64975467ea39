using MmActors.Model.AddressSpaces;
using MmActors.Model.Settings;

namespace MmActors.Model.Khugepaged;

/// <summary>KH-23: what khugepaged finds where it looks for a page table.</summary>
public static class PmdLookup
{
    /// <summary><see cref="ScanResult.Succeed"/> when the range has a page table, else why there is nothing to walk.</summary>
    public static ScanResult Find(Mm mm, long range, KernelSwitches switches) => mm.Directory.StateOf(range) switch
    {
        PmdState.Table => ScanResult.Succeed,
        PmdState.Huge or PmdState.HugeZero => ScanResult.PmdMapped,
        PmdState.Migration when switches.MigrationReportedAsMapped => ScanResult.PmdMapped,
        _ when switches.MergedNoPteTable => ScanResult.NoPteTable,
        PmdState.None => ScanResult.PmdNone,
        _ => ScanResult.PmdNull,
    };
}
