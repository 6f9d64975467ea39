using MmActors.Experiments.Results;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Rendering;

/// <summary>The qualifications under which collapse, reclaim and the shrinker take memory from each other (DS-30…37b). Each
/// is said only when the figures show it.</summary>
internal static class ReclaimSentences
{
    private const int NothingIsUnderused = 511;

    /// <summary>Lazyfree memory: what a collapse costs and when it does not happen.</summary>
    public static IEnumerable<string> OfReclaim(ReportInput input, IReadOnlyList<VariantResult> variants)
    {
        if (!input.LazyfreeTasks.Any())
        {
            return Ranking(input, variants);
        }

        VariantResult[] kept = [.. variants.Where(static variant =>
            variant.Reclaim is { LazyCollapsedBefore: 0, LazyfreedPages: > 0 })];
        return [.. Lost(input, [.. variants.Where(IsLost)]), .. Kept(kept), .. Undone(kept), .. Ranking(input, variants)];
    }

    /// <summary>memory.reclaim that could not be met, and limits (RC-40).</summary>
    public static IEnumerable<string> OfWrites(IReadOnlyList<VariantResult> variants)
    {
        foreach (var failed in variants
            .SelectMany(static variant => variant.CgroupWrites, static (variant, write) => (variant.Name, Write: write))
            .Where(static entry => entry.Write.Errno is not null)
            .GroupBy(static entry => (entry.Write.Group, entry.Write.File, entry.Write.Errno)))
        {
            IEnumerable<string> amounts = failed.GroupBy(static entry => entry.Write.Kb).OrderBy(static alike => alike.Key)
                .Select(static alike => $"{Figures.Count(alike.Key ?? 0)} in "
                    + $"{Figures.Plural(alike.Select(static entry => entry.Name).Distinct().Count(), "variant")} "
                    + $"({Range([.. alike.Select(static entry => entry.Write.ReclaimedKb)])} reclaimed)");
            yield return $"{failed.Key.File} of '{failed.Key.Group}' returned {failed.Key.Errno} where it got less than the kB "
                + $"asked for: {string.Join(", ", amounts)} (RC-40).";
        }
    }

    /// <summary>The deferred split shrinker.</summary>
    public static IEnumerable<string> OfShrinker(IReadOnlyList<VariantResult> variants)
    {
        VariantResult[] off = [.. variants.Where(static variant =>
            variant.Reclaim is { MaxPtesNone: NothingIsUnderused, ThpsWalked: > 0, ThpsSplit: 0 })];
        if (off.Length > 0)
        {
            yield return $"{Names(off)}: the shrinker looked at {Each(off, static v => v.Reclaim.ThpsWalked)} huge pages and "
                + $"split none: with max_ptes_none at {NothingIsUnderused} none counts as underused, however empty (DS-30, "
                + "DS-16), and what was looked at is not looked at again (DS-14).";
        }

        VariantResult[] used = [.. variants.Where(static variant =>
            variant.Reclaim is { MaxPtesNone: < NothingIsUnderused, ThpsWalked: > 0, ThpsSplit: 0 })];
        if (used.Length > 0)
        {
            yield return $"{Names(used)}: the shrinker looked at {Each(used, static v => v.Reclaim.ThpsWalked)} huge pages and "
                + "split none: none had enough zero-filled subpages, and MADV_FREE does not change content (DS-31); what was "
                + "looked at is not looked at again (DS-14).";
        }

        foreach (var alike in variants.Where(static variant => variant.Reclaim.UnderusedSplit > 0).GroupBy(static variant =>
            (variant.Reclaim.MaxPtesNone, variant.Reclaim.UnderusedSplit, variant.Reclaim.ThpsWalked, variant.Reclaim.SplitFreedKb)))
        {
            yield return $"{Names(alike)}: {alike.Key.UnderusedSplit} of {alike.Key.ThpsWalked} huge pages had more than "
                + $"{alike.Key.MaxPtesNone} zero-filled subpages and were split, which gave "
                + $"{Figures.Count(alike.Key.SplitFreedKb)} kB back: content decides, not MADV_FREE and not who made the huge "
                + "page (DS-16, DS-31); what was zeroed is not lost by a collapse.";
        }

        VariantResult[] partial = [.. variants.Where(static variant => variant.Reclaim.ThpsSplit > variant.Reclaim.UnderusedSplit)];
        if (partial.Length > 0)
        {
            yield return $"{Names(partial)}: {Each(partial, static v => v.Reclaim.ThpsSplit - v.Reclaim.UnderusedSplit)} partially "
                + "mapped huge pages were split whatever they held (DS-35).";
        }

        foreach (string sentence in SwappedFirst(variants))
        {
            yield return sentence;
        }
    }

    private static IEnumerable<string> Lost(ReportInput input, VariantResult[] lost)
    {
        ILookup<bool, VariantResult> bySwap = lost.ToLookup(variant => input.HasSwap(variant));
        VariantResult[] swapless = [.. bySwap[false]];
        VariantResult[] swapped = [.. bySwap[true].Where(static variant => variant.Reclaim.SwappedOutPages > 0)];
        if (swapless.Length > 0)
        {
            int killed = swapless.Count(static variant => variant.OomKills > 0);
            yield return $"{Names(swapless)}: {Each(swapless, static v => v.Reclaim.LazyCollapsedBefore)} ranges of tasks that had called "
                + "MADV_FREE were collapsed before memory was asked for, and then not one page was freed lazily: a collapsed page is ordinary anonymous "
                + "memory (DS-32, SM-24). Without swap nothing of it comes back"
                + (killed == 0 ? "."
                    : killed == swapless.Length ? "; an OOM kill followed."
                    : $"; in {killed} of these an OOM kill followed.");
        }

        if (swapped.Length > 0)
        {
            yield return $"{Names(swapped)}: after {Each(swapped, static v => v.Reclaim.LazyCollapsedBefore)} collapses not one page was "
                + $"freed lazily; {Each(swapped, static v => v.Reclaim.SwappedOutPages)} pages went to swap instead, "
                + $"{Each(swapped, static v => v.Reclaim.ThpsSwapped)} huge pages whole (RC-36a).";
        }
    }

