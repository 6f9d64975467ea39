using System.Collections.Immutable;
using MmActors.Experiments.Results;

namespace MmActors.Experiments.Rendering;

/// <summary>What reclaim and the deferred split shrinker got back. A scenario in which nobody asked for memory has neither
/// section.</summary>
internal static class ReclaimSections
{
    private const int MostSnaps = 10;

    /// <summary>The blocks of both sections, for the scenario the report is about.</summary>
    public static IEnumerable<ReportBlock> Build(ReportInput input) => Build(input, introduction: "");

    /// <summary>The blocks for another scenario, which is named and described.</summary>
    public static IEnumerable<ReportBlock> OfEvidence(ReportInput input) =>
        Build(input, $"{input.Result.Scenario}: {input.Scenario.Description.Trim()} ");

    private static IEnumerable<ReportBlock> Build(ReportInput input, string introduction)
    {
        ImmutableArray<VariantResult> pressed =
            [.. input.Result.Variants.Where(static variant => variant.Reclaim.PressureSeconds is not null)];
        if (pressed.IsEmpty)
        {
            return [];
        }

        bool anySplit = pressed.Any(static variant => variant.Reclaim.ThpsSplit > 0);
        bool isAboutReclaim = !anySplit || pressed.Any(static variant => variant.Reclaim.LazyfreedPages > 0);
        return
        [
            .. isAboutReclaim ? Reclaim(input, pressed, introduction) : [],
            .. anySplit ? Shrinker(pressed, isAboutReclaim ? "" : introduction, standsAlone: !isAboutReclaim) : [],
        ];
    }

    private static IEnumerable<ReportBlock> Reclaim(
        ReportInput input, ImmutableArray<VariantResult> variants, string introduction)
    {
        yield return new Heading(2, "What reclaim got back");
        yield return new Paragraph(
            $"{introduction}Pages of 4 KiB; 'before' and 'after' are counted "
            + "from the first reclaim, kswapd or shrinker call.");
        yield return new Table(
            [
                new("variant", IsFigure: false),
                new("before", Group: "ranges collapsed"), new("after", Group: "ranges collapsed"),
                new("freed lazily", Group: "pages"), new("swapped out", Group: "pages"), new("swapped in", Group: "pages"),
                new("major faults"), new("OOM kills"),
            ],
            [.. variants.Select(variant => (ImmutableArray<string>)
            [
                variant.Name, Figures.Count(variant.Reclaim.CollapsedBefore), Figures.Count(variant.Reclaim.CollapsedAfter),
                Figures.Count(variant.Reclaim.LazyfreedPages), Figures.Count(variant.Reclaim.SwappedOutPages),
                Figures.Count(variant.Reclaim.SwappedInPages), Figures.Count(variant.Reclaim.MajorFaults),
                Figures.Count(variant.OomKills),
            ])]);
        foreach (ReportBlock block in Resident(variants))
        {
            yield return block;
        }

        ImmutableArray<string> sentences =
            [.. ReclaimSentences.OfReclaim(input, variants), .. ReclaimSentences.OfWrites(variants)];
        if (!sentences.IsEmpty)
        {
            yield return new Statements(sentences);
        }
    }

    private static IEnumerable<ReportBlock> Shrinker(
        ImmutableArray<VariantResult> variants, string introduction, bool standsAlone)
    {
        yield return new Heading(2, "What the shrinker got back");
        yield return new Paragraph(
            $"{introduction}The deferred split shrinker splits huge pages with "
            + "more than max_ptes_none zero-filled subpages, and partially mapped ones; 'freed kB' is what its splits gave back.");
        yield return new Table(
            [
                new("variant", IsFigure: false), new("max_ptes_none"),
                new("looked at", Group: "THPs"), new("split", Group: "THPs"), new("swapped whole", Group: "THPs"),
                new("freed kB", Group: "THPs"), new("swapped pages"),
            ],
            [.. variants.Select(variant => (ImmutableArray<string>)
            [
                variant.Name, Figures.Count(variant.Reclaim.MaxPtesNone), Figures.Count(variant.Reclaim.ThpsWalked),
                Figures.Count(variant.Reclaim.ThpsSplit), Figures.Count(variant.Reclaim.ThpsSwapped),
                Figures.Count(variant.Reclaim.SplitFreedKb), Figures.Count(variant.Reclaim.SwappedOutPages),
            ])]);
        foreach (ReportBlock block in standsAlone ? Resident(variants) : [])
        {
            yield return block;
        }

        ImmutableArray<string> sentences = [.. ReclaimSentences.OfShrinker(variants), .. standsAlone ? ReclaimSentences.OfWrites(variants) : []];
        if (!sentences.IsEmpty)
        {
            yield return new Statements(sentences);
        }
    }

    /// <summary>Rss of all tasks together at the snapshots, where all variants take the same few.</summary>
    private static IEnumerable<ReportBlock> Resident(ImmutableArray<VariantResult> variants)
    {
        string[] snaps = [.. variants[0].Snaps.Select(static snap => snap.Name).Distinct()];
        if (snaps.Length is 0 or > MostSnaps || variants.Any(variant => variant.Snaps.Length != variants[0].Snaps.Length))
        {
            yield break;
        }

        yield return new Paragraph("Rss of the tasks in kB at each snapshot:");
        yield return new Table(
            [new("variant", IsFigure: false), .. snaps.Select(static snap => new Column(snap))],
            [.. variants.Select(variant => (ImmutableArray<string>)
                [variant.Name, .. variant.Snaps.Select(static snap => Figures.Count(snap.Tasks.Sum(static task => task.RssKb)))])]);
    }
}
