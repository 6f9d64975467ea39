using System.Collections.Immutable;
using MmActors.Experiments.Results;

namespace MmActors.Experiments.Rendering;

/// <summary>Where khugepaged's scan budget went: pages charged and ranges looked at, per task and status, one column
/// per variant (CM-40).</summary>
internal static class BudgetSection
{
    /// <summary>The status under which VISITs and stepped-over VMAs are filed; it has no ranges.</summary>
    public const string Overhead = "visit_and_vmas";

    /// <summary>The section's blocks.</summary>
    public static IEnumerable<ReportBlock> Build(ReportInput input)
    {
        var variants = input.Result.Variants;
        var keys = variants
            .SelectMany(variant => variant.Khugepaged.Budget.Concat(variant.Khugepaged.Statuses))
            .SelectMany(task => task.Amounts.Select(amount => (task.Task, amount.Status)))
            .Distinct()
            .ToArray();
        if (keys.Length == 0)
        {
            yield break;
        }

        var tasks = keys.Select(key => key.Task).Distinct().ToList();
        var ordered = keys.OrderBy(key => tasks.IndexOf(key.Task)).ThenBy(key => key.Status == Overhead);
        yield return new Heading(2, "Where khugepaged's budget went");
        yield return new Paragraph(
            "Pages charged to the scan budget (ranges looked at), over the whole run; visit_and_vmas: 1 per VISIT and "
            + "per VMA stepped over (KH-13, KH-14).");
        yield return new Table(
            [
                new("task", IsFigure: false), new("status", IsFigure: false),
                .. variants.Select(variant => new Column(variant.Name)),
            ],
            [
                .. ordered.Select(key => (ImmutableArray<string>)
                    [key.Task, key.Status, .. variants.Select(variant => Cell(variant, key.Task, key.Status))]),
                ["total", "", .. variants.Select(Total)],
            ],
            KeyColumns: 2);
        var sentences = LazyfreeSentences.Build(input).ToImmutableArray();
        if (!sentences.IsEmpty)
        {
            yield return new Statements(sentences);
        }
    }

    /// <summary>Pages charged for one task and status.</summary>
    public static long Pages(VariantResult variant, string task, string status) =>
        Amount(variant.Khugepaged.Budget, task, status);

    /// <summary>Ranges looked at for one task and status.</summary>
    public static long Ranges(VariantResult variant, string task, string status) =>
        Amount(variant.Khugepaged.Statuses, task, status);

    private static long Amount(ImmutableArray<TaskStatuses> all, string task, string status) => all
        .Where(candidate => candidate.Task == task)
        .SelectMany(candidate => candidate.Amounts)
        .Where(amount => amount.Status == status)
        .Sum(amount => amount.Amount);

    private static string Cell(VariantResult variant, string task, string status)
    {
        var (pages, ranges) = (Pages(variant, task, status), Ranges(variant, task, status));
        return pages == 0 && ranges == 0 ? Figures.None
            : status == Overhead ? Figures.Count(pages)
            : $"{Figures.Count(pages)} ({Figures.Count(ranges)})";
    }

    private static string Total(VariantResult variant)
    {
        var pages = variant.Khugepaged.Budget.SelectMany(task => task.Amounts).Sum(amount => amount.Amount);
        var ranges = variant.Khugepaged.Statuses.SelectMany(task => task.Amounts).Sum(amount => amount.Amount);
        return $"{Figures.Count(pages)} ({Figures.Count(ranges)})";
    }
}
