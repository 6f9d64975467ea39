using MmActors.Experiments.Rendering;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Explaining;

/// <summary>What decided one scan, in a sentence that says no more than its recorded numbers.</summary>
internal static class ScanSentences
{
    /// <summary>Who looked, what came of it and why, and what it cost.</summary>
    public static string Of(ScanEpisode scan, KernelSwitches switches) =>
        $"{Who(scan)}: {scan.Status.Text()}. {Why(scan)}{Cost(scan, switches)}";

    /// <summary>"khugepaged, pass 9" or the call.</summary>
    private static string Who(ScanEpisode scan) => scan.Scan.Flag
        ? $"khugepaged, pass {Figures.Count(scan.Pass)}" : "MADV_COLLAPSE";

    private static string Why(ScanEpisode scan) => scan switch
    {
        { Status: ScanResult.Succeed } => Success(scan),
        { FailedAtIsolate: true } => "The loop over the PTEs had passed; at the isolate step " + AtIsolate(scan),
        _ when Passed(scan.Status) => "The loop over the PTEs had passed; then " + AfterLoop(scan.Status),
        _ => InLoop(scan),
    };

    /// <summary>Statuses that only the phases after the loop can give.</summary>
    private static bool Passed(ScanResult status) => status is ScanResult.AllocHugePageFail or ScanResult.CgroupChargeFail
        or ScanResult.AnyProcess or ScanResult.VmaNull or ScanResult.VmaCheck or ScanResult.AddressRange
        or ScanResult.PageAnon or ScanResult.CopyMc or ScanResult.Fail;

    private static string Success(ScanEpisode scan)
    {
        var image = scan.Image;
        var isolated = scan.Isolate!.Value;
        var referenced = scan.Scan.Flag ? $" ({Figures.Count(isolated.Referenced)} referenced)" : "";
        var none = isolated.NoneOrZero == 0 ? ""
            : $", {Figures.Count(isolated.NoneOrZero)} none or zero PTEs (Rss grows by as many pages, KH-39)";
        var swapped = scan.Scan.Unmapped == 0 ? "" : $", {Figures.Count(scan.Scan.Unmapped)} swap entries, read back first (KH-33a)";
        var lazyfree = image.Lazyfree == 0 ? "" : $" {(image.Lazyfree == image.Present ? "All" : Figures.Count(image.Lazyfree))} "
            + "of these pages were clean lazyfree and are ordinary dirty memory from now on (KH-41).";
        return $"It took {Present(image)}{referenced}{none}{swapped}; the range is one huge page now (T19).{lazyfree}";
    }

    private static string InLoop(ScanEpisode scan)
    {
        var image = scan.Image;
        var at = scan.Page is { } page ? $"Page {page.Index} " : "A page ";
        return scan.Status switch
        {
            ScanResult.PageLazyfree =>
                $"{at}is lazyfree and its PTE clean; the first such page ends the range (VR-2, VR-22). It has "
                + $"{Figures.Count(image.Lazyfree)} of them among {Present(image)}.",
            ScanResult.ExceedNonePte =>
                $"{at}makes {Figures.Count(scan.Scan.NoneOrZero)} none or zero, max_ptes_none is "
                + $"{scan.Settings.MaxPtesNone} (KH 2.7 step 2). The whole range has {Figures.Count(scan.NoneOrZero)}.",
            ScanResult.ExceedSwapPte =>
                $"{at}makes {Figures.Count(scan.Scan.Unmapped)} swapped out, max_ptes_swap is {scan.Settings.MaxPtesSwap} "
                + $"(KH 2.7 step 1). The whole range has {Figures.Count(image.Swapped)}.",
            ScanResult.ExceedSharedPte =>
                $"{at}is one shared page more than max_ptes_shared, {scan.Settings.MaxPtesShared} (KH 2.7 step 7). The whole "
                + $"range has {Figures.Count(image.Shared)}.",
            ScanResult.LackReferencedPage => Unreferenced(scan),
            ScanResult.PmdMapped => image.Lazyfree > 0
                ? "It is huge already (KH-23), a lazyfree huge page (T10)." : "It is huge already (KH-23).",
            ScanResult.PmdNone or ScanResult.PmdNull or ScanResult.NoPteTable => "Nothing is mapped: there is no page table (KH-23).",
            ScanResult.PageRo => $"None of its {Present(image)} is writable (KH-28a, VR-5).",
            ScanResult.PteUffdWp => $"{at}is write-protected by userfaultfd (KH 2.7 step 3).",
            _ => at + Transient(scan),
        };
    }

