using System.Collections.Immutable;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>Runs variations of a case and tells which still go wrong in the same way; counts them, for there is always one more to
/// try.</summary>
/// <param name="shape">The way.</param>
/// <param name="catalog">Where presets are found.</param>
/// <param name="cancel">Ends the work.</param>
internal sealed class CaseRunner(string shape, ScenarioCatalog catalog, CancellationToken cancel) : IDisposable
{
    private readonly ScheduleRunner _runner = new();

    /// <summary>Schedules run.</summary>
    public int Attempts { get; private set; }

    /// <summary>Schedules after which the present part of the work is over.</summary>
    public int Enough { get; set; }

    /// <summary>Whether another schedule may be run.</summary>
    public bool HasTime => Attempts < Enough && !cancel.IsCancellationRequested;

    /// <summary>Choices of the last schedule.</summary>
    public int LastChoices { get; private set; }

    /// <summary>The scenario of a case; null when its text is none.</summary>
    public RunRequest? Read(ReplayCase candidate)
    {
        try
        {
            return candidate.Request(catalog);
        }
        catch (ScenarioException)
        {
            return null; // not every edit leaves a scenario
        }
    }

    /// <summary>Runs a case; null when it does not go wrong in the same way, or when there is no time for another.</summary>
    /// <param name="candidate">The case.</param>
    /// <param name="request">Its scenario, as <see cref="Read"/> returned it.</param>
    /// <param name="strategy">Who chooses; null for the departures of the case.</param>
    public FailingCase? Try(ReplayCase candidate, RunRequest request, IInterleavingStrategy? strategy = null)
    {
        if (Attempts > 0 && !HasTime)
        {
            return null;
        }

        Attempts++;
        ScheduleOutcome outcome = _runner.Run(candidate.Plan(request, strategy) with { KeepsTurns = true });
        LastChoices = outcome.Choices;
        return outcome.Violation?.Shape == shape
            ? new FailingCase(
                candidate with { Deviations = ImmutableSortedDictionary.CreateRange(outcome.Deviations) },
                outcome.Violation.Step, outcome.Choices, outcome.Turns)
            : null;
    }

    /// <summary>Runs a case once more for its result.</summary>
    public ShrunkCase Finish(ReplayCase smallest)
    {
        ScheduleOutcome outcome = _runner.Run(smallest.Plan(smallest.Request(catalog)));
        return new ShrunkCase(smallest, outcome.Violation!, outcome.Hash, Attempts);
    }

    /// <inheritdoc/>
    public void Dispose() => _runner.Dispose();
}
