using System.Collections.Immutable;
using MmActors.Actors.Tasks;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Actors;

/// <summary>What one world is made of.</summary>
public sealed record WorldSpec
{
    /// <summary>Physical memory, a multiple of 2 MiB.</summary>
    public required ByteSize Memory { get; init; }

    /// <summary>sysfs settings at boot.</summary>
    public required ThpSettings Thp { get; init; }

    /// <summary>Kernel behaviour.</summary>
    public required KernelSwitches Switches { get; init; }

    /// <summary>Costs, TLB, CPUs.</summary>
    public required MachinePreset Machine { get; init; }

    /// <summary>The user tasks.</summary>
    public required ImmutableArray<TaskSpec> Tasks { get; init; }

    /// <summary>Distance of timeline points; zero for none.</summary>
    public required TimeSpan TimelineInterval { get; init; }

    /// <summary>Memory cgroups besides the root, parents before children.</summary>
    public ImmutableArray<CgroupSpec> Cgroups { get; init; } = [];

    /// <summary>The swap device, or null.</summary>
    public SwapSpec? Swap { get; init; }

    /// <summary>/proc/sys/vm at boot.</summary>
    public VmSettings Vm { get; init; } = new();

    /// <summary>Pages the kernel itself holds (code, page tables, slab, the initial RAM file system): allocated at boot,
    /// never given back.</summary>
    public int KernelPages { get; init; }

    /// <summary>Seed of every random stream.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Simulate every access of random reads in an exact TLB.</summary>
    public bool ExactTlb { get; init; }
}

/// <summary>smaps of one task at one moment.</summary>
public readonly record struct SurveyEntry(string Task, bool IsAlive, bool HasMemory, SmapsFigures Figures);

/// <summary>smaps of every task at one moment.</summary>
/// <param name="Name">Name of the snapshot; null for a point of the timeline.</param>
/// <param name="Time">Simulated time.</param>
/// <param name="Tasks">One entry per task that has started or will start.</param>
public sealed record SurveyResult(string? Name, TimeSpan Time, ImmutableArray<SurveyEntry> Tasks);

/// <summary>What a run leaves behind. Filled by the actors while the world runs; to be read while it stands still.</summary>
public sealed class WorldReport
{
    private readonly List<TaskReport> _tasks = [];
    private readonly List<Mm> _spaces = [];
    private readonly List<SurveyResult> _snaps = [];
    private readonly List<SurveyResult> _timeline = [];

    /// <summary>An empty report for a world with this node.</summary>
    public WorldReport(MemoryNode node) => Node = node;

    /// <summary>The memory node; for audits at rest.</summary>
    public MemoryNode Node { get; }

    /// <summary>The deferred split queue.</summary>
    public DeferredSplitQueue SplitQueue { get; } = new();

    /// <summary>khugepaged's counters.</summary>
    public KhugepagedCounters Khugepaged { get; } = new();

    /// <summary>Tasks in order of creation.</summary>
    public IReadOnlyList<TaskReport> Tasks => _tasks;

    /// <summary>Address spaces in order of creation; for audits at rest.</summary>
    public IReadOnlyList<Mm> Spaces => _spaces;

    /// <summary>Named snapshots in order of time.</summary>
    public IReadOnlyList<SurveyResult> Snaps => _snaps;

    /// <summary>Timeline points in order of time.</summary>
    public IReadOnlyList<SurveyResult> Timeline => _timeline;

    internal void Add(TaskReport task, Mm space)
    {
        _tasks.Add(task);
        _spaces.Add(space);
    }

    internal void AddSurvey(string? name, TimeSpan time, IEnumerable<(TaskReport Report, bool IsAlive)> tasks)
    {
        SurveyResult survey = new(name, time, [.. tasks.Select(static task =>
            new SurveyEntry(task.Report.Name, task.IsAlive, task.Report.HasMemory, task.Report.Smaps))]);
        (name is null ? _timeline : _snaps).Add(survey);
    }
}
