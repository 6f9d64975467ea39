using System.Collections.Immutable;
using MmActors.Actors.Tasks;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Injection;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Swap;
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

    /// <summary>Free pages that the CPUs keep to themselves when the simulation begins.</summary>
    public int CpuFreePages { get; init; }

    /// <summary>How long the machine has run when the simulation begins: the worker that flushes the statistics of the
    /// groups runs every 2 s from boot on (RC-16g).</summary>
    public TimeSpan Uptime { get; init; }

    /// <summary>When khugepaged's passes begin, ascending, if they are to follow a recording instead of
    /// scan_sleep_millisecs: nothing else then starts one, and one that is late begins when the last has ended. Null: KH-3
    /// and KH-7 decide.</summary>
    public ImmutableArray<TimeSpan>? PassStarts { get; init; }

    /// <summary>Whether every task keeps the results of its steps (<see cref="TaskReport.Results"/>), for as long as it
    /// runs.</summary>
    public bool KeepsResults { get; init; }

    /// <summary>Whether the actors log.</summary>
    public bool IsLogged { get; init; }

    /// <summary>Seed of every random stream.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What goes wrong at the fault points; null for nothing.</summary>
    public IFaultInjector? Faults { get; init; }

    /// <summary>A mistake in the protocol, for tests of what finds it.</summary>
    public PlantedBug Planted { get; init; }

    /// <summary>Tasks that come and go besides <see cref="Tasks"/>, or null. A spec with one is good for one world.</summary>
    public IPopulation? Population { get; init; }

    /// <summary>Simulate every access of random reads in an exact TLB.</summary>
    public bool ExactTlb { get; init; }
}

/// <summary>smaps of one task at one moment.</summary>
public readonly record struct SurveyEntry(string Task, bool IsAlive, bool HasMemory, SmapsFigures Figures);

/// <summary>smaps of every task at one moment.</summary>
/// <param name="Name">Name of the snapshot; null for a point of the timeline.</param>
/// <param name="Time">Simulated time.</param>
/// <param name="Tasks">One entry per task that has started or will start.</param>
public sealed record SurveyResult(string? Name, TimeSpan Time, ImmutableArray<SurveyEntry> Tasks)
{
    /// <summary>Counters of a named snapshot, by <see cref="VmCounter"/>; empty for a point of the timeline.</summary>
    public ImmutableArray<long> Vmstat { get; init; } = [];

    /// <summary>Memory cgroups at a named snapshot.</summary>
    public ImmutableArray<GroupFigures> Groups { get; init; } = [];
}

/// <summary>memory.current of a group.</summary>
public sealed record GroupFigures(string Path, long UsagePages);

/// <summary>A write to a memory.* file of a group and how it returned.</summary>
/// <param name="Time">When it returned.</param>
/// <param name="Task">The writing task.</param>
/// <param name="Group">Path of the group.</param>
/// <param name="File">The file.</param>
/// <param name="Pages">The amount written, in pages.</param>
/// <param name="Errno">0, or EAGAIN: memory.reclaim got back less than asked for (RC-40).</param>
/// <param name="ReclaimedPages">Pages reclaimed on the way.</param>
public sealed record CgroupWriteReport(
    TimeSpan Time, string Task, string Group, MemcgFile File, long Pages, Protocol.Errno Errno, long ReclaimedPages);

/// <summary>What a run leaves behind. Filled by the actors while the world runs; to be read while it stands still.</summary>
public sealed class WorldReport
{
    private readonly List<TaskReport> _tasks = [];
    private readonly List<Mm> _spaces = [];
    private readonly List<SurveyResult> _snaps = [];
    private readonly List<SurveyResult> _timeline = [];
    private readonly List<CgroupWriteReport> _cgroupWrites = [];

    /// <summary>An empty report for a world with this node.</summary>
    public WorldReport(MemoryNode node) => Node = node;

    /// <summary>The memory node; for audits at rest.</summary>
    public MemoryNode Node { get; }

    /// <summary>The swap device, or null; for audits at rest.</summary>
    public SwapDevice? Swap { get; init; }

    /// <summary>The deferred split queues.</summary>
    public DeferredSplitQueues SplitQueue { get; } = new();

    /// <summary>Writes to memory.* files in order of time.</summary>
    public IReadOnlyList<CgroupWriteReport> CgroupWrites => _cgroupWrites;

    /// <summary>Tasks that have started, fork children included.</summary>
    public long Started { get; internal set; }

    /// <summary>Fork children among them.</summary>
    public long Forked { get; internal set; }

    /// <summary>Tasks that have ended.</summary>
    public long Exited { get; internal set; }

    /// <summary>khugepaged's counters.</summary>
    public KhugepagedCounters Khugepaged { get; } = new();

    /// <summary>Tasks in order of creation; in a world with a population only those that have not been forgotten.</summary>
    public IReadOnlyList<TaskReport> Tasks => _tasks;

    /// <summary>Address spaces in the order of <see cref="Tasks"/>; for audits at rest.</summary>
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

    /// <summary>What a task and its address space have been is of no further interest.</summary>
    internal void Forget(TaskReport task, Mm space)
    {
        _tasks.Remove(task);
        _spaces.Remove(space);
    }

    internal void Add(CgroupWriteReport write) => _cgroupWrites.Add(write);

    internal void AddSurvey(
        string? name, TimeSpan time, IEnumerable<(TaskReport Report, bool IsAlive)> tasks, VmStat vmstat)
    {
        SurveyResult survey = new(name, time, [.. tasks.Select(static task =>
            new SurveyEntry(task.Report.Name, task.IsAlive, task.Report.HasMemory, task.Report.Smaps))])
        {
            Vmstat = name is null ? [] : [.. Enum.GetValues<VmCounter>().Select(counter => vmstat[counter])],
            Groups = name is null ? [] : [.. Node.Memcgs.Skip(1).Select(static group => new GroupFigures(group.Path, group.Usage))],
        };
        (name is null ? _timeline : _snaps).Add(survey);
    }
}
