using MmActors.Model.AddressSpaces;
using MmActors.Model.Coverage;
using MmActors.Model.Settings;

namespace MmActors.Model.Khugepaged;

/// <summary>KH-23: what khugepaged finds where it looks for a page table.</summary>
public static class PmdLookup
{
    /// <summary><see cref="ScanResult.Succeed"/> when the range has a page table, else why there is nothing to walk.</summary>
    public static ScanResult Find(Mm mm, long range, KernelSwitches switches)
    {
        PmdState? state = mm.Directory.StateOf(range);
        ScanResult result = Describe(state, switches);
        CoverageMarks.HitIf(state is PmdState.Huge or PmdState.HugeZero, CoverageMark.PmdMappedHuge);
        CoverageMarks.HitIf(state == PmdState.Migration && result == ScanResult.PmdMapped, CoverageMark.PmdMigrationAsMapped);
        CoverageMarks.HitIf(result == ScanResult.NoPteTable, CoverageMark.PmdMergedNone);
        CoverageMarks.HitIf(result == ScanResult.PmdNone, CoverageMark.PmdEntryEmpty);
        CoverageMarks.HitIf(result == ScanResult.PmdNull, CoverageMark.PmdUpperMissing);
        return result;
    }

    private static ScanResult Describe(PmdState? state, KernelSwitches switches) => state switch
    {
        PmdState.Table => ScanResult.Succeed,
        PmdState.Huge or PmdState.HugeZero => ScanResult.PmdMapped,
        PmdState.Migration when switches.MigrationReportedAsMapped => ScanResult.PmdMapped,
        _ when switches.MergedNoPteTable => ScanResult.NoPteTable,
        PmdState.None => ScanResult.PmdNone,
        _ => ScanResult.PmdNull,
    };
}
