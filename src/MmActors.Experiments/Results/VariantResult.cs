using System.Collections.Immutable;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Results;

/// <summary>What <c>compare</c> and <c>run</c> report: one scenario, several variants. Serialised as documented in
/// the README (stable names, checked against a schema in the tests).</summary>
/// <param name="Scenario">Scenario name.</param>
/// <param name="Seed">Seed of every random stream.</param>
/// <param name="Version">Version of the simulator.</param>
/// <param name="Machine">Machine preset.</param>
/// <param name="Tlb">TLB model: reach or exact.</param>
/// <param name="Variants">One entry per variant that ran.</param>
public sealed record ComparisonResult(
    string Scenario, ulong Seed, string Version, string Machine, string Tlb, ImmutableArray<VariantResult> Variants);

/// <summary>One finished (or interrupted) run.</summary>
public sealed record VariantResult
{
    /// <summary>Variant name.</summary>
    public required string Name { get; init; }
    /// <summary>Hash of the event stream: the identity of the run, 32 hex digits; a dash for a concurrent run, which has none.</summary>
    public required string Hash { get; init; }
    /// <summary>Its actors were at work at the same time: nothing repeats it.</summary>
    public bool IsConcurrent { get; init; }
    /// <summary>Full audits that found every invariant intact.</summary>
    public int Audits { get; init; }
    /// <summary>The kernel switches it ran with.</summary>
    public required KernelSwitches Switches { get; init; }
    /// <summary>Kernel preset it started from.</summary>
    public required string Preset { get; init; }
    /// <summary>Simulated seconds covered.</summary>
    public required double SimulatedSeconds { get; init; }
    /// <summary>Real seconds the run took; the only measured (not simulated) number here.</summary>
    public required double WallSeconds { get; init; }
    /// <summary>True when Ctrl-C ended the run before its horizon: every figure is partial.</summary>
    public required bool Partial { get; init; }
    /// <summary>Messages delivered and timers fired.</summary>
    public required long Steps { get; init; }
    /// <summary>Per task, in order of declaration (fork children after their parents).</summary>
    public required ImmutableArray<TaskResult> Tasks { get; init; }
    /// <summary>What khugepaged did.</summary>
    public required KhugepagedResult Khugepaged { get; init; }
    /// <summary>/proc/vmstat deltas in the kernel's order: every counter the simulator knows, zero ones too.</summary>
    public required ImmutableArray<CounterDelta> Vmstat { get; init; }
    /// <summary>Number of OOM kills.</summary>
    public required int OomKills { get; init; }
    /// <summary>What reclaim and the deferred split shrinker got back.</summary>
    public ReclaimResult Reclaim { get; init; } = new();
    /// <summary>Writes to memory.* files of cgroups, in order of time.</summary>
    public ImmutableArray<CgroupWriteResult> CgroupWrites { get; init; } = [];
    /// <summary>Named snapshots in order of time.</summary>
    public required ImmutableArray<SnapResult> Snaps { get; init; }
    /// <summary>Huge ranges per task at every timeline interval.</summary>
    public required ImmutableArray<TimelinePoint> Timeline { get; init; }
}

/// <summary>End state of one task; a task that exited shows the state just before its exit.</summary>
public sealed record TaskResult
{
    /// <summary>Task name.</summary>
    public required string Name { get; init; }
    /// <summary>2 MiB ranges mapped huge.</summary>
    public required int HugeRanges { get; init; }
    /// <summary>Aligned 2 MiB ranges of its regions.</summary>
    public required int Ranges { get; init; }
    /// <summary>Resident pages (UT-50).</summary>
    public required long RssPages { get; init; }
    /// <summary>Swapped pages.</summary>
    public required long SwapPages { get; init; }
    /// <summary>Pages smaps shows as LazyFree (SM-20).</summary>
    public required long LazyfreePages { get; init; }
    /// <summary>Figures of its random-read measurement, when its program has one that finished.</summary>
    public MeasuredAccess? Measured { get; init; }
    /// <summary>Simulated seconds it waited for mmap_lock or a collapse in progress.</summary>
    public required double StalledSeconds { get; init; }
    /// <summary>How its process ended early (e.g. SIGSEGV on an unmapped address), or null.</summary>
    public string? Fault { get; init; }
}

/// <summary>The seed benchmark's own figures (cost-model.md 9.1); all simulated.</summary>
/// <param name="ElapsedSeconds">Simulated elapsed time of all batches.</param>
/// <param name="CyclesPerAccess">Modelled cycles per read.</param>
/// <param name="ThroughputMPerS">Million reads per simulated second.</param>
/// <param name="DtlbLoadMisses">Modelled (or, with the exact TLB, counted) dTLB misses.</param>
/// <param name="StartSeconds">Simulated start of the measurement.</param>
/// <param name="HugeRangesAtStart">Huge ranges of the region when it began.</param>
/// <param name="HugeRangesAtEnd">Huge ranges of the region when it ended.</param>
public sealed record MeasuredAccess(
    double ElapsedSeconds, double CyclesPerAccess, double ThroughputMPerS, long DtlbLoadMisses,
    double StartSeconds, int HugeRangesAtStart, int HugeRangesAtEnd);

