using System.Collections.Immutable;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Explaining;

/// <summary>The recorded life of one range in one run: facts only, each taken from the event stream.</summary>
public sealed record RangeHistory
{
    /// <summary>The range.</summary>
    public required RangeName Name { get; init; }

    /// <summary>Behaviour of the kernel it lived under.</summary>
    public required KernelSwitches Switches { get; init; }

    /// <summary>What happened, in order.</summary>
    public required ImmutableArray<Episode> Episodes { get; init; }

    /// <summary>sysfs settings when the history ends.</summary>
    public required ThpSettings Settings { get; init; }

    /// <summary>khugepaged's ranges in every task: up to the first scan of this range, or to the end when there was none.
    /// In order of the mms.</summary>
    public required ImmutableArray<TaskCharge> ChargedBefore { get; init; }

    /// <summary>Passes khugepaged had begun by then, the one under way counted.</summary>
    public required int PassesBefore { get; init; }

    /// <summary>Passes begun in the whole history.</summary>
    public required int Passes { get; init; }

    /// <summary>VISITs to the task's mm that ended.</summary>
    public required int Visits { get; init; }

    /// <summary>When the mm joined khugepaged's list; null when it never did.</summary>
    public required TimeSpan? Registered { get; init; }

    /// <summary>When the region was mapped first; null when it never was.</summary>
    public required TimeSpan? Mapped { get; init; }

    /// <summary>Whether the whole window belonged to the region when it was mapped last (KH-22).</summary>
    public required bool IsWhole { get; init; }

    /// <summary>When the task ended; null when it did not.</summary>
    public required TimeSpan? Exited { get; init; }

    /// <summary>The range as it was seen last.</summary>
    public required RangeImage? Last { get; init; }

    /// <summary>Scans of the range, in order.</summary>
    public IEnumerable<ScanEpisode> Scans => Episodes.OfType<ScanEpisode>();
}

/// <summary>What khugepaged's ranges of one task cost.</summary>
/// <param name="Task">The task.</param>
/// <param name="Status">How they ended.</param>
/// <param name="Ranges">How many.</param>
/// <param name="Charged">Budget charged for them, in pages.</param>
/// <param name="Visited">PTEs visited in them, 1 where there was no table: what VR-1 would charge.</param>
/// <param name="HasFreed">Whether the task has called MADV_FREE by then.</param>
public sealed record TaskCharge(string Task, ScanResult Status, long Ranges, long Charged, long Visited, bool HasFreed);

/// <summary>One thing that happened to the range, or a row of equal ones.</summary>
/// <param name="Time">Simulated time of the first.</param>
public abstract record Episode(TimeSpan Time);

/// <summary>Something other than a scan.</summary>
/// <param name="First">The first event.</param>
/// <param name="Before">The range before it; null when nothing was known of it.</param>
public sealed record Happening(KernelEvent First, RangeImage? Before) : Episode(First.Time)
{
    /// <summary>The last event of the row.</summary>
    public KernelEvent Last { get; init; } = First;

    /// <summary>The range after it; null when nothing is known of it.</summary>
    public RangeImage? After { get; init; }

    /// <summary>Events in the row.</summary>
    public int Times { get; init; } = 1;

    /// <summary>Sum of their amounts.</summary>
    public long Amount { get; init; } = First.Amount;

    /// <summary>Sum of their second amounts.</summary>
    public long Extra { get; init; } = First.Extra;

    /// <summary>Whether every amount was the same.</summary>
    public bool IsUniform { get; init; } = true;

    /// <summary>Page faults served on the way.</summary>
    public long Faults { get; init; }
}

/// <summary>One look at the range, by khugepaged or MADV_COLLAPSE, with everything the trace shows of it.</summary>
/// <param name="Scan">The event mm_khugepaged_scan_pmd (KH-30).</param>
public sealed record ScanEpisode(KernelEvent Scan) : Episode(Scan.Time)
{
    /// <summary>Number of the pass from 1; 0 for MADV_COLLAPSE.</summary>
    public required int Pass { get; init; }

    /// <summary>When the loop over the PTEs ran, what it met, and the PTE that ended it.</summary>
    public required KernelEvent Looked { get; init; }

    /// <summary>The isolate step; null when the collapse did not come so far.</summary>
    public KernelEvent? Isolate { get; init; }

    /// <summary>The swap-in step; null without one.</summary>
    public KernelEvent? SwapIn { get; init; }

    /// <summary>The settings that were in force.</summary>
    public required ThpSettings Settings { get; init; }

    /// <summary>Left of the pass's budget after it, at most 0 when spent; null for MADV_COLLAPSE.</summary>
    public long? Left { get; init; }

    /// <summary>Budget of the pass.</summary>
    public long Budget { get; init; }

    /// <summary>How it ended.</summary>
    public ScanResult Status => Scan.Status;

    /// <summary>Whether the loop passed and the isolate step failed.</summary>
    public bool FailedAtIsolate => Isolate is { Status: not ScanResult.Succeed };

    /// <summary>The PTE that decided, when a single one did.</summary>
    public PteImage? Page => (FailedAtIsolate ? Isolate!.Value : Looked).Detail?.Page;

    /// <summary>The range as the step met it that decided: the loop over its PTEs, or the isolate step.</summary>
    public RangeImage Image => (Isolate ?? Looked).Detail!.Image!;

    /// <summary>PTEs of the range that are none or map the zero page.</summary>
    public int NoneOrZero => Geometry.PtesPerTable - Image.Present - Image.Swapped;
}
