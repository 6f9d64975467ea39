using MmActors.Experiments.Rendering;
using MmActors.Model;
using MmActors.Model.Events;

namespace MmActors.Experiments.Explaining;

/// <summary>Why it came so and what would change it. Whatever is said about another knob or switch follows from the numbers
/// of the scan that is named, and says when it does not cover everything.</summary>
internal static class Conclusions
{
    /// <summary>The closing sentences.</summary>
    public static IEnumerable<string> Of(RangeHistory history)
    {
        if (history.Mapped is not { } mapped)
        {
            yield break;
        }

        if (history.Scans.Any(static scan => scan.Status is ScanResult.Succeed or ScanResult.PmdMapped))
        {
            yield return Counts(history);
        }

        if (!history.IsWhole)
        {
            yield return "khugepaged considers only whole aligned 2 MiB ranges of a VMA; this one never is, whatever the knobs "
                + "(KH-14.3, KH-22).";
            yield break;
        }

        foreach (var sentence in Budgets.Of(history, mapped))
        {
            yield return sentence;
        }

        var spans = HugeSpan.Of(history);
        if (spans.Length > 1)
        {
            yield return "It was huge " + Figures.And([.. spans.Select(static span => span.End is { } end
                ? $"from {Time(span.Start)} s until {span.Why} at {Time(end)} s" : $"from {Time(span.Start)} s on")]) + ".";
        }

        if (spans is [.., { End: { } lost, Cause.First.Kind: not KernelEventKind.Unmapped }] && !history.Scans.Any(scan => scan.Time > lost))
        {
            yield return $"khugepaged did not look at it again after {Time(lost)} s.";
        }

        var refused = Narrator.Failures(history).Where(scan => !spans.Any(span => span.Start >= scan.Time));
        foreach (var status in refused.GroupBy(static scan => scan.Status))
        {
            yield return Remedies.Of(status.Last(), history);
        }
    }

    private static string Time(TimeSpan time) => Figures.Fixed(time.TotalSeconds, 3);

    private static string Counts(RangeHistory history)
    {
        var scans = history.Scans.ToArray();
        var by = scans.GroupBy(static scan => scan.Status)
            .Select(static group => $"{Figures.Count(group.Count())} {group.Key.Text()}").ToArray();
        return $"{Figures.Plural(scans.Length, "scan")}: {Figures.And(by)}.";
    }
}
