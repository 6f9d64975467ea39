using MmActors.Model.Settings;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>The native machine's costs, with any number of CPUs: small enough that tasks and khugepaged meet.</summary>
internal static class TestMachine
{
    public static MachinePreset With(int cpus) => new()
    {
        Name = "test",
        BaseCycles = 1.3,
        MissPenaltyCycles = 4.2,
        TlbReachEntries = 2048,
        ClockGhz = 4.24,
        FixedNsPerAccess = 8.47,
        Hz = 250,
        Cpus = cpus,
        Costs = new KernelCosts
        {
            ScanPresentPteNs = 30,
            ScanNonePteNs = 3,
            VisitNs = 1000,
            SkipVmaNs = 50,
            DrainAllNs = 50_000,
            HugeAllocNs = 20_000,
            IsolateNs = 60_000,
            CopyNs = 350_000,
            MinorFaultNs = 600,
            ZeroFaultNs = 400,
            HugeFaultNs = 102_000,
            CowNs = 1000,
            MadvFreePteNs = 40,
            MadvDontNeedPteNs = 120,
            FolioSplitNs = 150_000,
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

    /// <summary>Behaviour of 6.12, the kernel of the recordings.</summary>
    public static KernelSwitches Switches612 { get; } = new()
    {
        Charging = ScanCharging.WholeRange,
        Lazyfree = LazyfreeHandling.Collapse,
        RequireWritable = true,
    };
}