    private static IEnumerable<string> Kept(VariantResult[] kept)
    {
        if (kept.Length > 0)
        {
            yield return $"{Names(kept)}: nothing given back with MADV_FREE was collapsed before memory was asked for, and "
                + $"{Each(kept, static v => v.Reclaim.LazyfreedPages)} pages were dropped without being written anywhere (RC-31).";
        }

        VariantResult[] untouched = [.. kept.Where(static variant => variant.Switches.Lazyfree == LazyfreeHandling.Collapse)];
        if (untouched.Length > 0)
        {
            yield return $"{Names(untouched)}: no skip was needed for that: khugepaged does not collapse a range without a "
                + "young page, and lazyfree memory that nobody touches has none (KH-29, DS-37).";
        }
    }

    /// <summary>KH-29b: the skip protects a range only while its lazyfree pages are there.</summary>
    private static IEnumerable<string> Undone(VariantResult[] kept)
    {
        ILookup<bool, VariantResult> skipping = kept
            .Where(static variant => variant.Switches.Lazyfree != LazyfreeHandling.Collapse)
            .ToLookup(static variant => variant.Reclaim.HollowCollapsedAfter > 0);
        foreach (var undone in skipping[true].GroupBy(static variant => variant.Reclaim.MaxPtesNone))
        {
            yield return $"{Names(undone)}: the skip was undone: with max_ptes_none at {undone.Key}, "
                + $"{Each(undone, static v => v.Reclaim.HollowCollapsedAfter)} ranges that reclaim had hollowed were collapsed to full "
                + "size again; one young page in a range is enough for that (KH-29b).";
        }

        foreach (var stable in skipping[false].GroupBy(static variant => variant.Reclaim.MaxPtesNone)
            .Where(stable => skipping[true].Any(undone => undone.Reclaim.MaxPtesNone > stable.Key)))
        {
            yield return $"{Names(stable)}: with max_ptes_none at {stable.Key} they stay free (DS-37b).";
        }
    }

    private static IEnumerable<string> SwappedFirst(IReadOnlyList<VariantResult> variants)
    {
        VariantResult[] swapped = [.. variants.Where(static variant => variant.Reclaim is { ThpsWalked: 0, ThpsSwapped: > 0 })];
        if (swapped.Length > 0)
        {
            yield return $"{Names(swapped)}: with swap {Each(swapped, static v => v.Reclaim.ThpsSwapped)} huge pages were swapped out "
                + "whole, and the shrinker looked at none (RC-36a, DS-10a).";
        }

        // The same max_ptes_none without swap shows that some of these would have been split.
        VariantResult[] underused = [.. swapped.Where(variant => variants.Any(other =>
            other.Reclaim.MaxPtesNone == variant.Reclaim.MaxPtesNone && other.Reclaim.UnderusedSplit > 0))];
        if (underused.Length > 0)
        {
            yield return $"{Names(underused)}: that includes what is split as underused at the same max_ptes_none without swap.";
        }
    }

    /// <summary>Who swaps most, in a scenario that is not made of cases but of policies under one load.</summary>
    private static IEnumerable<string> Ranking(ReportInput input, IReadOnlyList<VariantResult> variants)
    {
        bool sameLoad = input.Scenario.Variants.Select(static variant => (variant.Tasks, variant.Swap)).Distinct().Count() == 1;
        if (variants.Count > 1 && sameLoad && variants.Any(static variant => variant.Reclaim.SwappedOutPages > 0))
        {
            IEnumerable<string> order = variants
                .GroupBy(static variant => (variant.Reclaim.SwappedOutPages, variant.Reclaim.MajorFaults))
                .OrderBy(static alike => alike.Key)
                .Select(static alike => $"{Names(alike)} {Figures.Count(alike.Key.SwappedOutPages)} pages and "
                    + $"{Figures.Plural(alike.Key.MajorFaults, "major fault")}");
            yield return $"Swapped out under the same load, from least to most: {string.Join("; ", order)}.";
        }
    }

    /// <summary>Ranges of tasks that free lazily were collapsed, and reclaim found nothing lazyfree left.</summary>
    private static bool IsLost(VariantResult variant) =>
        variant.Reclaim.LazyCollapsedBefore > 0 && variant.Reclaim.LazyfreedPages == 0;

    private static string Names(IEnumerable<VariantResult> variants) =>
        Figures.And([.. variants.Select(static variant => variant.Name)]);

    private static string Each(IEnumerable<VariantResult> variants, Func<VariantResult, long> figure) =>
        Range([.. variants.Select(figure)]);

    /// <summary>"16", or "12 to 15".</summary>
    private static string Range(long[] figures)
    {
        long least = figures.Min();
        long most = figures.Max();
        return least == most ? Figures.Count(least) : $"{Figures.Count(least)} to {Figures.Count(most)}";
    }
}
