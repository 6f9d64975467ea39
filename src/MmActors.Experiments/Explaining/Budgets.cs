using MmActors.Experiments.Rendering;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Explaining;

/// <summary>What khugepaged did before it came to the range, or instead of coming.</summary>
internal static class Budgets
{
    private const int MostTasks = 8;

    /// <summary>Why it did not come, or came late.</summary>
    public static IEnumerable<string> Of(RangeHistory history, TimeSpan mapped)
    {
        var first = history.Scans.FirstOrDefault(static scan => scan.Scan.Flag);
        var enabled = history.Settings.EffectiveEnabled;
        if (first is null && history.Passes == 0 && !history.Settings.KhugepagedRuns)
        {
            yield return $"khugepaged did not run: enabled is {Word(enabled)} (KH-2).";
            yield break;
        }

        if (first is null && history.Registered is null)
        {
            yield return "The task's mm never joined khugepaged's list: no VMA of it was eligible at a fault, at MADV_HUGEPAGE or at "
                + "a growth (KH-8, KH-20). What would change it: MADV_HUGEPAGE and a write to it"
                + $"{(enabled == ThpEnabled.Madvise ? ", or enabled=always instead of madvise" : "")}.";
            yield break;
        }

        if (first is null && history.Visits > 0)
        {
            yield return $"khugepaged ended {Figures.Plural(history.Visits, "VISIT")} to the mm without looking at this range: "
                + (IsUnadvised(history)
                    ? "no MADV_HUGEPAGE covered it and enabled is madvise, so its VMA is stepped over for 1 (KH-14.2, KH-20)."
                    : "it was not come to yet, its VMA was not eligible when it was passed (KH-14, KH-20), or the mm was exiting.");
        }

        if (history.ChargedBefore.IsEmpty || history.PassesBefore == 1)
        {
            yield break;
        }

        var total = history.ChargedBefore.Sum(static charge => charge.Charged);
        var until = first is null ? "In this run khugepaged charged"
            : $"Before its first scan at {Figures.Fixed(first.Time.TotalSeconds, 3)} s khugepaged had charged";
        yield return $"{until} {Figures.Count(total)} pages for ranges in "
            + $"{Figures.Count(history.PassesBefore)} passes (KH-4, KH-15): "
            + $"{Tasks(history)}.";
        var isUnderWay = history.Visits == 0 || history.ChargedBefore.Any(charge => charge.Task == history.Name.Task);
        if (first is null && isUnderWay && !IsUnadvised(history))
        {
            yield return Earlier(history, total);
        }
    }

    /// <summary>Nobody advised the range; a child's VMAs came with the advice its parent had given, or without.</summary>
    private static bool IsUnadvised(RangeHistory history) => history.Settings.EffectiveEnabled == ThpEnabled.Madvise
        && !history.Episodes.OfType<Happening>().Any(happening => happening.First
            is { Kind: KernelEventKind.Advised, Extra: (long)Advice.HugePage }
            || happening.First.Detail?.Name == history.Name.Task);

    private static string Tasks(RangeHistory history)
    {
        var tasks = history.ChargedBefore.GroupBy(static charge => charge.Task).ToArray();
        var told = tasks.Take(MostTasks).Select(static task => $"{task.Key} {Figures.Count(task.Sum(static charge => charge.Charged))} ("
            + Figures.And([.. task.Select(static charge => $"{Figures.Count(charge.Ranges)} {charge.Status.Text()}")]) + ")");
        var rest = tasks.Skip(MostTasks).Sum(static task => task.Sum(static charge => charge.Charged));
        return Figures.And(
            tasks.Length > MostTasks ? [.. told, $"{tasks.Length - MostTasks} more tasks {Figures.Count(rest)}"] : [.. told]);
    }

    /// <summary>What would bring it here earlier, with the other charging worked out for the same scans.</summary>
    private static string Earlier(RangeHistory history, long charged)
    {
        var knobs = "What would bring it here earlier: a larger khugepaged/pages_to_scan than "
            + $"{Figures.Count(history.Settings.PagesToScan)} or a shorter khugepaged/scan_sleep_millisecs than "
            + $"{Figures.Count(history.Settings.ScanSleepMillisecs)} (KH-3, KH-4)";
        var visited = history.ChargedBefore.Sum(static charge => charge.Visited);
        return history.Switches.Charging switch
        {
            ScanCharging.WholeRange when visited < charged =>
                $"{knobs}, or the switch charging: {SwitchWords.Of(ScanCharging.Visited)}, by which the same scans cost "
                + $"{Figures.Count(visited)} (KH-15).",
            ScanCharging.WholeRange =>
                $"{knobs}. The switch charging: {SwitchWords.Of(ScanCharging.Visited)} alone would not: these scans visited all "
                + $"their PTEs and cost the same (KH-15, VR-21){WithSkip(history)}.",
            _ => $"{knobs}.",
        };
    }

    /// <summary>VR-21: ranges walked to the end for nothing, of tasks that have given memory back.</summary>
    private static string WithSkip(RangeHistory history)
    {
        var idle = history.ChargedBefore.Where(static charge =>
            charge is { Status: ScanResult.LackReferencedPage, HasFreed: true }).ToArray();
        return idle.Length == 0 || history.Switches.Lazyfree != LazyfreeHandling.Collapse ? ""
            : $"; with lazyfree: {SwitchWords.Of(LazyfreeHandling.Skip)} as well a range ends at its first clean lazyfree page, and "
                + $"{Figures.Plural(idle.Sum(static charge => charge.Ranges), "range")} of "
                + $"{Figures.And([.. idle.Select(static charge => charge.Task)])}, which had called MADV_FREE, could have cost as "
                + "little as 1 each (VR-21, VR-26)";
    }

    private static string Word(ThpEnabled enabled) => enabled switch
    {
        ThpEnabled.Always => "always",
        ThpEnabled.Madvise => "madvise",
        ThpEnabled.Never => "never",
        _ => "inherit",
    };
}
