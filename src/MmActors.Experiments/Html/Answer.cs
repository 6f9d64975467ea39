using System.Collections.Immutable;
using MmActors.Experiments.Recording;
using MmActors.Experiments.Rendering;
using MmActors.Experiments.Results;
using MmActors.Model;
using static MmActors.Experiments.Rendering.Figures;

namespace MmActors.Experiments.Html;

/// <summary>One figure of the answer, before and after.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Before">In the reference; null when there is nothing to hold it against.</param>
/// <param name="After">In the better variant, or in the only one.</param>
/// <param name="Note">What else to know, or nothing.</param>
internal sealed record KeyFigure(string Title, string? Before, string After, string Note);

/// <summary>The sentence a report begins with and the figures behind it. Every word follows from figures of the runs.</summary>
/// <param name="Headline">The answer.</param>
/// <param name="Detail">The figures in words, and what helped; may be empty.</param>
/// <param name="Reference">The variant that shows the problem.</param>
/// <param name="Better">The variant that does best for the same task; null when none is better.</param>
/// <param name="Key">The figures that carry the sentence.</param>
internal sealed record Answer(
    string Headline, string Detail, VariantResult? Reference, VariantResult? Better, ImmutableArray<KeyFigure> Key)
{
    private const int MostTold = 3;

    private static readonly string[] Won = [ScanResult.Succeed.Text(), ScanResult.PmdMapped.Text()];

    /// <summary>The answer a result gives: who starved and why; else what pressure got back; else what khugepaged did.</summary>
    public static Answer Of(ReportInput input)
    {
        var reference = Differences.Reference(input);
        if (reference is null)
        {
            return new("Nothing ran.", "", null, null, []);
        }

        var reclaimed = FirstStatement(ReclaimSections.Build(input));
        if (PressureAnswer.OfReclaim(input) is { } pressure)
        {
            return new(pressure, reclaimed ?? "", reference, null, []);
        }

        if (reclaimed is null && Starved(input, reference) is { } starved)
        {
            return starved;
        }

        return new(PressureAnswer.OfScans(input) ?? Single(input, reference), reclaimed ?? "", reference, null, []);
    }

    /// <summary>Recordings in the order of the answer: the variants it is about come first, so that they stand side by side.</summary>
    public ImmutableArray<(string Variant, RunRecording Recording)> Ordered(ImmutableArray<(string Variant, RunRecording Recording)> all) =>
        Better is null ? all : [.. all.OrderBy(one => one.Variant == Reference!.Name ? 0 : one.Variant == Better.Name ? 1 : 2)];

    private static string? FirstStatement(IEnumerable<ReportBlock> blocks) =>
        blocks.OfType<Statements>().SelectMany(static statements => statements.Lines).FirstOrDefault();

    /// <summary>A task with fewer huge ranges in the reference than in another variant, at the last point both have.</summary>
    private static Answer? Starved(ReportInput input, VariantResult reference)
    {
        var published = input.Scenario.Published;
        var best = (Gain: 0, Task: "", Variant: reference);
        foreach (var variant in input.Result.Variants.Where(other => other.Name != reference.Name).OrderByDescending(other => other.Name == published?.With))
        {
            foreach (var task in Differences.Tasks([reference, variant]).OrderByDescending(task => task == published?.Task))
            {
                var gain = HugeAtEnd(variant, reference, task) - HugeAtEnd(reference, variant, task);
                best = gain > best.Gain ? (gain, task, variant) : best;
            }
        }

        if (best.Gain == 0)
        {
            return null;
        }

        var culprit = Culprit(reference, best.Task);
        return new(
            Headlined(input, reference, best.Task, culprit), Details(input, reference, best.Variant, best.Task, culprit), reference, best.Variant,
            [.. KeyFigures(reference, best.Variant, best.Task, culprit)]);
    }

    private static int HugeAtEnd(VariantResult variant, VariantResult other, string task)
    {
        var common = Math.Min(variant.Timeline.Length, other.Timeline.Length);
        return common == 0 ? 0 : Differences.HugeRanges(variant.Timeline[common - 1], task);
    }

    /// <summary>Whose ranges cost most without becoming huge; without such a one, whose cost most.</summary>
    private static string? Culprit(VariantResult variant, string starving) => variant.Khugepaged.Budget
        .Where(task => task.Task != starving)
        .OrderByDescending(task => task.Amounts.Where(amount => !Won.Contains(amount.Status) && amount.Status != BudgetSection.Overhead)
            .Sum(static amount => amount.Amount))
        .ThenByDescending(task => task.Amounts.Sum(static amount => amount.Amount))
        .Select(static task => task.Task)
        .FirstOrDefault();

    private static string Headlined(ReportInput input, VariantResult reference, string task, string? culprit)
    {
        if (culprit is null)
        {
            return $"{task} starved in {reference.Name}.";
        }

        var share = Math.Round(100.0 * Pages(reference, culprit) / Math.Max(1, reference.Khugepaged.Budget.Sum(entry => Pages(reference, entry.Task))));
        return $"{task} starved in {reference.Name} because khugepaged spent {(share == 50 ? "half" : $"{share}%")} of its scan budget on "
            + (input.LazyfreeTasks.Contains(culprit) ? $"memory that {culprit} had already given back." : $"{culprit}.");
    }

    private static string Details(ReportInput input, VariantResult reference, VariantResult better, string task, string? culprit)
    {
        var (old, now) = (HugeAtEnd(reference, better, task), HugeAtEnd(better, reference, task));
        var end = Seconds(better.Timeline[Math.Min(reference.Timeline.Length, better.Timeline.Length) - 1].TimeSeconds);
        var all = better.Tasks.First(candidate => candidate.Name == task).Ranges;
        var looks = Ranges(reference, task);
        var reached = looks == 0
            ? $"{task} was never reached in {Count(reference.Khugepaged.Passes)} passes"
            : $"{task} got {Plural(looks, "look")} in {Count(reference.Khugepaged.Passes)} passes";
        var halves = Differences.Added(input, reference, better);
        var with = halves == Halves.Other ? $"With {better.Name}" : $"With {better.Name} ({Differences.Describe(halves)})";
        var outcome = $"{task} had {(now == all ? $"all {all}" : $"{now} of {all}")} ranges huge at {end} s{(old == 0 ? "" : $", against {old}")}.";
        return culprit is null ? $"In {reference.Name} {reached}. {with} {outcome}"
            : $"{Spent(reference, culprit)}, and {reached}. {with} {culprit} cost {Plural(Pages(better, culprit), "page")}, and {outcome}";
    }

    private static string Spent(VariantResult variant, string culprit)
    {
        var refused = Statuses(variant, culprit).Where(static amount => !Won.Contains(amount.Status)).Sum(static amount => amount.Amount);
        return $"Its {Plural(Ranges(variant, culprit), "look")} at ranges of {culprit} cost {Plural(Pages(variant, culprit), "page")} of budget"
            + (refused == 0 ? "" : $", {Count(refused)} of them left the range as it was");
    }

    private static IEnumerable<KeyFigure> KeyFigures(VariantResult reference, VariantResult better, string task, string? culprit)
    {
        var point = better.Timeline[Math.Min(reference.Timeline.Length, better.Timeline.Length) - 1];
        var all = better.Tasks.First(candidate => candidate.Name == task).Ranges;
        yield return new($"huge ranges of {task} at {Seconds(point.TimeSeconds)} s", $"{HugeAtEnd(reference, better, task)}",
            $"{HugeAtEnd(better, reference, task)}", $"of {all}");
        if (culprit is not null)
        {
            yield return new($"scan budget spent on {culprit}", Count(Pages(reference, culprit)),
                Count(Pages(better, culprit)), "pages");
        }

        var (old, now) = (Measured(reference, task), Measured(better, task));
        if (old is not null && now is not null)
        {
            yield return new($"cycles per random read of {task}", Fixed(old.CyclesPerAccess, 2),
                Fixed(now.CyclesPerAccess, 2), Change(now.CyclesPerAccess, old.CyclesPerAccess));
            yield return new($"total time of its {Count((long)Math.Round(old.ElapsedSeconds * old.ThroughputMPerS))} million reads",
                $"{Fixed(old.ElapsedSeconds, 2)} s", $"{Fixed(now.ElapsedSeconds, 2)} s",
                Change(now.ElapsedSeconds, old.ElapsedSeconds));
        }
    }

    private static MeasuredAccess? Measured(VariantResult variant, string task) =>
        variant.Tasks.FirstOrDefault(candidate => candidate.Name == task)?.Measured;

    private static IEnumerable<StatusAmount> Statuses(VariantResult variant, string task) =>
        variant.Khugepaged.Statuses.Where(entry => entry.Task == task).SelectMany(static entry => entry.Amounts);

    private static long Ranges(VariantResult variant, string task) => Statuses(variant, task).Sum(static amount => amount.Amount);

    /// <summary>Budget charged for a task's ranges, without VISITs and VMAs.</summary>
    private static long Pages(VariantResult variant, string task) => variant.Khugepaged.Budget
        .Where(entry => entry.Task == task).SelectMany(static entry => entry.Amounts)
        .Where(static amount => amount.Status != BudgetSection.Overhead).Sum(static amount => amount.Amount);

    /// <summary>One run, or variants that give every task the same: whom khugepaged did not reach, and where its budget went.</summary>
    private static string Single(ReportInput input, VariantResult variant)
    {
        var khugepaged = variant.Khugepaged;
        string[] missed = [.. variant.Tasks.Where(task => task is { Ranges: > 0, HugeRanges: 0 } && Ranges(variant, task.Name) == 0)
            .Select(static task => task.Name)];
        string[] spent = [.. khugepaged.Budget.Where(task => Pages(variant, task.Task) > 0).OrderByDescending(task => Pages(variant, task.Task)).Take(MostTold)
            .Select(task => $"{task.Task} ({Count(Pages(variant, task.Task))} pages{(input.LazyfreeTasks.Contains(task.Task) ? ", which gives memory back" : "")})")];
        var passes = khugepaged.Passes == 1 ? "1 pass" : $"{Count(khugepaged.Passes)} passes";
        var budget = spent.Length == 0 ? "" : $": its budget went to {And(spent)}";
        return khugepaged.Passes == 0 ? "khugepaged did not run."
            : missed.Length > 0 ? $"khugepaged never reached {And(missed)} in {passes}{budget}."
            : $"khugepaged collapsed {Plural(khugepaged.PagesCollapsed, "range")} in {passes}{budget}.";
    }
}
