using System.Collections.Immutable;
using MmActors.Experiments.Rendering;
using MmActors.Experiments.Results;
using static MmActors.Experiments.Rendering.Figures;

namespace MmActors.Experiments.Html;

/// <summary>The answer where memory was asked for, or where khugepaged went round its list: a sentence of figures that stand next to each
/// other in the tables.</summary>
internal static class PressureAnswer
{
    private const double Noticeable = 1.2;

    /// <summary>What pressure got back; null when nobody asked for memory or the variants do not differ.</summary>
    public static string? OfReclaim(ReportInput input)
    {
        ImmutableArray<VariantResult> pressed = [.. input.Result.Variants.Where(static variant => variant.Reclaim.PressureSeconds is not null)];
        return Blocked(pressed)
            ?? (pressed.Any(static variant => variant.Reclaim.LazyfreedPages > 0) ? Swapped(input, pressed) : null)
            ?? Split(pressed)
            ?? Swapped(input, pressed);
    }

    /// <summary>How long a full scan took; null when no two variants differ noticeably.</summary>
    public static string? OfScans(ReportInput input)
    {
        var scans = input.Result.Variants.Where(static variant => !variant.Khugepaged.Scans.IsEmpty)
            .Select(static variant => (variant.Name, Seconds: ScansSection.Median(variant.Khugepaged.Scans.Select(static scan => scan.EndSeconds - scan.StartSeconds))))
            .OrderByDescending(static scan => scan.Seconds).ToArray();
        return scans is [var slowest, .., var fastest] && slowest.Seconds > fastest.Seconds * Noticeable
            ? $"A full scan of khugepaged's list took {Fixed(slowest.Seconds, 0)} s in {slowest.Name} and {Fixed(fastest.Seconds, 0)} s in {fastest.Name}."
            : null;
    }

    private static string? Blocked(ImmutableArray<VariantResult> pressed)
    {
        VariantResult[] blocked = [.. pressed.Where(static variant => variant.Reclaim is { LazyCollapsedBefore: > 0, LazyfreedPages: 0 })];
        VariantResult[] free = [.. pressed.Where(static variant => variant.Reclaim is { LazyCollapsedBefore: 0, LazyfreedPages: > 0 })];
        return blocked.Length == 0 || free.Length == 0 ? null
            : "Memory given back with MADV_FREE could not be freed lazily once khugepaged had collapsed it: not one page in "
                + $"{Plural(blocked.Length, "variant")}, against up to {Count(free.Max(static variant => variant.Reclaim.LazyfreedPages))} pages where it had not.";
    }

    private static string? Swapped(ReportInput input, ImmutableArray<VariantResult> pressed)
    {
        VariantResult[] swapping = [.. pressed.Where(input.HasSwap).OrderBy(static variant => variant.Reclaim.SwappedOutPages)];
        return swapping is [var least, .., var most] && most.Reclaim.SwappedOutPages > least.Reclaim.SwappedOutPages * Noticeable
            ? $"{most.Name} swapped out {Plural(most.Reclaim.SwappedOutPages, "page")}, {least.Name} {Count(least.Reclaim.SwappedOutPages)}, under the same load."
            : null;
    }

    private static string? Split(ImmutableArray<VariantResult> pressed)
    {
        VariantResult[] walked = [.. pressed.Where(static variant => variant.Reclaim.ThpsWalked > 0).OrderBy(static variant => variant.Reclaim.ThpsSplit)];
        return walked is [var least, .., var most] && most.Reclaim.ThpsSplit > least.Reclaim.ThpsSplit
            ? $"The deferred split shrinker split {Count(least.Reclaim.ThpsSplit)} of {Plural(least.Reclaim.ThpsWalked, "huge page")} in {least.Name} and "
                + $"{Count(most.Reclaim.ThpsSplit)} of {Count(most.Reclaim.ThpsWalked)} in {most.Name}, which gave {Count(most.Reclaim.SplitFreedKb)} kB back."
            : null;
    }
}
