using System.Collections.Immutable;
using MmActors.Cli.Verbs;
using MmActors.Experiments.Results;
using MmActors.Experiments.Running;

namespace MmActors.Cli.Execution;

/// <summary>The chosen variants again, with the seeds that follow the first.</summary>
internal static class MoreSeeds
{
    /// <summary>Their requests, seed by seed.</summary>
    public static IEnumerable<RunRequest> Requests(RunChoices choices) => Enumerable.Range(1, choices.Seeds - 1)
        .SelectMany(offset => choices.Variants.Select(variant =>
            choices.Request(variant, choices.Machine) with { Seed = choices.Seed + (ulong)offset }));

    /// <summary>Their results; a seed whose runs were kept from starting lacks them.</summary>
    public static ImmutableArray<ComparisonResult> Results(RunChoices choices, ReadOnlySpan<VariantResult?> results)
    {
        var seeds = ImmutableArray.CreateBuilder<ComparisonResult>();
        for (var offset = 1; offset < choices.Seeds; offset++)
        {
            var own = results.Slice((offset - 1) * choices.Variants.Length, choices.Variants.Length).ToArray();
            seeds.Add(new ComparisonResult(
                choices.Scenario.Name, choices.Seed + (ulong)offset, VersionVerb.Number, choices.Machine.Name, choices.TlbName,
                [.. own.OfType<VariantResult>()]));
        }

        return seeds.ToImmutable();
    }
}
