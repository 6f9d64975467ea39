using System.Collections.Immutable;
using MmActors.Model;
using MmActors.Model.Events;

namespace MmActors.Experiments.Exploring;

/// <summary>A SCAN_* result that the search reached.</summary>
/// <param name="Place">Where it was reported.</param>
/// <param name="Result">The result.</param>
/// <param name="Schedules">Schedules that reached it.</param>
/// <param name="Seed">Seed of the one that reached it in the fewest steps; of equals the smallest.</param>
/// <param name="Steps">Those steps.</param>
public sealed record ReachedResult(ResultPlace Place, ScanResult Result, long Schedules, ulong Seed, long Steps);

/// <summary>The first schedule that went wrong, with what is needed to repeat it.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Violation">What went wrong.</param>
/// <param name="Choices">Choices made until then.</param>
/// <param name="Deviations">Where it departed from order of arrival.</param>
/// <param name="Hash">Hash of its event stream.</param>
/// <param name="Last">Its last events.</param>
public sealed record FailedSchedule(
    ulong Seed, Violation Violation, int Choices, ImmutableSortedDictionary<int, int> Deviations, string Hash,
    ImmutableArray<KernelEvent> Last);

/// <summary>What a search found.</summary>
public sealed record ExploreResult
{
    /// <summary>Schedules run.</summary>
    public required long Schedules { get; init; }

    /// <summary>Not all of those asked for were run: interrupted, or stopped at a violation.</summary>
    public required bool IsPartial { get; init; }

    /// <summary>Messages of all schedules.</summary>
    public required long Steps { get; init; }

    /// <summary>Messages of the schedule in order of arrival.</summary>
    public required long FifoSteps { get; init; }

    /// <summary>Choices of that schedule.</summary>
    public required int FifoChoices { get; init; }

    /// <summary>Different states at the end of the explored part.</summary>
    public required long EndStates { get; init; }

    /// <summary>Different orders of events.</summary>
    public required long Orders { get; init; }

    /// <summary>Real time.</summary>
    public required TimeSpan Wall { get; init; }

    /// <summary>Schedules a second and worker after the first tenth of the search.</summary>
    public required double RatePerWorker { get; init; }

    /// <summary>Schedules a second of processor time, after the same tenth: what one core that nobody else uses would do.</summary>
    public required double RatePerCpuSecond { get; init; }

    /// <summary>Threads that ran schedules, each with an actor system of its own.</summary>
    public required int Workers { get; init; }

    /// <summary>Coverage marks reached, by name.</summary>
    public required ImmutableSortedSet<string> Marks { get; init; }

    /// <summary>Results reached.</summary>
    public required ImmutableArray<ReachedResult> Reached { get; init; }

    /// <summary>Choice points of a depth-first search, and whether it saw all there are; null for other searches.</summary>
    public required (long States, bool IsComplete)? Tree { get; init; }

    /// <summary>The violation with the smallest seed among those found, or null.</summary>
    public required FailedSchedule? Failed { get; init; }
}
