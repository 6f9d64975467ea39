using System.Collections.Immutable;
using MmActors.Model;
using MmActors.Model.Reclaim;

namespace MmActors.Experiments.Recording;

/// <summary>What most of a 2 MiB range is, as a memory map colours it.</summary>
public enum PageState : byte
{
    /// <summary>Nothing is mapped, or only the zero page.</summary>
    None,
    /// <summary>Pages of 4 KiB.</summary>
    Small,
    /// <summary>One PMD maps it.</summary>
    Huge,
    /// <summary>Clean pages given back with MADV_FREE that reclaim may drop.</summary>
    Lazyfree,
    /// <summary>Swap entries.</summary>
    Swapped,
}

/// <summary>What came of khugepaged's look at a range; a higher value hides a lower one where both share a cell.</summary>
public enum LookKind : byte
{
    /// <summary>It was huge already (page_pmd_mapped).</summary>
    AlreadyHuge,
    /// <summary>It was left as it was.</summary>
    Refused,
    /// <summary>It was collapsed.</summary>
    Collapsed,
}

/// <summary>One region of one task over time.</summary>
/// <param name="Task">The task.</param>
/// <param name="Region">The region by the name its map step gives it.</param>
/// <param name="Start">First 2 MiB window.</param>
/// <param name="Windows">2 MiB windows it touches.</param>
/// <param name="WindowsPerRow">Windows that share a row; a row shows the first of them.</param>
/// <param name="Cells">One row of states per row of windows, one state per sample; empty before the region is mapped and after its
/// task has exited.</param>
public sealed record MapLane(
    string Task, string Region, long Start, int Windows, int WindowsPerRow, ImmutableArray<ImmutableArray<PageState?>> Cells);

/// <summary>khugepaged's looks at neighbouring ranges of a lane, one after the other, that ended the same.</summary>
/// <param name="Time">Simulated time of the first.</param>
/// <param name="Lane">Index of the lane.</param>
/// <param name="Row">First row of the lane.</param>
/// <param name="RowBehind">Row behind the last.</param>
/// <param name="Status">How they ended.</param>
/// <param name="Ranges">How many ranges.</param>
/// <param name="Charge">Budget charged, in pages.</param>
public readonly record struct Look(TimeSpan Time, int Lane, int Row, int RowBehind, ScanResult Status, int Ranges, long Charge)
{
    /// <summary>How it is drawn.</summary>
    public LookKind Kind => Status switch
    {
        ScanResult.Succeed => LookKind.Collapsed,
        ScanResult.PmdMapped => LookKind.AlreadyHuge,
        _ => LookKind.Refused,
    };
}

/// <summary>Budget charged to ranges of one task with one result within one slice of time.</summary>
/// <param name="Slice">Number of the slice, from 0.</param>
/// <param name="Task">The task.</param>
/// <param name="Status">The result.</param>
/// <param name="Ranges">How many ranges.</param>
/// <param name="Pages">What they were charged.</param>
public sealed record BudgetSlice(int Slice, string Task, ScanResult Status, long Ranges, long Pages);

/// <summary>The node at one moment, in pages.</summary>
/// <param name="Time">Simulated time.</param>
/// <param name="Free">Free pages.</param>
/// <param name="Lists">The evictable lists over all groups.</param>
public readonly record struct MemorySample(TimeSpan Time, long Free, LruPages Lists);

/// <summary>What a report draws of one run; none of it is part of the run's identity.</summary>
public sealed record RunRecording
{
    /// <summary>Distance of the samples.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Length of a slice of the budget.</summary>
    public required TimeSpan SliceLength { get; init; }

    /// <summary>Where the run ended, or what is shown of it.</summary>
    public required TimeSpan End { get; init; }

    /// <summary>When the last task had exited, if that was so early that the rest is not shown.</summary>
    public required TimeSpan? IdleFrom { get; init; }

    /// <summary>The regions shown, in order of their tasks.</summary>
    public required ImmutableArray<MapLane> Lanes { get; init; }

    /// <summary>Regions left out because there are too many.</summary>
    public required int LanesLeftOut { get; init; }

    /// <summary>khugepaged's looks at the regions shown, in order of time.</summary>
    public required ImmutableArray<Look> Looks { get; init; }

    /// <summary>Where the budget went, in order of slice, mm and status.</summary>
    public required ImmutableArray<BudgetSlice> Budget { get; init; }

    /// <summary>The node's memory, one entry per sample.</summary>
    public required ImmutableArray<MemorySample> Memory { get; init; }

    /// <summary>How long khugepaged held an mm's mmap_lock for write to collapse a range, from isolating its pages to the end, in
    /// order of time.</summary>
    public required ImmutableArray<TimeSpan> Collapses { get; init; }

    /// <summary>How long a task waited for mmap_lock or a collapse, in order of time.</summary>
    public required ImmutableArray<TimeSpan> Stalls { get; init; }
}
