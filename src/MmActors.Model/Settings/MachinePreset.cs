namespace MmActors.Model.Settings;

/// <summary>The machine a variant runs on: what operations cost and how its TLB behaves. Values come from
/// <c>config/machines/</c>, where every constant names its source (cost-model.md).</summary>
public sealed record MachinePreset
{
    /// <summary>Preset name: native, kvm, epyc-kvm, emulated or a user's own.</summary>
    public required string Name { get; init; }

    /// <summary>CM-1: cycles of one random read that hits the TLB.</summary>
    public required double BaseCycles { get; init; }

    /// <summary>CM-1: cycles a dTLB miss adds.</summary>
    public required double MissPenaltyCycles { get; init; }

    /// <summary>CM-3: effective entries of the second-level dTLB for 4 KiB pages.</summary>
    public required int TlbReachEntries { get; init; }

    /// <summary>CM-2: frequency of the cycle counter, in GHz.</summary>
    public required double ClockGhz { get; init; }

    /// <summary>CM-2: non-memory work per access (generating the offset), in nanoseconds.</summary>
    public required double FixedNsPerAccess { get; init; }

    /// <summary>Costs of kernel operations (cost-model.md 9.2…9.4).</summary>
    public required KernelCosts Costs { get; init; }

    /// <summary>Timer frequency, jiffies per second (KH-6).</summary>
    public required int Hz { get; init; }

    /// <summary>Number of CPUs; each has its own LRU batches.</summary>
    public required int Cpus { get; init; }
}

/// <summary>Durations of kernel operations in nanoseconds (cost-model.md 9.2…9.4); simulated time only.</summary>
public sealed record KernelCosts
{
    /// <summary>Scan of one present PTE with its struct page.</summary>
    public required double ScanPresentPteNs { get; init; }
    /// <summary>Scan of one none or zero PTE.</summary>
    public required double ScanNonePteNs { get; init; }
    /// <summary>One VISIT: locks and VMA lookup.</summary>
    public required double VisitNs { get; init; }
    /// <summary>One VMA stepped over.</summary>
    public required double SkipVmaNs { get; init; }
    /// <summary>lru_add_drain_all.</summary>
    public required double DrainAllNs { get; init; }
    /// <summary>Allocation and bookkeeping of one order-9 page before the copy.</summary>
    public required double HugeAllocNs { get; init; }
    /// <summary>C5…C6: flush and isolation of 512 PTEs (CM-10).</summary>
    public required double IsolateNs { get; init; }
    /// <summary>C7…C9: copy 2 MiB, release the sources, install.</summary>
    public required double CopyNs { get; init; }
    /// <summary>Minor fault of order 0, zeroing included.</summary>
    public required double MinorFaultNs { get; init; }
    /// <summary>Read fault that maps the zero page.</summary>
    public required double ZeroFaultNs { get; init; }
    /// <summary>PMD-order fault, zeroing 2 MiB included.</summary>
    public required double HugeFaultNs { get; init; }
    /// <summary>Copy on write of one base page.</summary>
    public required double CowNs { get; init; }
    /// <summary>MADV_FREE of one PTE.</summary>
    public required double MadvFreePteNs { get; init; }
    /// <summary>MADV_DONTNEED of one PTE, freeing included.</summary>
    public required double MadvDontNeedPteNs { get; init; }
    /// <summary>Split of one order-9 folio.</summary>
    public required double FolioSplitNs { get; init; }
    /// <summary>Sequential store or load bandwidth of a user task, bytes per nanosecond.</summary>
    public required double StreamBytesPerNs { get; init; }
    /// <summary>One user load or store that touches a new cache line.</summary>
    public required double TouchNs { get; init; }
    /// <summary>LRU scan of one folio, reference walk included (9.4).</summary>
    public required double LruScanPageNs { get; init; }
    /// <summary>Discard of one clean lazyfree page.</summary>
    public required double LazyfreeDiscardNs { get; init; }
    /// <summary>Swap-out or swap-in of one page, RAM disk.</summary>
    public required double SwapRamPageNs { get; init; }
    /// <summary>CPU time to swap one page out to, or in from, a disk.</summary>
    public required double SwapDiskPageNs { get; init; }
    /// <summary>Latency of a swap disk.</summary>
    public required double SwapLatencyNs { get; init; }
    /// <summary>Underused test of one zero-filled subpage.</summary>
    public required double ZeroTestNs { get; init; }
    /// <summary>Underused test of one nonzero subpage: it differs early.</summary>
    public required double NonzeroTestNs { get; init; }
    /// <summary>Direct compaction for one order-9 block, without its pages.</summary>
    public required double CompactionNs { get; init; }
    /// <summary>One page moved by compaction.</summary>
    public required double MigratePageNs { get; init; }
    /// <summary>Entry and exit of one system call.</summary>
    public required double SyscallNs { get; init; }
}
