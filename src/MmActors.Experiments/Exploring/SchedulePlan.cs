using System.Collections.Immutable;
using MmActors.Actors;
using MmActors.Model.Events;
using MmActors.Model.Injection;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>One schedule to run: everything that determines it.</summary>
/// <param name="Spec">The scenario's world.</param>
/// <param name="Strategy">Who chooses.</param>
/// <param name="Seed">Seed of the strategy and of what the swarm draws.</param>
/// <param name="Horizon">Simulated time up to which the strategy chooses and faults happen; then everything must come to an
/// end.</param>
internal sealed record SchedulePlan(WorldSpec Spec, IInterleavingStrategy Strategy, ulong Seed, TimeSpan Horizon)
{
    /// <summary>Whether tunables, memory and faults are drawn from the seed.</summary>
    public bool IsSwarm { get; init; }

    /// <summary>Steps of a run in order of arrival.</summary>
    public long ExpectedSteps { get; init; }

    /// <summary>A mistake made on purpose.</summary>
    public PlantedBug Planted { get; init; }

    /// <summary>Told of every message.</summary>
    public Action<string, string?, object>? Deliveries { get; init; }

    /// <summary>Keep whose turn it was, for a schedule that goes wrong.</summary>
    public bool KeepsTurns { get; init; }

    /// <summary>Audit every page whenever no message is on its way, not only at the end.</summary>
    public bool AuditsOften { get; init; }
}

/// <summary>What became of a schedule.</summary>
internal sealed record ScheduleOutcome
{
    /// <summary>What went wrong, or null.</summary>
    public required Violation? Violation { get; init; }

    /// <summary>Steps until the end of the explored part.</summary>
    public required long Steps { get; init; }

    /// <summary>Choices the strategy made.</summary>
    public required int Choices { get; init; }

    /// <summary>Where it departed from order of arrival; valid until the next schedule is run.</summary>
    public required IReadOnlyList<KeyValuePair<int, int>> Deviations { get; init; }

    /// <summary>Equal for the same order of events.</summary>
    public required ulong Order { get; init; }

    /// <summary>Equal for the same state at the end of the explored part; 0 when it went wrong before.</summary>
    public required ulong EndState { get; init; }

    /// <summary>Hash of the event stream, for the identity of a run.</summary>
    public required string Hash { get; init; }

    /// <summary>Whose turn it was, if that was to be kept; only of a schedule that went wrong.</summary>
    public ImmutableArray<Turn> Turns { get; init; } = [];

    /// <summary>The last events, oldest first; only of a schedule that went wrong.</summary>
    public ImmutableArray<KernelEvent> Last { get; init; } = [];
}
