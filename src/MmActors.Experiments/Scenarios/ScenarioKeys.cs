using MmActors.Model.Settings;

namespace MmActors.Experiments.Scenarios;

/// <summary>Every key a scenario or preset file may contain. The loader refuses all others, and a test holds
/// <c>config/scenario.schema.json</c> to the same set.</summary>
internal static class ScenarioKeys
{
    public static readonly string[] Scenario =
    [
        "name", "description", "duration", "timeline", "memory", "kernel_memory", "uptime", "swap", "vm", "cgroups",
        "kernel", "machine", "knobs", "tasks", "variants", "published", "population",
    ];

    public static readonly string[] Task =
        ["name", "start", "count", "every", "cgroup", "image", "residual_young", "program"];

    public static readonly string[] Image = ["below", "above", "pages", "touched", "file_pages"];

    public static readonly string[] Swap = ["size", "device"];

    public static readonly string[] Cgroup = ["name", .. MemcgFiles.LimitNames];

    public static readonly string[] Variant = ["name", "kernel", "switches", "knobs", "vm", "swap"];

    public static readonly string[] Population = ["tasks", "gap", "classes"];

    public static readonly string[] PopulationClass =
    [
        "name", "kind", "weight", "memory_percent", "lifetime", "period", "gap", "cgroups", "huge", "active_percent",
        "overrun_percent", "decay", "workers",
    ];

    public static readonly string[] Published = ["source", "task", "without", "with", "machines"];

    public static readonly string[] PublishedMachine = ["machine", "label", "without", "with"];

    public static readonly string[] Figures =
        ["elapsed_s", "cycles_per_access", "throughput_m_per_s", "dtlb_load_misses"];

    public static readonly string[] KernelFile = ["name", "description", "switches"];

    public static readonly string[] MachineFile =
    [
        "name", "description", "hz", "cpus", "base_cycles", "miss_penalty_cycles", "tlb_reach_entries", "clock_ghz",
        "fixed_ns_per_access", "costs",
    ];

    /// <summary>The steps that take a map, with the keys of that map.</summary>
    public static readonly (string Step, string[] Keys)[] StepMaps =
    [
        ("map", ["region", "size", "populate", "droppable", "fixed"]),
        ("madvise", ["region", "advice", "offset", "length"]),
        ("write", ["region", "byte", "stride", "offset", "length"]),
        ("read", ["region", "stride", "offset", "length"]),
        ("count", ["region", "offset", "length"]),
        ("random_reads", ["region", "batches", "per_batch"]),
        ("munmap", ["region", "offset", "length"]),
        ("mprotect", ["region", "writable", "offset", "length"]),
        ("stripe", ["region", "stripes"]),
        ("set", ["knob", "value"]),
        ("loop", ["times", "do"]),
        ("fork", ["child", "do"]),
        ("only", ["variants", "do"]),
    ];

    /// <summary>The steps that take one value or none.</summary>
    public static readonly string[] StepValues = ["sleep", "until", "thp_disable", "snap", "exit"];

    /// <summary>All step names.</summary>
    public static readonly string[] Steps = [.. StepMaps.Select(s => s.Step), .. StepValues];
}
