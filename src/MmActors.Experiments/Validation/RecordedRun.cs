using System.Collections.Immutable;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Validation;

/// <summary>An operation as it was recorded: when it ran and what it returned.</summary>
/// <param name="Op">The script's line.</param>
/// <param name="LoopIndex">The driver's i.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When it ended; null when it was still under way at the end of the recording, or its process was killed.</param>
/// <param name="Return">Its return value.</param>
/// <param name="Errno">0 or why it failed.</param>
internal sealed record RecordedOp(DriverOp Op, int LoopIndex, TimeSpan Start, TimeSpan? End, long Return, int Errno)
{
    /// <summary>What the child of a fork did.</summary>
    public ImmutableArray<RecordedOp> Child { get; init; } = [];

    /// <summary>Line of events.csv; 0 for an unfinished one.</summary>
    public int Line { get; init; }
}

/// <summary>A process of a recorded run, with everything it did.</summary>
internal sealed record RecordedRole(string Name, TimeSpan Start, string Cgroup, ImmutableArray<RecordedOp> Ops);

/// <summary>The machine of a recorded run at its start.</summary>
internal sealed record RecordedMachine
{
    public required ByteSize Memory { get; init; }

    public required int KernelPages { get; init; }

    public required int CpuFreePages { get; init; }

    public required int Cpus { get; init; }

    public required KernelSwitches Switches { get; init; }

    public required ThpSettings Thp { get; init; }

    public required VmSettings Vm { get; init; }

    public required SwapSpec? Swap { get; init; }

    public required ImmutableArray<CgroupSpec> Cgroups { get; init; }

    /// <summary>How long it had run when the scenario began.</summary>
    public required TimeSpan Uptime { get; init; }
}

/// <summary>A line of mm_khugepaged_scan_pmd.</summary>
internal readonly record struct RecordedRange(
    string Scanner, string Role, long Address, string Status, int Referenced, int NoneOrZero, int Unmapped, int Looked)
{
    public override string ToString() =>
        $"{Scanner} {Role} 0x{Address:x} {Status} referenced={Referenced} none_or_zero={NoneOrZero} unmapped={Unmapped} looked={Looked}";
}

/// <summary>A line of mm_khugepaged_scan.</summary>
internal readonly record struct RecordedVisit(string Role, long Progress, long Budget, bool FullScanFinished)
{
    public override string ToString() => $"{Role} progress={Progress} budget={Budget} full_scan_finished={(FullScanFinished ? 1 : 0)}";
}

/// <summary>A folio the deferred split shrinker walked.</summary>
internal readonly record struct RecordedWalk(int PartiallyMapped, int Underused, int Split)
{
    public override string ToString() => $"partially_mapped={PartiallyMapped} underused={Underused} split={Split}";
}

/// <summary>smaps_rollup of one role at one snapshot, in kB.</summary>
internal sealed record RecordedSmaps(string Snap, TimeSpan Time, string Role, long Rss, long AnonHuge, long Lazyfree, long Swap)
{
    /// <summary>Page states: region, 2 MiB window, one letter a page.</summary>
    public List<(string Region, int Window, string States)> Pages { get; } = [];
}

/// <summary>Counters of a snapshot.</summary>
/// <param name="Name">Its tag; "(end)" for the last.</param>
/// <param name="Time">When it was taken.</param>
/// <param name="Vmstat">vmstat, as difference from the start.</param>
/// <param name="Memcg">memory.stat, memory.current and memory.swap.current of each group.</param>
internal sealed record RecordedSnap(
    string Name, TimeSpan Time, SortedDictionary<string, long> Vmstat, SortedDictionary<string, SortedDictionary<string, long>> Memcg);

/// <summary>A recorded run of a real kernel, as its directory holds it.</summary>
internal sealed record RecordedRun
{
    public required string Name { get; init; }

    public required DriverScript Script { get; init; }

    public required RecordedMachine Machine { get; init; }

    public required ImmutableArray<RecordedRole> Roles { get; init; }

    /// <summary>Exits seen by the controller: role, status and signal.</summary>
    public required ImmutableArray<(string Role, int Status, int Signal, TimeSpan Time)> Exits { get; init; }

    public required ImmutableArray<(TimeSpan Time, RecordedRange Range)> Ranges { get; init; }

    public required ImmutableArray<(TimeSpan Time, RecordedVisit Visit)> Visits { get; init; }

    /// <summary>Begin and end of khugepaged's passes.</summary>
    public required ImmutableArray<(TimeSpan Begin, TimeSpan End)> Passes { get; init; }

    /// <summary>The first race (RN-22), see <see cref="Races"/>; null when there was none.</summary>
    public required TimeSpan? Race { get; init; }

    /// <summary>When somebody but khugepaged was reclaiming, in order.</summary>
    public required List<TimeSpan> Reclaim { get; init; }

    /// <summary>The CPU on which a role began an operation at a time, if the trace says so.</summary>
    public required Func<string, TimeSpan, int?> CpuAt { get; init; }

    public required ImmutableArray<(TimeSpan Time, RecordedWalk Walk)> Walk { get; init; }

    public required ImmutableArray<RecordedSmaps> Smaps { get; init; }

    /// <summary>Snapshots in order of time; the last is the end.</summary>
    public required ImmutableArray<RecordedSnap> Snaps { get; init; }

    /// <summary>When the counters the others are differences from were read.</summary>
    public required TimeSpan Baseline { get; init; }

    public required TimeSpan End { get; init; }
}
