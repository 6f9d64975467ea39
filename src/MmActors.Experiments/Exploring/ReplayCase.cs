using System.Collections.Immutable;
using System.Text.Json.Serialization;
using MmActors.Actors;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Injection;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>Everything that repeats one schedule, in another process and on another machine: the scenario's text, not its
/// name.</summary>
public sealed record ReplayCase
{
    /// <summary>The scenario file's text.</summary>
    [JsonPropertyName(ReplayJson.Scenario)]
    [JsonConverter(typeof(ReplayJson.Lines))]
    public required string ScenarioText { get; init; }

    /// <summary>Its name, for messages; relative preset paths count from its directory.</summary>
    public required string ScenarioFile { get; init; }

    /// <summary>Which of its variants.</summary>
    public required string Variant { get; init; }

    /// <summary>Machine preset; null for the scenario's own.</summary>
    public required string? Machine { get; init; }

    /// <summary>Simulated time at which the explored part ends; null for the scenario's duration.</summary>
    [JsonPropertyName("UntilTicks")]
    [JsonConverter(typeof(ReplayJson.Ticks))]
    public required TimeSpan? Until { get; init; }

    /// <summary>What the schedule chooses among.</summary>
    public required ScheduleChoices Choices { get; init; }

    /// <summary>Seed of what the swarm draws.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Whether a swarm draws.</summary>
    [JsonPropertyName("Swarm")]
    public required bool IsSwarm { get; init; }

    /// <summary>Steps of a run, as the swarm was told.</summary>
    public required long ExpectedSteps { get; init; }

    /// <summary>A mistake made on purpose.</summary>
    [JsonConverter(typeof(ReplayJson.Planted))]
    public required PlantedBug Planted { get; init; }

    /// <summary>Where the schedule departs from order of arrival.</summary>
    [JsonConverter(typeof(ReplayJson.Deviations))]
    public required ImmutableSortedDictionary<int, int> Deviations { get; init; }

    /// <summary>The scenario, read from its text.</summary>
    /// <exception cref="ScenarioException">The text is wrong, or has no such variant.</exception>
    internal RunRequest Request(ScenarioCatalog catalog)
    {
        Scenario scenario = ScenarioLoader.Parse(ScenarioText, ScenarioFile, catalog);
        scenario = Until is { } until && until < scenario.Duration ? scenario with { Duration = until } : scenario;
        Variant variant = scenario.Variants.FirstOrDefault(variant => variant.Name == Variant)
            ?? throw new ScenarioException(ScenarioFile, null, $"has no variant '{Variant}'");
        return new RunRequest(
            scenario, variant, Machine is null ? scenario.Machine : PresetLoader.LoadMachine(Machine, catalog), 1, TlbModel.Reach);
    }

    /// <summary>The schedule of this case.</summary>
    /// <param name="run">What <see cref="Request"/> returned.</param>
    /// <param name="strategy">Who chooses; null for the written-down schedule.</param>
    internal SchedulePlan Plan(RunRequest run, IInterleavingStrategy? strategy = null)
    {
        WorldSpec spec = ExperimentRunner.SpecOf(run) with { TimelineInterval = TimeSpan.Zero };
        return new SchedulePlan(spec, strategy ?? new PrescribedStrategy(Deviations, Choices), Seed, run.Scenario.Duration)
        {
            IsSwarm = IsSwarm,
            ExpectedSteps = ExpectedSteps,
            Planted = Planted,
        };
    }
}
