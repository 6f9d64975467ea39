using System.Collections.Immutable;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>A case made as small as it could be.</summary>
/// <param name="Case">What still goes wrong.</param>
/// <param name="Violation">How.</param>
/// <param name="Hash">Hash of its event stream.</param>
/// <param name="Attempts">Schedules run on the way.</param>
public sealed record ShrunkCase(ReplayCase Case, Violation Violation, string Hash, int Attempts);

/// <summary>Makes a failing schedule smaller as long as the same thing still goes wrong: fewer departures from order of arrival
/// (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002), then fewer tasks, steps and pages. A
/// smaller scenario has other choices, so if the old departures do not fail there, some new seeds are tried.</summary>
public sealed class Shrinker : IDisposable
{
    private const int SeedsForASmallerScenario = 60;

    /// <summary>Departures are first left out by the sixteenth: one by one they would cost all attempts before the scenario's turn.</summary>
    private const int Coarse = 16;

    private readonly ScheduleRunner _runner = new();
    private readonly ScenarioCatalog _catalog;
    private readonly StrategySpec _strategy;
    private readonly string _shape;
    private readonly int _mostAttempts;
    private readonly CancellationToken _cancel;
    private int _attempts;
    private int _enough;

    /// <summary>Prepares for one violation.</summary>
    /// <param name="strategy">The strategy that found it.</param>
    /// <param name="violation">What must still happen.</param>
    /// <param name="catalog">Where presets are found.</param>
    /// <param name="mostAttempts">Schedules to spend on it.</param>
    /// <param name="cancel">Ends the work early, with what was reached.</param>
    public Shrinker(
        StrategySpec strategy, Violation violation, ScenarioCatalog catalog, int mostAttempts, CancellationToken cancel)
    {
        _mostAttempts = mostAttempts;
        _strategy = strategy;
        _shape = violation.Shape;
        _catalog = catalog;
        _cancel = cancel;
    }

    /// <summary>Shrinks a case; null when it does not go wrong at all as it is written down.</summary>
    public ShrunkCase? Shrink(ReplayCase original)
    {
        _enough = _mostAttempts;
        if (Try(original) is not { } first)
        {
            return null;
        }

        ReplayCase best = WithFewerDeviations(first, LeastOf(first));
        best = Try(best with { ScenarioText = ScenarioEdits.KeepVariant(best.ScenarioText, best.Variant) }) ?? best;
        _enough = _mostAttempts / 3;
        best = WithSmallerScenario(best, seeds: 0); // what costs one attempt first
        _enough = _mostAttempts * 2 / 3;
        best = WithSmallerScenario(best, SeedsForASmallerScenario);
        _enough = _mostAttempts;
        best = WithFewerDeviations(best, 1);
        for (ReplayCase? before = null; !ReferenceEquals(best, before) && HasTime;)
        {
            before = best; // fewer departures may fit a smaller scenario, and the other way round
            best = WithSmallerScenario(WithSmallerScenario(best, seeds: 0), SeedsForASmallerScenario);
            best = WithFewerDeviations(best, 1);
        }

        ScheduleOutcome outcome = _runner.Run(best.Plan(best.Request(_catalog)));
        return new ShrunkCase(best, outcome.Violation!, outcome.Hash, _attempts);
    }

    /// <inheritdoc/>
    public void Dispose() => _runner.Dispose();

    private bool HasTime => _attempts < _enough && !_cancel.IsCancellationRequested;

    /// <summary>The case with the departures that were really made, if the same thing goes wrong.</summary>
    private ReplayCase? Try(ReplayCase candidate, IInterleavingStrategy? strategy = null, RunRequest? request = null)
    {
        try
        {
            _attempts++;
            ScheduleOutcome outcome = _runner.Run(candidate.Plan(request ?? candidate.Request(_catalog), strategy));
            return outcome.Violation?.Shape == _shape
                ? candidate with { Deviations = ImmutableSortedDictionary.CreateRange(outcome.Deviations) } : null;
        }
        catch (ScenarioException)
        {
            return null; // not every edit leaves a scenario
        }
    }

    private ReplayCase WithSmallerScenario(ReplayCase failing, int seeds)
    {
        ReplayCase best = failing;
        for (bool isSmaller = true; isSmaller && HasTime;)
        {
            isSmaller = false;
            for (int edit = 0; edit < ScenarioEdits.Count(best.ScenarioText) && HasTime;)
            {
                ReplayCase candidate = best with { ScenarioText = ScenarioEdits.Apply(best.ScenarioText, edit) };
                if (Smaller(candidate, seeds) is { } smaller)
                {
                    (best, isSmaller) = (smaller, true);
                }
                else
                {
                    edit++;
                }
            }
        }

        return best;
    }

    /// <summary>A smaller scenario: the same departures, or some seeds.</summary>
    private ReplayCase? Smaller(ReplayCase candidate, int seeds)
    {
        RunRequest request;
        try
        {
            request = candidate.Request(_catalog);
        }
        catch (ScenarioException)
        {
            return null;
        }

        if (Try(candidate, null, request) is { } same)
        {
            return same;
        }

        if (seeds == 0)
        {
            return null;
        }

        ScheduleOutcome fifo = _runner.Run(candidate.Plan(request, new PrescribedStrategy(new Dictionary<int, int>(), candidate.Choices)));
        IInterleavingStrategy strategy = _strategy.Create(Math.Max(1, fifo.Choices));
        for (uint seed = 1; seed <= seeds && HasTime && !_strategy.IsSeedless; seed++)
        {
            ReplayCase other = candidate.IsSwarm ? candidate : candidate with { Seed = seed };
            strategy.Begin(seed);
            if (Try(other, new Reseeded(strategy, seed), request) is { } found)
            {
                return WithFewerDeviations(found, LeastOf(found));
            }
        }

        return null;
    }

    private static int LeastOf(ReplayCase failing) => failing.Deviations.Count / Coarse;

    /// <summary>Leaves out departures: the later ones first, then ever smaller groups of them, and single ones for as long as it
    /// helps.</summary>
    private ReplayCase WithFewerDeviations(ReplayCase failing, int least)
    {
        ReplayCase best = failing;
        int before = int.MaxValue;
        for (int size = best.Deviations.Count; size >= Math.Max(1, least) && HasTime; size = size == 1 && best.Deviations.Count < before ? 1 : size / 2)
        {
            before = best.Deviations.Count;
            for (int end = best.Deviations.Count; end > 0 && HasTime; end -= size)
            {
                int begin = Math.Max(0, end - size);
                KeyValuePair<int, int>[] kept = [.. best.Deviations.Take(begin), .. best.Deviations.Skip(end)];
                if (Try(best with { Deviations = ImmutableSortedDictionary.CreateRange(kept) }) is { } smaller
                    && smaller.Deviations.Count < best.Deviations.Count)
                {
                    best = smaller;
                }
            }
        }

        return best;
    }

    /// <summary>A strategy with a seed of its own, so that what the swarm draws stays as it is.</summary>
    private sealed class Reseeded(IInterleavingStrategy inner, ulong seed) : IInterleavingStrategy
    {
        public string Name => inner.Name;

        public ScheduleChoices Choices => inner.Choices;

        public void Begin(ulong ignored) => inner.Begin(seed);

        public int Pick(ReadOnlySpan<RunnableActor> runnable) => inner.Pick(runnable);
    }
}
