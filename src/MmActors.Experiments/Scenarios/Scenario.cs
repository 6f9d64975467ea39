using System.Collections.Immutable;
using MmActors.Experiments.Populations;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Scenarios;

/// <summary>A validated scenario: everything a run needs, presets resolved, nothing left to look up.</summary>
public sealed record Scenario
{
    /// <summary>Name by which it is listed; the file name without extension for a user's own file.</summary>
    public required string Name { get; init; }

    /// <summary>One or two sentences for <c>mmactors list</c>.</summary>
    public required string Description { get; init; }

    /// <summary>Simulated time at which every variant stops.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Distance of timeline points; the first lies at one interval.</summary>
    public required TimeSpan TimelineInterval { get; init; }

    /// <summary>Physical memory of the simulated machine.</summary>
    public required ByteSize Memory { get; init; }

    /// <summary>sysfs settings at boot, before any variant override.</summary>
    public required ThpSettings Knobs { get; init; }

    /// <summary>Machine preset used when the command names none.</summary>
    public required MachinePreset Machine { get; init; }

    /// <summary>Pages the kernel itself holds from boot on.</summary>
    public int KernelPages { get; init; }

    /// <summary>How long the machine has run when the scenario begins: the phase of its periodic work (RC-16g).</summary>
    public TimeSpan Uptime { get; init; }

    /// <summary>Memory cgroups besides the root, parents before children.</summary>
    public ImmutableArray<CgroupSpec> Cgroups { get; init; } = [];

    /// <summary>Tasks of the first variant in order of declaration. Every variant has tasks of these names and start
    /// times; <c>only</c> steps can make their programs, and so their fork children, differ.</summary>
    public ImmutableArray<TaskSpec> Tasks => Variants[0].Tasks;

    /// <summary>Variants in order of declaration; at least one.</summary>
    public required ImmutableArray<Variant> Variants { get; init; }

    /// <summary>Tasks that come and go when the scenario is soaked, or null; other runs do without them.</summary>
    public PopulationSpec? Population { get; init; }

    /// <summary>The seed experiment's own comparison, when the scenario declares one.</summary>
    public PublishedComparison? Published { get; init; }
}

/// <summary>One column of a comparison: a kernel preset with switches, knobs, swap or programs changed.</summary>
/// <param name="Name">Unique within the scenario.</param>
/// <param name="Preset">Name of the kernel preset it starts from.</param>
/// <param name="Switches">The resulting behaviour.</param>
/// <param name="Knobs">The resulting sysfs settings at boot.</param>
public sealed record Variant(string Name, string Preset, KernelSwitches Switches, ThpSettings Knobs)
{
    /// <summary>What its tasks are and run: the steps <c>only</c> gives to other variants are left out.</summary>
    public required ImmutableArray<TaskSpec> Tasks { get; init; }

    /// <summary>/proc/sys/vm at boot.</summary>
    public VmSettings Vm { get; init; } = new();

    /// <summary>The swap device; null for a machine without one.</summary>
    public SwapSpec? Swap { get; init; }
}

/// <summary>Numbers somebody published for one task of the scenario, to be shown next to ours.</summary>
/// <param name="Source">Where they come from, one line.</param>
/// <param name="Task">The measured task.</param>
/// <param name="Without">Variant that stands for the column "without".</param>
/// <param name="With">Variant that stands for the column "with".</param>
/// <param name="Rows">One entry per machine preset.</param>
public sealed record PublishedComparison(
    string Source, string Task, string Without, string With, ImmutableArray<PublishedMachine> Rows);

/// <summary>Published figures of one machine, without and with the change.</summary>
/// <param name="Machine">The machine preset that models it.</param>
/// <param name="Label">How the publication calls it.</param>
/// <param name="Without">Figures of the unpatched kernel.</param>
/// <param name="With">Figures of the patched kernel.</param>
public sealed record PublishedMachine(
    MachinePreset Machine, string Label, PublishedFigures Without, PublishedFigures With);

/// <summary>One column of a published table.</summary>
public sealed record PublishedFigures(
    double ElapsedSeconds, double CyclesPerAccess, double ThroughputMPerS, long DtlbLoadMisses);
