using MmActors.Experiments.Config;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Scenarios;

/// <summary>The kernel switches of versions.md by the names files use: one row per field of
/// <see cref="KernelSwitches"/>, in kebab case.</summary>
internal static class KernelSwitchReader
{
    private static readonly (string Word, ScanCharging Value)[] ChargingWords =
        [("whole-range", ScanCharging.WholeRange), ("visited", ScanCharging.Visited)];

    private static readonly (string Word, LazyfreeHandling Value)[] LazyfreeWords =
    [
        ("collapse", LazyfreeHandling.Collapse), ("skip", LazyfreeHandling.Skip),
        ("skip-except-droppable", LazyfreeHandling.SkipExceptDroppable),
    ];

    /// <summary>Names of all switches, in the order of versions.md.</summary>
    public static readonly string[] Names =
    [
        "charging", "lazyfree", "merged-no-pte-table", "require-writable", "visit-tracepoint",
        "leaves-disabled-mm-at-once", "migration-reported-as-mapped", "exact-mapped-shared",
        "collapse-tolerates-empty-range",
    ];

    /// <summary>The switches of a preset, which must name every one.</summary>
    public static KernelSwitches ReadAll(ConfigMap map)
    {
        foreach (var name in Names)
        {
            map.Require(name);
        }

        return Read(map, new KernelSwitches { Charging = default, Lazyfree = default });
    }

    /// <summary>The switches after the changes a variant names.</summary>
    public static KernelSwitches Read(ConfigMap map, KernelSwitches start)
    {
        map.CheckKeys(Names);
        var switches = start;
        foreach (var entry in map.Entries)
        {
            var value = entry.Value.AsScalar();
            switches = entry.Key switch
            {
                "charging" => switches with { Charging = value.AsWord(ChargingWords) },
                "lazyfree" => switches with { Lazyfree = value.AsWord(LazyfreeWords) },
                "merged-no-pte-table" => switches with { MergedNoPteTable = value.AsBool() },
                "require-writable" => switches with { RequireWritable = value.AsBool() },
                "visit-tracepoint" => switches with { VisitTracepoint = value.AsBool() },
                "leaves-disabled-mm-at-once" => switches with { LeavesDisabledMmAtOnce = value.AsBool() },
                "migration-reported-as-mapped" => switches with { MigrationReportedAsMapped = value.AsBool() },
                "exact-mapped-shared" => switches with { ExactMappedShared = value.AsBool() },
                "collapse-tolerates-empty-range" => switches with { CollapseToleratesEmptyRange = value.AsBool() },
                _ => throw value.Fault($"unknown switch '{entry.Key}'"),
            };
        }

        return switches;
    }
}