    private static string AtIsolate(ScanEpisode scan)
    {
        var at = scan.Page is { } page ? $"page {page.Index} " : "a page ";
        return scan.Status switch
        {
            ScanResult.PageLazyfree => at + "had become lazyfree, its PTE clean (KH-36).",
            ScanResult.ExceedNonePte => at + $"made {Figures.Count(scan.Isolate!.Value.NoneOrZero)} none or zero, max_ptes_none is "
                + $"{scan.Settings.MaxPtesNone} (KH-36).",
            ScanResult.ExceedSharedPte => at + $"was one shared page more than max_ptes_shared, {scan.Settings.MaxPtesShared} (KH-36).",
            ScanResult.PteNonPresent => at + "was not present any more (KH-36).",
            ScanResult.LackReferencedPage => "no page was referenced any more (KH-37).",
            ScanResult.PageRo => "no page was writable any more (KH-37).",
            ScanResult.PteUffdWp => at + "was write-protected by userfaultfd.",
            _ => at + Transient(scan),
        };
    }

    /// <summary>States of a page that pass by themselves (KH-36c).</summary>
    private static string Transient(ScanEpisode scan) => scan.Status switch
    {
        ScanResult.PageLru => "is on no LRU list at the moment: in a CPU's batch, or isolated (KH 2.7 step 9).",
        ScanResult.PageLock => "has its folio locked: somebody works on it at the moment (KH 2.7 step 10).",
        ScanResult.PageCount => "has a reference besides its mappings: a CPU's batch, reclaim or the shrinker holds it "
            + "(KH 2.7 step 11, SM-9).",
        ScanResult.DelPageLru => "had just been taken from its LRU list (KH-36).",
        _ => $"ended it (TC-2: {scan.Status.Text()}).",
    };

    private static string AfterLoop(ScanResult status) => status switch
    {
        ScanResult.AllocHugePageFail => "no order-9 page could be allocated (KH-4a, KH-34).",
        ScanResult.CgroupChargeFail => "its memory cgroup had no room for 512 pages more (KH-35a).",
        ScanResult.AnyProcess => "its mm was exiting or had THP disabled when the lock was taken again (KH-33).",
        ScanResult.VmaNull => "no VMA lay there any more when the lock was taken again (KH-33).",
        ScanResult.AddressRange => "the range did not fit its VMA any more when the lock was taken again (KH-33).",
        ScanResult.VmaCheck => "its VMA was not eligible any more when the lock was taken again (KH-33).",
        ScanResult.PageAnon => "its VMA had no anonymous memory when the lock was taken again (KH-33).",
        ScanResult.CopyMc => "a source page was poisoned (2.8, C7).",
        _ => "the page table had changed, or a page could not be read back (2.8, C3 and C4).",
    };

    private static string Unreferenced(ScanEpisode scan)
    {
        var image = scan.Image;
        if (scan.Scan.Referenced > 0)
        {
            return $"{Pages(scan.Scan.Unmapped)} swapped out, and {Figures.Count(scan.Scan.Referenced)} referenced are fewer than "
                + "256 (KH-56).";
        }

        var lazyfree = image.Lazyfree == 0 ? "(KH 2.7, after the loop)"
            : image.Lazyfree == image.Present ? "and all are clean lazyfree (KH-29)"
            : $"and {Figures.Count(image.Lazyfree)} are clean lazyfree (KH-29)";
        return $"Referenced 0: of {Present(image)} none counts as accessed, {lazyfree}.";
    }

    /// <summary>KH-15 and KH-4: the price, and what the pass had left.</summary>
    private static string Cost(ScanEpisode scan, KernelSwitches switches)
    {
        if (scan.Left is not { } left)
        {
            return "";
        }

        var image = scan.Image;

        var visited = scan.Scan.Extra == Geometry.PtesPerTable || switches.Charging == ScanCharging.Visited ? ""
            : image.State != PmdState.Table ? " though there was nothing to visit"
            : $" though it visited {Figures.Plural(scan.Scan.Extra, "PTE")}";
        var rest = left > 0
            ? $"{Figures.Count(left)} of the pass's {Figures.Count(scan.Budget)} are left"
            : $"the pass's {Figures.Count(scan.Budget)} are spent";
        return $" Charged {Figures.Count(scan.Scan.Amount)}{visited} (KH-15); {rest}.";
    }

    private static string Present(RangeImage image) => Figures.Plural(image.Present, "present page");

    private static string Pages(long count) => Figures.Plural(count, "page");
}
