using MmActors.Experiments.Results;
using MmActors.Model;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Rendering;

/// <summary>What the budget figures say about lazyfree ranges, with the qualification each claim needs. A claim the
/// figures of the run do not carry is replaced by the one they do.</summary>
internal static class LazyfreeSentences
{
    private static readonly string Lack = ScanResult.LackReferencedPage.Text();
    private static readonly string Skipped = ScanResult.PageLazyfree.Text();
    private static readonly string Succeeded = ScanResult.Succeed.Text();

    /// <summary>The sentences for every task that calls MADV_FREE.</summary>
    public static IEnumerable<string> Build(ReportInput input)
    {
        var variants = input.Result.Variants;
        foreach (var task in input.LazyfreeTasks)
        {
            var collapsing = variants.Where(v => v.Switches.Lazyfree == LazyfreeHandling.Collapse).ToArray();
            var skipping = variants.Where(v => v.Switches.Lazyfree != LazyfreeHandling.Collapse).ToArray();
            foreach (var group in collapsing.GroupBy(v => Counts(v, task, Lack)))
            {
                yield return WithoutSkip(task, [.. group]);
            }

            foreach (var group in skipping.GroupBy(v => (v.Switches.Charging, Counts(v, task, Skipped))))
            {
                yield return SkipCost(task, [.. group]);
            }

            foreach (var sentence in Discarded(input, task, skipping))
            {
                yield return sentence;
            }
        }
    }

    private static (long Pages, long Ranges, long Collapsed) Counts(
        VariantResult variant, string task, string status) =>
        (BudgetSection.Pages(variant, task, status), BudgetSection.Ranges(variant, task, status),
            BudgetSection.Ranges(variant, task, Succeeded));

    /// <summary>KH-29, KH-29a: what happens to the ranges where nothing is skipped.</summary>
    private static string WithoutSkip(string task, VariantResult[] variants)
    {
        var names = Figures.And([.. variants.Select(variant => variant.Name)]);
        var (pages, refused, collapsed) = Counts(variants[0], task, Lack);
        if (collapsed > 0)
        {
            return $"{names}: {Figures.Plural(collapsed, "range")} of {task} collapsed without the skip - before its "
                + "MADV_FREE, or after it because a page of the range was touched, was not freed or still counted as "
                + $"young (KH-29a); {Figures.Count(refused)} times a range was refused as {Lack}.";
        }

        return refused == 0
            ? $"{names}: khugepaged refused no range of {task} as {Lack} and collapsed none within this run."
            : $"{names}: no range of {task} was collapsed although nothing is skipped, {Figures.Plural(refused, "time")} one "
                + $"was refused as {Lack} for {Figures.Count(pages)} pages: a purely idle lazyfree range is not collapsed "
                + "without the skip either (KH-29), so the skip changes the collapse result only if a page was touched "
                + "after MADV_FREE or the MADV_FREE was partial (VR-25).";
    }

    /// <summary>KH-15, VR-21, VR-26: what a skipped range costs.</summary>
    private static string SkipCost(string task, VariantResult[] variants)
    {
        var names = Figures.And([.. variants.Select(variant => variant.Name)]);
        var (pages, ranges, _) = Counts(variants[0], task, Skipped);
        if (ranges == 0)
        {
            return $"{names}: no range of {task} was skipped as {Skipped} in this run.";
        }

        var cost = $"{names}: {Figures.Plural(ranges, "time")} a range of {task} was skipped as {Skipped} for "
            + $"{Figures.Plural(pages, "page")}";
        if (variants[0].Switches.Charging == ScanCharging.WholeRange)
        {
            return $"{cost}: each time still costs 512 under the old charging, so the skip alone saves no budget (KH-15, "
                + "VR-21).";
        }

        return pages == ranges
            ? $"{cost}, 1 each, because already the first page is clean lazyfree; lazyfree pages only at the tail of a "
                + "range would still cost up to 512 (VR-26)."
            : $"{cost}, {Figures.Fixed((double)pages / ranges, 1)} on average: the charge is the index of the first "
                + "clean lazyfree page + 1, up to 512 when they sit at the tail of the range (VR-26).";
    }

    /// <summary>KH-29b: the skip is not for ever.</summary>
    private static IEnumerable<string> Discarded(ReportInput input, string task, VariantResult[] skipping)
    {
        if (skipping.Length == 0)
        {
            yield break;
        }

        var discarding = skipping.Where(variant => Discards(variant) > 0).ToArray();
        if (discarding.Length == 0)
        {
            yield return $"{Figures.And([.. skipping.Select(v => v.Name)])}: no lazyfree page was reclaimed in this "
                + "run, so it does not show that the skip can be undone: once reclaim has dropped the pages, one young page "
                + "makes the range collapsible again unless max_ptes_none is below the number of holes (KH-29b).";
            yield break;
        }

        foreach (var variant in discarding)
        {
            var limit = input.Declared(variant)?.Knobs.MaxPtesNone ?? input.Scenario.Knobs.MaxPtesNone;
            var collapsed = BudgetSection.Ranges(variant, task, Succeeded);
            var outcome = collapsed > 0
                ? $"{Figures.Plural(collapsed, "collapse")} of {task} in the run, which may include such ranges"
                : $"{task} was not collapsed in this run";
            yield return $"{variant.Name}: reclaim discarded {Figures.Plural(Discards(variant), "lazyfree page")}; a "
                + $"range they leave with at most {limit} empty PTEs (max_ptes_none) and one young page is collapsible "
                + $"again, skip or not (KH-29b): {outcome}.";
        }
    }

    private static long Discards(VariantResult variant) =>
        variant.Vmstat.FirstOrDefault(counter => counter.Name == "pglazyfreed")?.Delta ?? 0;
}
