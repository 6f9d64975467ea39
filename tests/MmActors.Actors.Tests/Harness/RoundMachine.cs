using MmActors.Model.Settings;

namespace MmActors.Actors.Tests.Harness;

/// <summary>A machine whose costs are round numbers, and where they put the windows of a pass that collapses its first
/// range: drain 1 ms, VISIT and scan 1.512 ms, C1 1 ms, C2–C3 1 ms, C4–C9 2 ms.</summary>
public static class RoundMachine
{
    /// <summary>lru_add_drain_all at the start of a pass.</summary>
    public static readonly TimeSpan Drain = TimeSpan.FromMilliseconds(1);

    /// <summary>One VISIT with the scan of 512 PTEs.</summary>
    public static readonly TimeSpan VisitAndScan = TimeSpan.FromMicroseconds(1512);

    /// <summary>The scan of 512 PTEs alone.</summary>
    public static readonly TimeSpan Scan = TimeSpan.FromMicroseconds(512);

    /// <summary>C1, which is window W1.</summary>
    public static readonly TimeSpan HugeAlloc = TimeSpan.FromMilliseconds(1);

    /// <summary>C2 and C3: mmap_lock is held for read.</summary>
    public static readonly TimeSpan Recheck = TimeSpan.FromMilliseconds(1);

    /// <summary>C4…C9: mmap_lock is held for write.</summary>
    public static readonly TimeSpan WriteLocked = TimeSpan.FromMilliseconds(2);

    /// <summary>Zeroing a huge page in a fault.</summary>
    public static readonly TimeSpan HugeFault = TimeSpan.FromMicroseconds(100);

    /// <summary>fork of a process with one full page table.</summary>
    public static readonly TimeSpan Fork = TimeSpan.FromMicroseconds(513);

    /// <summary>From the pass begin to the middle of W1.</summary>
    public static readonly TimeSpan MiddleOfW1 = Drain + VisitAndScan + (HugeAlloc / 2);

    /// <summary>From the pass begin to the middle of C2–C3. A writer that arrives now runs in W2.</summary>
    public static readonly TimeSpan MiddleOfRecheck = Drain + VisitAndScan + HugeAlloc + (Recheck / 2);

    /// <summary>From the pass begin to the moment mmap_lock is taken for write.</summary>
    public static readonly TimeSpan WriteLock = Drain + VisitAndScan + HugeAlloc + Recheck;

    /// <summary>From the pass begin to the moment the first range is collapsed.</summary>
    public static readonly TimeSpan Collapsed = WriteLock + WriteLocked;

    /// <summary>The preset. HZ is 250.</summary>
    public static readonly MachinePreset Preset = new()
    {
        Name = "round",
        BaseCycles = 1,
        MissPenaltyCycles = 10,
        TlbReachEntries = 1024,
        ClockGhz = 1,
        FixedNsPerAccess = 0,
        Hz = 250,
        Cpus = 2,
        Costs = new KernelCosts
        {
            ScanPresentPteNs = 1_000,
            ScanNonePteNs = 1_000,
            VisitNs = 1_000_000,
            SkipVmaNs = 0,
            DrainAllNs = 1_000_000,
            HugeAllocNs = 1_000_000,
            IsolateNs = 500_000,
            CopyNs = 1_500_000,
            MinorFaultNs = 1_000,
            ZeroFaultNs = 1_000,
            HugeFaultNs = 100_000,
            CowNs = 1_000,
            MadvFreePteNs = 100,
            MadvDontNeedPteNs = 100,
            FolioSplitNs = 10_000,
            StreamBytesPerNs = 4.096,
            TouchNs = 100,
            LruScanPageNs = 1_000,
            LazyfreeDiscardNs = 1_000,
            SwapRamPageNs = 2_000,
            SwapDiskPageNs = 10_000,
            SwapLatencyNs = 100_000,
            ZeroTestNs = 100,
            NonzeroTestNs = 10,
            CompactionNs = 100_000,
            MigratePageNs = 1_000,
            SyscallNs = 1_000,
        },
    };
}
