using MmActors.Experiments.Config;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Scenarios;

/// <summary>A kernel version as data.</summary>
/// <param name="Name">Its name, e.g. v6.12.</param>
/// <param name="Description">One or two sentences.</param>
/// <param name="Switches">The value of every switch of versions.md.</param>
public sealed record KernelPreset(string Name, string Description, KernelSwitches Switches);

/// <summary>Loads the kernel and machine presets: shipped ones by name, a user's own by path.</summary>
public static class PresetLoader
{
    /// <summary>Loads a kernel preset.</summary>
    /// <exception cref="ScenarioException">The file is missing or wrong.</exception>
    public static KernelPreset LoadKernel(string nameOrPath, ScenarioCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(nameOrPath);
        ArgumentNullException.ThrowIfNull(catalog);
        var path = Find(catalog.KernelFolder, nameOrPath)
            ?? throw new ScenarioException(
                nameOrPath, null, ConfigLocation.Missing("kernel preset", nameOrPath, catalog.Kernels));
        var map = ConfigFile.Read(path, "kernel preset");
        map.CheckKeys(ScenarioKeys.KernelFile);
        return new KernelPreset(
            map.RequireScalar("name").AsName(),
            map.RequireScalar("description").Text.Trim(),
            KernelSwitchReader.ReadAll(map.Require("switches").AsMap()));
    }

    /// <summary>Loads a machine preset.</summary>
    /// <exception cref="ScenarioException">The file is missing or wrong.</exception>
    public static MachinePreset LoadMachine(string nameOrPath, ScenarioCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(nameOrPath);
        ArgumentNullException.ThrowIfNull(catalog);
        var path = Find(catalog.MachineFolder, nameOrPath)
            ?? throw new ScenarioException(
                nameOrPath, null, ConfigLocation.Missing("machine preset", nameOrPath, catalog.Machines));
        var map = ConfigFile.Read(path, "machine preset");
        map.CheckKeys(ScenarioKeys.MachineFile);
        return new MachinePreset
        {
            Name = map.RequireScalar("name").AsName(),
            BaseCycles = map.RequireScalar("base_cycles").AsDouble(0.001, 1e6),
            MissPenaltyCycles = map.RequireScalar("miss_penalty_cycles").AsDouble(0, 1e6),
            TlbReachEntries = map.RequireScalar("tlb_reach_entries").AsInt(1, 1 << 30),
            ClockGhz = map.RequireScalar("clock_ghz").AsDouble(0.001, 1000),
            FixedNsPerAccess = map.RequireScalar("fixed_ns_per_access").AsDouble(0, 1e9),
            Hz = map.RequireScalar("hz").AsInt(1, 10_000),
            Cpus = map.RequireScalar("cpus").AsInt(1, 1024),
            Costs = Costs(map.Require("costs").AsMap()),
        };
    }

    /// <summary>Names of the cost fields, in the order of <see cref="KernelCosts"/>.</summary>
    internal static readonly string[] CostNames =
    [
        "scan_present_pte_ns", "scan_none_pte_ns", "visit_ns", "skip_vma_ns", "drain_all_ns", "huge_alloc_ns",
        "isolate_ns", "copy_ns", "minor_fault_ns", "zero_fault_ns", "huge_fault_ns", "cow_ns", "madv_free_pte_ns",
        "madv_dont_need_pte_ns", "folio_split_ns", "stream_bytes_per_ns", "touch_ns", "lru_scan_page_ns",
        "lazyfree_discard_ns", "swap_ram_page_ns", "swap_disk_page_ns", "swap_latency_ns", "zero_test_ns", "nonzero_test_ns",
        "compaction_ns", "migrate_page_ns", "syscall_ns",
    ];

    private static KernelCosts Costs(ConfigMap map)
    {
        map.CheckKeys(CostNames);
        return new KernelCosts
        {
            ScanPresentPteNs = Cost(map, "scan_present_pte_ns"),
            ScanNonePteNs = Cost(map, "scan_none_pte_ns"),
            VisitNs = Cost(map, "visit_ns"),
            SkipVmaNs = Cost(map, "skip_vma_ns"),
            DrainAllNs = Cost(map, "drain_all_ns"),
            HugeAllocNs = Cost(map, "huge_alloc_ns"),
            IsolateNs = Cost(map, "isolate_ns"),
            CopyNs = Cost(map, "copy_ns"),
            MinorFaultNs = Cost(map, "minor_fault_ns"),
            ZeroFaultNs = Cost(map, "zero_fault_ns"),
            HugeFaultNs = Cost(map, "huge_fault_ns"),
            CowNs = Cost(map, "cow_ns"),
            MadvFreePteNs = Cost(map, "madv_free_pte_ns"),
            MadvDontNeedPteNs = Cost(map, "madv_dont_need_pte_ns"),
            FolioSplitNs = Cost(map, "folio_split_ns"),
            StreamBytesPerNs = map.RequireScalar("stream_bytes_per_ns").AsDouble(1e-6, 1e6),
            TouchNs = Cost(map, "touch_ns"),
            LruScanPageNs = Cost(map, "lru_scan_page_ns"),
            LazyfreeDiscardNs = Cost(map, "lazyfree_discard_ns"),
            SwapRamPageNs = Cost(map, "swap_ram_page_ns"),
            SwapDiskPageNs = Cost(map, "swap_disk_page_ns"),
            SwapLatencyNs = Cost(map, "swap_latency_ns"),
            ZeroTestNs = Cost(map, "zero_test_ns"),
            NonzeroTestNs = Cost(map, "nonzero_test_ns"),
            CompactionNs = Cost(map, "compaction_ns"),
            MigratePageNs = Cost(map, "migrate_page_ns"),
            SyscallNs = Cost(map, "syscall_ns"),
        };
    }

    private static double Cost(ConfigMap map, string key) => map.RequireScalar(key).AsDouble(0, 1e12);

    private static string? Find(string folder, string nameOrPath) =>
        ConfigLocation.Shipped(folder, nameOrPath) ?? (ConfigLocation.IsPath(nameOrPath) ? nameOrPath : null);
}
