using System.Collections.Immutable;
using MmActors.Experiments.Rendering;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;

namespace MmActors.Experiments.Explaining;

/// <summary>The lines as a person reads them: what only repeats itself is said once. The data formats have each scan.</summary>
internal static class FoldedLines
{
    private const int MostTimes = 12;

    /// <summary>Folds scans that met the same, and the quiet life of a huge range.</summary>
    public static IEnumerable<NarrativeLine> Of(Narrative narrative)
    {
        var lines = narrative.Lines;
        for (var i = 0; i < lines.Length;)
        {
            var quiet = Row(lines, i, IsQuiet);
            while (quiet > 0 && lines[i + quiet - 1].Episode is not ScanEpisode)
            {
                quiet--; // an access at the end begins what comes next
            }

            if (lines[i].Episode is ScanEpisode && Scans(lines, i, quiet).Length > 1)
            {
                yield return lines[i] with { Text = Quiet(lines[i..(i + quiet)]) };
                i += quiet;
                continue;
            }

            var alike = lines[i].Episode is ScanEpisode first
                ? Row(lines, i, next => next is ScanEpisode scan && AreAlike(first, scan)) : 1;
            yield return alike == 1 ? lines[i]
                : lines[i] with { Text = $"{lines[i].Text} The same {Again(Scans(lines, i + 1, alike - 1))}." };
            i += alike;
        }
    }

    private static int Row(ImmutableArray<NarrativeLine> lines, int from, Func<Episode, bool> belongs)
    {
        var count = 0;
        while (from + count < lines.Length && belongs(lines[from + count].Episode))
        {
            count++;
        }

        return count;
    }

    /// <summary>An ordinary huge range was found huge, or was accessed without a fault.</summary>
    private static bool IsQuiet(Episode episode) => episode switch
    {
        ScanEpisode scan => scan is { Status: ScanResult.PmdMapped, Scan.Flag: true, Image: { State: PmdState.Huge, Lazyfree: 0 } },
        Happening happening => happening is { First.Kind: KernelEventKind.Touched, Faults: 0, After.State: PmdState.Huge },
        _ => false,
    };

    private static string Quiet(ImmutableArray<NarrativeLine> lines)
    {
        var scans = Scans(lines, 0, lines.Length);
        var accesses = lines.Select(static line => line.Episode).OfType<Happening>().ToArray();
        string[] meanwhile =
        [
            .. Accesses("written", accesses.Where(static access => access.First.Flag)),
            .. Accesses("read", accesses.Where(static access => !access.First.Flag)),
        ];
        return $"It stays huge: page_pmd_mapped in {Figures.Plural(scans.Length, "scan")} by khugepaged, {Times(scans)} (KH-23), charged "
            + $"{Figures.Count(scans.Sum(static scan => scan.Scan.Amount))} in all (KH-15)"
            + (meanwhile.Length == 0 ? "." : $"; {Figures.And(meanwhile)} meanwhile.");
    }

    private static IEnumerable<string> Accesses(string verb, IEnumerable<Happening> accesses)
    {
        var times = accesses.Sum(static access => access.Times);
        return times == 0 ? [] : [$"{verb} {Figures.Plural(times, "time")}"];
    }

    private static ScanEpisode[] Scans(ImmutableArray<NarrativeLine> lines, int from, int count) =>
        [.. lines.Skip(from).Take(count).Select(static line => line.Episode).OfType<ScanEpisode>()];

    private static string Again(ScanEpisode[] scans) => scans.Length <= MostTimes
        ? $"status for the same reason {Times(scans)}" : $"{Figures.Count(scans.Length)} times more, {Times(scans)}";

    private static string Times(ScanEpisode[] scans) => scans.Length <= MostTimes
        ? $"at {Figures.And([.. scans.Select(static scan => Time(scan))])} s"
        : $"from {Time(scans[0])} to {Time(scans[^1])} s";

    private static string Time(ScanEpisode scan) => Figures.Fixed(scan.Time.TotalSeconds, 3);

    /// <summary>Whether two scans met the same and ended the same, whatever else the pass did.</summary>
    private static bool AreAlike(ScanEpisode one, ScanEpisode other) => one.Status == other.Status
        && one.Image == other.Image && one.Page == other.Page && one.FailedAtIsolate == other.FailedAtIsolate
        && one.Scan.Flag == other.Scan.Flag && one.Scan.Amount == other.Scan.Amount && one.Settings == other.Settings;
}
