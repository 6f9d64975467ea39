using MmActors.Model.Khugepaged;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Benchmarks.Support;

/// <summary>The kernel, machine and limits every benchmark uses.</summary>
internal static class Behaviour
{
    /// <summary>No lazyfree skip, 512 charged for every range: all ranges are scanned to the end.</summary>
    public static readonly KernelSwitches Old = new()
    {
        Charging = ScanCharging.WholeRange,
        Lazyfree = LazyfreeHandling.Collapse,
    };

    /// <summary>Lazyfree ranges end at their first page.</summary>
    public static readonly KernelSwitches New = new()
    {
        Charging = ScanCharging.Visited,
        Lazyfree = LazyfreeHandling.Skip,
    };

    /// <summary>Round costs; simulated time is not what is measured here.</summary>
    public static readonly MachinePreset Machine = new()
    {
        Name = "benchmark",
        BaseCycles = 1.3,
        MissPenaltyCycles = 4.2,
        TlbReachEntries = 4287,
        ClockGhz = 4.2,
        FixedNsPerAccess = 8.5,
        Hz = 1000,
        Cpus = 2,
        Costs = new KernelCosts
        {
            ScanPresentPteNs = 10,
            ScanNonePteNs = 1,
            VisitNs = 300,
            SkipVmaNs = 20,
            DrainAllNs = 10_000,
            HugeAllocNs = 1000,
            IsolateNs = 30_000,
            CopyNs = 200_000,
            MinorFaultNs = 500,
            ZeroFaultNs = 300,
            HugeFaultNs = 80_000,
            CowNs = 700,
            MadvFreePteNs = 30,
            MadvDontNeedPteNs = 50,
            FolioSplitNs = 20_000,
            StreamBytesPerNs = 10,
            TouchNs = 5,
            LruScanPageNs = 300,
            LazyfreeDiscardNs = 500,
            SwapRamPageNs = 3_000,
            SwapDiskPageNs = 10_000,
            SwapLatencyNs = 80_000,
            ZeroTestNs = 120,
            NonzeroTestNs = 15,
            CompactionNs = 100_000,
            MigratePageNs = 1_000,
            SyscallNs = 100,
        },
    };

    /// <summary>No process image: only the benchmark's own area is walked.</summary>
    public static readonly ProcessImage NoImage = new(0, 0);

    /// <summary>khugepaged's limits under these switches at the sysfs defaults.</summary>
    public static ScanLimits Limits(KernelSwitches switches) => ScanLimits.For(
        new ThpSettings(), switches, LazyfreePolicy.For(switches.Lazyfree), droppable: false, uffdArmed: false, isKhugepaged: true);
}
