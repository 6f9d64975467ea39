using MmActors.Experiments.Scenarios;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>A case made as small as it could be.</summary>
/// <param name="Case">What still goes wrong.</param>
/// <param name="Violation">How.</param>
/// <param name="Hash">Hash of its event stream.</param>
/// <param name="Attempts">Schedules run on the way.</param>
public sealed record ShrunkCase(ReplayCase Case, Violation Violation, string Hash, int Attempts);

/// <summary>Makes a failing case smaller as long as the same thing still goes wrong: first the scenario (Zeller and Hildebrandt,
/// "Simplifying and Isolating Failure-Inducing Input", 2002), for each step of which a schedule is looked for anew, at first
/// among a few and then among ever more; then the schedule. The same case and number of attempts give the same result.</summary>
public sealed class Shrinker : IDisposable
{
    /// <summary>Schedules tried for each smaller scenario, one round after the other.</summary>
    private static readonly int[] Breadths = [ScheduleSearch.Plain, 24, 150];

    /// <summary>How much harder to follow a schedule may be after a change of the scenario, besides a quarter.</summary>
    private const int Slack = 40;

    /// <summary>Choices of a schedule that may be made plainer departure by departure before it is judged.</summary>
    private const int FewChoices = 150;

    private readonly CaseRunner _cases;
    private readonly ScheduleSearch _search;
    private readonly ScheduleShortener _shortener;
    private readonly HashSet<(string Text, int Breadth)> _futile = [];
    private readonly int _mostAttempts;

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
        _cases = new CaseRunner(violation.Shape, catalog, cancel) { Enough = mostAttempts };
        _search = new ScheduleSearch(_cases, strategy);
        _shortener = new ScheduleShortener(_cases);
    }

    /// <summary>Shrinks a case; null when it does not go wrong at all as it is written down.</summary>
    public ShrunkCase? Shrink(ReplayCase original)
    {
        if (_cases.Read(original) is not { } request || _cases.Try(original, request) is not { } best)
        {
            return null;
        }

        best = Plainer(best, best.Case with { ScenarioText = ScenarioEdits.KeepVariant(best.Case.ScenarioText, best.Case.Variant) });
        best = Plainer(best, best.Case with { IsSwarm = false });
        best = Plainer(best, best.Case with { Choices = best.Case.Choices & ~ScheduleChoices.Channels });
        _cases.Enough = _mostAttempts / 2; // the rest is the schedule's, and whatever that makes possible
        best = WithSmallerScenario(best);
        _cases.Enough = _mostAttempts;
        for (FailingCase? before = null; !ReferenceEquals(best, before) && _cases.HasTime;)
        {
            before = best;
            _cases.Enough = _cases.Attempts + ((_mostAttempts - _cases.Attempts) / 2);
            best = _shortener.Shorten(best, _cases.Read(best.Case)!);
            _cases.Enough = _mostAttempts;
            best = WithSmallerScenario(best);
        }

        return _cases.Finish(best.Case);
    }

    /// <inheritdoc/>
    public void Dispose() => _cases.Dispose();

    private FailingCase Plainer(FailingCase failing, ReplayCase plainer) =>
        plainer != failing.Case && _cases.Read(plainer) is { } request
            ? _search.Find(plainer, request, failing, Breadths[^1]) ?? failing : failing;

    private FailingCase WithSmallerScenario(FailingCase failing)
    {
        FailingCase best = failing;
        foreach (int breadth in Breadths)
        {
            best = _shortener.Smoothly(best, _cases.Read(best.Case)!);
            for (FailingCase? before = null; !ReferenceEquals(best, before) && _cases.HasTime;)
            {
                before = best;
                int edits = ScenarioEdits.Count(best.Case.ScenarioText);
                for (int edit = 0; edit < edits && _cases.HasTime;)
                {
                    if (Smaller(best, edit, breadth) is { } smaller)
                    {
                        best = smaller;
                        edits = ScenarioEdits.Count(best.Case.ScenarioText);
                    }
                    else
                    {
                        edit++;
                    }
                }
            }
        }

        return best;
    }

    private FailingCase? Smaller(FailingCase failing, int edit, int breadth)
    {
        string text = ScenarioEdits.Apply(failing.Case.ScenarioText, edit);
        ReplayCase candidate = failing.Case with { ScenarioText = text, Variant = ScenarioEdits.VariantOf(text, failing.Case.Variant) };
        if (_cases.Read(candidate) is not { } request
            || _search.Find(candidate, request, failing, _futile.Add((text, breadth)) ? breadth : ScheduleSearch.Plain) is not { } found)
        {
            return null;
        }

        long most = failing.Weight + (failing.Weight / 4) + Slack; // a word less is not worth a schedule much harder to follow
        found = found.Weight <= most ? found : _shortener.Coarsely(found, request);
        found = found.Weight <= most || found.Choices > FewChoices ? found : _shortener.Finely(found, request);
        return found.Weight <= most ? found : null;
    }
}