/// <summary>khugepaged's side of a run.</summary>
public sealed record KhugepagedResult
{
    /// <summary>sysfs pages_collapsed.</summary>
    public required long PagesCollapsed { get; init; }
    /// <summary>sysfs full_scans.</summary>
    public required long FullScans { get; init; }
    /// <summary>Passes begun.</summary>
    public required int Passes { get; init; }
    /// <summary>Budget charged per task, then per status; VISITs and stepped-over VMAs under <c>visit_and_vmas</c>.</summary>
    public required ImmutableArray<TaskStatuses> Budget { get; init; }
    /// <summary>Ranges looked at per task, then per status.</summary>
    public required ImmutableArray<TaskStatuses> Statuses { get; init; }
    /// <summary>Every completed traversal of the mm list.</summary>
    public required ImmutableArray<FullScan> Scans { get; init; }
}

/// <summary>Amounts by scan status for one task, in order of first occurrence.</summary>
public sealed record TaskStatuses(string Task, ImmutableArray<StatusAmount> Amounts);

/// <summary>An amount filed under a trace status string.</summary>
public sealed record StatusAmount(string Status, long Amount);

/// <summary>One complete traversal of khugepaged's list.</summary>
/// <param name="StartSeconds">Simulated time of its first VISIT.</param>
/// <param name="EndSeconds">Simulated time at which full_scans was incremented.</param>
/// <param name="ProgressPages">Budget charged on the way.</param>
/// <param name="Passes">Passes it was spread over.</param>
/// <param name="Visits">VISITs it made.</param>
public sealed record FullScan(double StartSeconds, double EndSeconds, long ProgressPages, int Passes, int Visits);

/// <summary>One vmstat counter.</summary>
public sealed record CounterDelta(string Name, long Delta);

/// <summary>smaps figures of every live task at one moment.</summary>
public sealed record SnapResult(string Name, double TimeSeconds, ImmutableArray<SnapTask> Tasks)
{
    /// <summary>memory.current of every cgroup but the root.</summary>
    public ImmutableArray<SnapGroup> Groups { get; init; } = [];
}

/// <summary>memory.current of one cgroup, kB.</summary>
public sealed record SnapGroup(string Group, long CurrentKb);

/// <summary>What pressure got back in one run.</summary>
public sealed record ReclaimResult
{
    /// <summary>Simulated time of the first reclaim call, kswapd run or shrinker call; null when there was none.</summary>
    public double? PressureSeconds { get; init; }
    /// <summary>Ranges khugepaged collapsed before that time.</summary>
    public int CollapsedBefore { get; init; }
    /// <summary>Ranges it collapsed afterwards.</summary>
    public int CollapsedAfter { get; init; }
    /// <summary>Of those before: ranges of tasks that had called MADV_FREE.</summary>
    public int LazyCollapsedBefore { get; init; }
    /// <summary>Of those after: ranges of such tasks that had none PTEs, so that what reclaim had emptied is full again.</summary>
    public int HollowCollapsedAfter { get; init; }
    /// <summary>pglazyfreed: pages dropped without I/O because they were clean lazyfree.</summary>
    public long LazyfreedPages { get; init; }
    /// <summary>pswpout.</summary>
    public long SwappedOutPages { get; init; }
    /// <summary>pswpin.</summary>
    public long SwappedInPages { get; init; }
    /// <summary>pgmajfault.</summary>
    public long MajorFaults { get; init; }
    /// <summary>thp_swpout: huge pages swapped out whole.</summary>
    public long ThpsSwapped { get; init; }
    /// <summary>Huge pages the deferred split shrinker looked at.</summary>
    public int ThpsWalked { get; init; }
    /// <summary>Huge pages it split.</summary>
    public int ThpsSplit { get; init; }
    /// <summary>thp_underused_split_page: those it split for their zero-filled subpages alone.</summary>
    public long UnderusedSplit { get; init; }
    /// <summary>Memory the shrinker's own splits freed, in kB; splits by others (unmap, MADV_FREE) are not in it.</summary>
    public long SplitFreedKb { get; init; }
    /// <summary>khugepaged/max_ptes_none at the end of the run.</summary>
    public int MaxPtesNone { get; init; }
}

/// <summary>A write to a memory.* file of a cgroup.</summary>
/// <param name="TimeSeconds">When it returned, simulated.</param>
/// <param name="Task">Who wrote.</param>
/// <param name="Group">Path of the cgroup.</param>
/// <param name="File">Name of the file.</param>
/// <param name="Kb">The amount written; null for "max".</param>
/// <param name="Errno">Null when it was met; EAGAIN when less than asked for was reclaimed (RC-40).</param>
/// <param name="ReclaimedKb">What was reclaimed on the way.</param>
public sealed record CgroupWriteResult(
    double TimeSeconds, string Task, string Group, string File, long? Kb, string? Errno, long ReclaimedKb);

/// <summary>smaps figures of one task, kB (TC-11).</summary>
public sealed record SnapTask(string Task, long RssKb, long HugeKb, long LazyfreeKb, long SwapKb);

/// <summary>Huge ranges per task at one simulated time, and what khugepaged looked at since the point before.</summary>
/// <param name="TimeSeconds">Simulated time.</param>
/// <param name="HugeRanges">2 MiB ranges mapped huge, per task.</param>
/// <param name="Statuses">Ranges looked at since the previous point, per task and status; tasks without any are left out.</param>
public sealed record TimelinePoint(
    double TimeSeconds, ImmutableArray<TaskHugeRanges> HugeRanges, ImmutableArray<TaskStatuses> Statuses);

/// <summary>Huge ranges of one task.</summary>
public sealed record TaskHugeRanges(string Task, int Ranges);
