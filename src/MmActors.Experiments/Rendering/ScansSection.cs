using System.Collections.Immutable;
using MmActors.Experiments.Results;
using MmActors.Model.Units;

namespace MmActors.Experiments.Rendering;

/// <summary>khugepaged's totals and every full traversal of its list that was completed.</summary>
internal static class ScansSection
{
    private const int MaxShown = 8;

    /// <summary>The section's blocks.</summary>
    public static IEnumerable<ReportBlock> Build(ReportInput input)
    {
        var variants = input.Result.Variants;
        yield return new Heading(2, "khugepaged: totals and completed full scans");
        yield return new Table(
            [
                new("variant", IsFigure: false), new("pages_collapsed"), new("full_scans"), new("passes"),
                new("median duration s"), new("median progress pages"), new("median MiB"),
            ],
            [.. variants.Select(Totals)]);
        if (variants.All(variant => variant.Khugepaged.Scans.IsEmpty))
        {
            yield return new Paragraph("No full scan was completed within the run.");
            yield break;
        }

        yield return new Table(
            [
                new("variant", IsFigure: false), new("scan"), new("from s"), new("to s"), new("duration s"),
                new("progress pages"), new("MiB"), new("passes"), new("visits"),
            ],
            [.. variants.SelectMany(Rows)]);
        var hidden = variants.Where(variant => variant.Khugepaged.Scans.Length > MaxShown)
            .Select(variant => $"{variant.Name}: {Figures.Count(variant.Khugepaged.Scans.Length - MaxShown)} further "
                + "full scans are in the json and csv formats.")
            .ToImmutableArray();
        var idle = variants.Where(variant => variant.Khugepaged.Scans.Any(scan => scan.ProgressPages == 0))
            .Select(variant => $"{variant.Name}: "
                + $"{Figures.Plural(variant.Khugepaged.Scans.Count(scan => scan.ProgressPages == 0), "full scan")} "
                + "without progress: a failed trylock of mmap_lock counts as the end of a task (KH-12).")
            .ToImmutableArray();
        if (!hidden.IsEmpty || !idle.IsEmpty)
        {
            yield return new Statements([.. hidden, .. idle]);
        }
    }

    private static ImmutableArray<string> Totals(VariantResult variant)
    {
        var khugepaged = variant.Khugepaged;
        var scans = khugepaged.Scans;
        return
        [
            variant.Name, Figures.Count(khugepaged.PagesCollapsed), Figures.Count(khugepaged.FullScans),
            Figures.Count(khugepaged.Passes),
            scans.IsEmpty ? Figures.None : Figures.Fixed(Median(scans.Select(scan => scan.EndSeconds - scan.StartSeconds)), 2),
            scans.IsEmpty ? Figures.None : Figures.Fixed(Median(scans.Select(scan => (double)scan.ProgressPages)), 1),
            scans.IsEmpty ? Figures.None : Mebibytes(Median(scans.Select(scan => (double)scan.ProgressPages))),
        ];
    }

    private static IEnumerable<ImmutableArray<string>> Rows(VariantResult variant) => variant.Khugepaged.Scans
        .Take(MaxShown)
        .Select((scan, index) => (ImmutableArray<string>)
        [
            variant.Name, Figures.Count(index + 1),
            Figures.Fixed(scan.StartSeconds, 2), Figures.Fixed(scan.EndSeconds, 2),
            Figures.Fixed(scan.EndSeconds - scan.StartSeconds, 2),
            Figures.Count(scan.ProgressPages), Mebibytes(scan.ProgressPages),
            Figures.Count(scan.Passes), Figures.Count(scan.Visits),
        ]);

    /// <summary>The first scan sees whoever registered by then and is often trivial; it must not pull the figure.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Mebibytes(double pages) => Figures.Fixed(pages * Geometry.PageSize / (1 << 20), 1);
}
