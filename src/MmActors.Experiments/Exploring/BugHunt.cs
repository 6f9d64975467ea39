using System.Collections.Immutable;
using MmActors.Model.Injection;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>How one strategy fared with one planted bug.</summary>
/// <param name="Bug">The bug.</param>
/// <param name="Strategy">The strategy.</param>
/// <param name="Schedules">Number of the first schedule that found it, counted from 1; null when none of those tried did.</param>
/// <param name="Tried">Schedules tried.</param>
/// <param name="Violation">How it showed.</param>
public sealed record HuntResult(PlantedBug Bug, StrategySpec Strategy, long? Schedules, long Tried, Violation? Violation);

/// <summary>Plants every bug in turn and lets every strategy look for it: which search is worth its time, in numbers.</summary>
public static class BugHunt
{
    /// <summary>Strategies that are compared when none is named.</summary>
    public static ImmutableArray<string> Strategies { get; } =
        ["fifo", "random", "random+timers", "pct:2+timers", "pct:3+timers", "pct:5+timers", "delay:5+timers"];

    /// <summary>Runs the comparison.</summary>
    /// <param name="request">The scenario, the seeds, and how many schedules each may try.</param>
    /// <param name="strategies">The strategies.</param>
    /// <param name="done">Told of each result as it comes.</param>
    /// <param name="cancel">Ends it early, with the results so far.</param>
    public static ImmutableArray<HuntResult> Run(
        ExploreRequest request, IReadOnlyList<StrategySpec> strategies, Action<HuntResult> done, CancellationToken cancel)
    {
        var results = ImmutableArray.CreateBuilder<HuntResult>();
        foreach (PlantedBug bug in PlantedBugs.All())
        {
            foreach (StrategySpec strategy in strategies)
            {
                long schedules = strategy.Kind == "fifo" ? 1 : request.Schedules;
                ExploreResult result = Explorer.Run(
                    request with { Planted = bug, Strategy = strategy, Schedules = schedules }, null, cancel);
                if (cancel.IsCancellationRequested)
                {
                    return results.ToImmutable();
                }

                long? found = result.Failed is { } failed ? (long)(failed.Seed - request.FirstSeed) + 1 : null;
                results.Add(new HuntResult(bug, strategy, found, found ?? schedules, result.Failed?.Violation));
                done(results[^1]);
            }
        }

        return results.ToImmutable();
    }
}
