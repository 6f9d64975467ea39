using MmActors.Actors;
using MmActors.Experiments.Running;
using MmActors.Model.Injection;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>A search through the schedules of one variant.</summary>
/// <param name="Run">The variant.</param>
/// <param name="Strategy">How schedules are chosen.</param>
/// <param name="FirstSeed">Seed of the first schedule; each further one has the next.</param>
/// <param name="Schedules">How many.</param>
public sealed record ExploreRequest(RunRequest Run, StrategySpec Strategy, ulong FirstSeed, long Schedules)
{
    /// <summary>Whether tunables, memory and faults are drawn from each seed.</summary>
    public bool IsSwarm { get; init; }

    /// <summary>Schedules run at the same time.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Audit every page whenever no message is on its way.</summary>
    public bool AuditsOften { get; init; }

    /// <summary>A mistake made on purpose.</summary>
    public PlantedBug Planted { get; init; }

    /// <summary>Told before a block of schedules begins: its first seed and how many they are.</summary>
    public Action<ulong, long>? Begins { get; init; }

    internal WorldSpec Spec => ExperimentRunner.SpecOf(Run) with { TimelineInterval = TimeSpan.Zero };
}
