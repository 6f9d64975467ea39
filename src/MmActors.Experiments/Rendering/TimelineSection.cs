using System.Collections.Immutable;
using MmActors.Experiments.Results;

namespace MmActors.Experiments.Rendering;

/// <summary>Huge ranges per task over simulated time, one row per variant and task, and what the variants
/// change.</summary>
internal static class TimelineSection
{
    private const int MaxPoints = 18;

    /// <summary>The section's blocks; empty when no variant has a timeline.</summary>
    public static IEnumerable<ReportBlock> Build(ReportInput input)
    {
        var variants = input.Result.Variants;
        var longest = variants.MaxBy(variant => variant.Timeline.Length);
        if (longest is null || longest.Timeline.IsEmpty)
        {
            yield break;
        }

        var stride = ((longest.Timeline.Length - 1) / MaxPoints) + 1;
        var shown = Enumerable.Range(1, longest.Timeline.Length / stride).Select(n => (n * stride) - 1).ToArray();
        yield return new Heading(2, variants.Length == 1
            ? "Ranges collapsed per task over simulated time"
            : "Ablation: ranges collapsed per task over simulated time");
        yield return new Paragraph(
            $"2 MiB ranges mapped huge at t seconds (of a task that has exited: when it did), machine preset "
            + input.Result.Machine + (stride == 1 ? "." : $"; every {stride}th point (json and csv have all)."));
        yield return new Table(
            [
                new("variant", IsFigure: false), new("task", IsFigure: false),
                .. shown.Select(i => new Column(Figures.Seconds(longest.Timeline[i].TimeSeconds))),
            ],
            [.. variants.SelectMany(variant => Rows(variant, shown))],
            KeyColumns: 2);
        var sentences = Sentences(input).ToImmutableArray();
        if (!sentences.IsEmpty)
        {
            yield return new Statements(sentences);
        }
    }

    private static IEnumerable<ImmutableArray<string>> Rows(VariantResult variant, int[] shown) =>
        variant.Tasks.Where(task => task.Ranges > 0).Select(task => (ImmutableArray<string>)
        [
            variant.Name, task.Name,
            .. shown.Select(i => i < variant.Timeline.Length
                ? Figures.Count(Differences.HugeRanges(variant.Timeline[i], task.Name))
                : Figures.None),
        ]);

    private static IEnumerable<string> Sentences(ReportInput input)
    {
        if (Differences.Reference(input) is not { } reference || input.Result.Variants.Length < 2)
        {
            yield break;
        }

        var others = input.Result.Variants.Where(variant => variant.Name != reference.Name).ToArray();
        var halvesChangeNothing = HalvesChangeNothing(input, reference, others);
        foreach (var variant in others)
        {
            yield return Compare(input, reference, variant, halvesChangeNothing);
        }

        foreach (var sentence in Benefit(input, reference, others))
        {
            yield return sentence;
        }
    }

    /// <summary>True when both halves ran alone and neither changed any task's timeline.</summary>
    private static bool HalvesChangeNothing(ReportInput input, VariantResult reference, VariantResult[] others)
    {
        var alone = others
            .Where(variant => Differences.Added(input, reference, variant) is Halves.Charging or Halves.Skip)
            .ToArray();
        return alone.Select(variant => Differences.Added(input, reference, variant)).Distinct().Count() == 2
            && alone.All(variant => variant.Timeline.Length == reference.Timeline.Length
                && Changed(reference, variant).Count == 0);
    }

    private static List<string> Changed(VariantResult reference, VariantResult variant) =>
        [.. Differences.Tasks([reference, variant])
            .Where(task => Differences.First(reference, variant, task) is not null)];

    private static string Compare(
        ReportInput input, VariantResult reference, VariantResult variant, bool halvesChangeNothing)
    {
        var halves = Differences.Added(input, reference, variant);
        var changed = Changed(reference, variant);
        var subject = $"{variant.Name} ({Differences.Describe(halves)})";
        var common = Math.Min(reference.Timeline.Length, variant.Timeline.Length);
        if (common == 0)
        {
            return $"{subject} and {reference.Name} have no common timeline point, so nothing can be said about them.";
        }

        if (changed.Count == 0 && common < Math.Max(reference.Timeline.Length, variant.Timeline.Length))
        {
            return $"{subject} has the same timeline as {reference.Name} up to "
                + $"{Figures.Seconds(reference.Timeline[common - 1].TimeSeconds)} s, where one of them stopped.";
        }

        if (changed.Count == 0)
        {
            var rule = halves switch
            {
                Halves.Charging or Halves.Skip => ": this half of the series alone changes nothing here (VR-21, VR-25)",
                Halves.Both => ": even both halves together change nothing in this scenario (VR-21)",
                _ => "",
            };
            return $"{subject} has the same timeline as {reference.Name} for every task{rule}.";
        }

        var details = Figures.And([.. changed.Select(task =>
        {
            var (time, old, now) = Differences.First(reference, variant, task)!.Value;
            return $"{task} from {Figures.Seconds(time)} s on ({now} against {old} huge)";
        })]);
        var cause = halves switch
        {
            Halves.Both when halvesChangeNothing => ": only both halves together do this (VR-21, VR-25)",
            Halves.Both => ": what the two halves do together (VR-21)",
            Halves.Charging => ": one half alone already matters here, unlike in the recorded runs (VR-25), because "
                + "already huge ranges become cheap (VR-21)",
            Halves.Skip => ": one half alone already matters here, unlike in the recorded runs (VR-25), because it "
                + "refuses ranges the reference collapses (VR-21, KH-29a)",
            _ => "",
        };
        return $"{subject} differs from {reference.Name} for {details}{cause}.";
    }

    /// <summary>CM-41: the benefit is when ranges become huge; said only for tasks that gained.</summary>
    private static IEnumerable<string> Benefit(ReportInput input, VariantResult reference, VariantResult[] others)
    {
        var both = others.FirstOrDefault(variant => variant.Name == input.Scenario.Published?.With)
            ?? others.FirstOrDefault(variant => Differences.Added(input, reference, variant) == Halves.Both);
        if (both is null || both.Timeline.Length != reference.Timeline.Length)
        {
            yield break;
        }

        var task = (input.Scenario.Published?.Task is { } named ? input.Shown(named) : null)
            ?? Changed(reference, both).FirstOrDefault();
        if (task is null)
        {
            yield break;
        }

        if (Differences.First(reference, both, task) is not { } first)
        {
            yield return $"{task} gains nothing in this run: {both.Name} and {reference.Name} have the same huge "
                + "ranges at every point.";
            yield break;
        }

        var last = both.Timeline.Length - 1;
        var (old, now) = (Differences.HugeRanges(reference.Timeline[last], task),
            Differences.HugeRanges(both.Timeline[last], task));
        var end = $"{now} against {old} at {Figures.Seconds(both.Timeline[last].TimeSeconds)} s";
        yield return first.Variant > first.Reference
            ? $"The benefit for {task} is when its ranges become huge (from {Figures.Seconds(first.Time)} s on; "
                + $"{end}), not how fast one access is afterwards: the cost per access in the same state is identical (CM-41)."
            : $"{both.Name} gives {task} fewer huge ranges first (from {Figures.Seconds(first.Time)} s on; {end}): in "
                + "this run the change costs it something.";
    }
}
