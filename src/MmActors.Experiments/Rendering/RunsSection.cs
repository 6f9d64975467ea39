using System.Collections.Immutable;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Rendering;

/// <summary>Identity of every run: what it ran with, its hash, and the only measured figure, the real time it
/// took.</summary>
internal static class RunsSection
{
    /// <summary>The section's blocks.</summary>
    public static IEnumerable<ReportBlock> Build(ReportInput input)
    {
        yield return new Heading(2, "Runs");
        yield return new Table(
            [
                new("variant", IsFigure: false), new("preset", IsFigure: false), new("charging", IsFigure: false),
                new("lazyfree", IsFigure: false), new("hash of the event stream", IsFigure: false),
                new("sim s"), new("wall s"),
            ],
            [.. input.Result.Variants.Select(Row), .. input.Evidence.SelectMany(static more => more.Result.Variants).Select(Row)]);
    }

    private static ImmutableArray<string> Row(Results.VariantResult variant) =>
    [
        variant.Partial ? $"{variant.Name} (partial)" : variant.Name, variant.Preset,
        SwitchWords.Of(variant.Switches.Charging), SwitchWords.Of(variant.Switches.Lazyfree), variant.Hash,
        Figures.Seconds(variant.SimulatedSeconds), Figures.Fixed(variant.WallSeconds, 2),
    ];

    /// <summary>Title and the notes every report begins with.</summary>
    public static IEnumerable<ReportBlock> Opening(ReportInput input, string verb)
    {
        var result = input.Result;
        yield return new Heading(1, $"mmactors {result.Version} {verb} {result.Scenario} (seed {result.Seed}, machine "
            + $"preset {result.Machine}{(IsConcurrent(input) ? ", mode concurrent" : "")})");
        yield return new Paragraph(($"{input.Scenario.Description.TrimEnd()} All times are simulated; the only "
            + "measured time is 'wall s' under Runs.").TrimStart());
        if (IsConcurrent(input))
        {
            yield return new Paragraph("The actors ran at the same time on real threads: simultaneous events came in an order of the "
                + $"machine's, so there is no hash, and the same command may give other figures. {Audited(input)}.");
        }

        if (input.ExactTlb)
        {
            yield return new Paragraph("TLB misses are those of an exact LRU TLB that saw every access (--tlb exact), not of "
                + "the machine preset's reach.");
        }

        if (input.Fold is { } fold)
        {
            yield return new Paragraph($"{fold.Tasks} tasks are shown as {Figures.Plural(fold.Groups, "row")}: replicas are added up. The "
                + "json and csv formats have each of them.");
        }

        if (input.IsPartial)
        {
            var cut = Cut(input).Concat(input.Evidence.Where(static more => more.IsPartial)
                .Select(static more => $"of {more.Result.Scenario}: {Figures.And([.. Cut(more)])}"));
            yield return new Paragraph($"PARTIAL RESULT: interrupted before the horizon of "
                + $"{Figures.Seconds(input.Scenario.Duration.TotalSeconds)} s ({Figures.And([.. cut])}); every figure "
                + "and sentence below covers only what ran.");
        }
    }

    private static bool IsConcurrent(ReportInput input) => input.Result.Variants.Any(static variant => variant.IsConcurrent);

    private static string Audited(ReportInput input)
    {
        var audits = input.Result.Variants.Concat(input.MoreSeeds.SelectMany(static seed => seed.Variants))
            .Concat(input.Evidence.SelectMany(static more => more.Result.Variants)).Sum(static variant => variant.Audits);
        return $"{Figures.Plural(audits, "full audit")} while nobody was at work found every invariant intact";
    }

    private static IEnumerable<string> MissingSeeds(ReportInput input)
    {
        var asked = input.MoreSeeds.Length * (input.Result.Variants.Length + input.NotRun.Length);
        var ran = input.MoreSeeds.Sum(static seed => seed.Variants.Count(static variant => !variant.Partial));
        return ran == asked ? [] : [$"{Figures.Plural(asked - ran, "run")} with further seeds did not end"];
    }

    private static IEnumerable<string> Cut(ReportInput input) => input.Result.Variants
        .Where(static variant => variant.Partial)
        .Select(static variant => $"{variant.Name} stopped at {Figures.Seconds(variant.SimulatedSeconds)} s")
        .Concat(MissingSeeds(input))
        .Concat(input.NotRun.Length > 4 ? [$"{input.NotRun.Length} variants did not run"] : input.NotRun.Select(static name => $"{name} did not run"));
}

/// <summary>The words by which files and outputs name switch values.</summary>
internal static class SwitchWords
{
    /// <summary>VR-1.</summary>
    public static string Of(ScanCharging charging) => charging switch
    {
        ScanCharging.WholeRange => "whole-range",
        _ => "visited",
    };

    /// <summary>VR-2, VR-3.</summary>
    public static string Of(LazyfreeHandling lazyfree) => lazyfree switch
    {
        LazyfreeHandling.Collapse => "collapse",
        LazyfreeHandling.Skip => "skip",
        _ => "skip-except-droppable",
    };
}
