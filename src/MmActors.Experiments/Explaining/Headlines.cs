using MmActors.Experiments.Rendering;
using MmActors.Model;

namespace MmActors.Experiments.Explaining;

/// <summary>The answer in one sentence.</summary>
internal static class Headlines
{
    /// <summary>What became of the range.</summary>
    public static string Of(RangeHistory history)
    {
        ScanEpisode[] collapses = [.. history.Scans.Where(static scan => scan.Status == ScanResult.Succeed)];
        if (history.Mapped is null)
        {
            return "The region was not mapped in this run.";
        }

        if (collapses.Length > 0)
        {
            var first = collapses[0];
            var by = first.Scan.Flag ? $"khugepaged in its pass {Figures.Count(first.Pass)}" : "MADV_COLLAPSE";
            var again = collapses.Length == 1 ? "" : $", and {Figures.Plural(collapses.Length - 1, "time")} again";
            return $"COLLAPSED at {Time(first.Time)} s by {by}{again}; {End(history)}.";
        }

        if (Narrator.FirstHugeFault(history) is { } fault)
        {
            return $"NOT COLLAPSED: a page fault at {Time(fault.Time)} s had made it huge; {End(history)}.";
        }

        ScanEpisode[] failures = [.. Narrator.Failures(history)];
        if (failures.Length == 0)
        {
            return history is { IsWhole: true, Visits: 0, Registered: not null }
                ? $"NOT COLLAPSED in this run: khugepaged never looked at it, nor finished a VISIT to its mm, in "
                    + $"{Figures.Count(history.Passes)} passes."
                : "NOT COLLAPSED in this run: khugepaged never looked at it.";
        }

        string[] statuses = [.. failures.GroupBy(static scan => scan.Status)
            .Select(static group => $"{Figures.Count(group.Count())} ended in {group.Key.Text()}")];
        return failures.Length == 1
            ? $"NOT COLLAPSED in this run: its only scan ended in {failures[0].Status.Text()}."
            : $"NOT COLLAPSED in this run: of {Figures.Count(failures.Length)} scans {Figures.And(statuses)}.";
    }

    private static string Time(TimeSpan time) => Figures.Fixed(time.TotalSeconds, 3);

    private static string End(RangeHistory history)
    {
        var spans = HugeSpan.Of(history);
        return spans is [.., { End: { } end } last]
            ? $"it was {(spans.Length > 1 ? "last " : "")}huge until {last.Why} at {Time(end)} s" : "it was huge at the end";
    }
}
