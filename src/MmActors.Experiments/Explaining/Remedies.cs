using MmActors.Experiments.Rendering;
using MmActors.Model;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Explaining;

/// <summary>What a range that was refused would have needed.</summary>
internal static class Remedies
{
    /// <summary>For one scan: the last of its status.</summary>
    public static string Of(ScanEpisode scan, RangeHistory history)
    {
        var at = $"What would change it, as the scan at {Figures.Fixed(scan.Time.TotalSeconds, 3)} s met it: ";
        var image = scan.Image;
        return at + scan.Status switch
        {
            ScanResult.PageLazyfree => Lazyfree(scan, history),
            ScanResult.LackReferencedPage when scan.Scan.Referenced > 0 =>
                "at least 256 pages accessed, or none swapped out (KH-56).",
            ScanResult.LackReferencedPage =>
                "one load or store of any of its present pages before a scan is enough (KH-29a).",
            ScanResult.ExceedNonePte => Empty(scan),
            ScanResult.ExceedSwapPte =>
                "fewer swapped pages: an access brings one back and makes it referenced (T18)"
                + Knob("max_ptes_swap", image.Swapped, scan.Settings.MaxPtesSwap, scan),
            ScanResult.ExceedSharedPte =>
                "fewer pages that somebody else maps: a store here makes a copy of one's own (UT-8), the other's exit does too"
                + Knob("max_ptes_shared", image.Shared, scan.Settings.MaxPtesShared, scan),
            ScanResult.PmdNone or ScanResult.PmdNull or ScanResult.NoPteTable =>
                "a first access: there was nothing to collapse (KH-23).",
            ScanResult.PageRo => "one store to any of its pages, if its VMA is writable (KH-28a); or a kernel without that test, v6.18 or "
                + "later (VR-5)" + Then(scan, ScanResult.PageRo),
            ScanResult.AllocHugePageFail => "a free order-9 block: more free memory, or khugepaged/defrag if it is off (KH-34).",
            ScanResult.CgroupChargeFail => "room for 512 pages more in its memory cgroup: a higher memory.max, or pages there "
                + "that reclaim can take (KH-35a).",
            ScanResult.VmaCheck => "a VMA that is eligible when the collapse takes the lock again (KH-20, KH-33).",
            ScanResult.PageLru or ScanResult.PageLock or ScanResult.PageCount or ScanResult.DelPageLru
                or ScanResult.PteNonPresent => "nothing but time: the state of that page passes, and the next scan judges anew (KH-36c).",
            _ => "the cause named above must be gone at the next scan (KH-33).",
        };
    }

    private static string Lazyfree(ScanEpisode scan, RangeHistory history)
    {
        var stores = scan.Image.Lazyfree == 1
            ? "a store to that page" : $"stores to all {Figures.Count(scan.Image.Lazyfree)} clean lazyfree pages";
        return $"{stores}, which makes their PTEs dirty (VR-22), or reclaim discarding them, which leaves none PTEs (KH-29b). With "
            + $"the switch lazyfree: {SwitchWords.Of(LazyfreeHandling.Collapse)} instead of {SwitchWords.Of(history.Switches.Lazyfree)} "
            + $"the loop would go on{Then(scan, ScanResult.PageLazyfree)}";
    }

    private static string Empty(ScanEpisode scan)
    {
        var limit = scan.Settings.MaxPtesNone;
        return $"a store to at least {Figures.Count(scan.NoneOrZero - limit)} of the none or zero PTEs"
            + Knob("max_ptes_none", scan.NoneOrZero, limit, scan);
    }

    /// <summary>The value that would have let the scan pass this test, and how far it would have come then.</summary>
    private static string Knob(string name, int needed, int limit, ScanEpisode scan) => needed < Geometry.PtesPerTable
        ? $"; or khugepaged/{name} of at least {needed} instead of {limit}{Then(scan, scan.Status)}"
        : $"; no {name} allows {Geometry.PtesPerTable}.";

    /// <summary>What the counts of the whole range say about the scan's further way, were it not for this test. The states of
    /// single pages (LRU, lock, references) are not known beforehand.</summary>
    private static string Then(ScanEpisode scan, ScanResult without)
    {
        var image = scan.Image;
        var settings = scan.Settings;
        if (without != ScanResult.ExceedNonePte && scan.NoneOrZero > settings.MaxPtesNone)
        {
            return $"; then {scan.NoneOrZero} none or zero PTEs would exceed max_ptes_none {settings.MaxPtesNone}.";
        }

        if (without != ScanResult.ExceedSwapPte && image.Swapped > settings.MaxPtesSwap)
        {
            return $"; then {image.Swapped} swapped pages would exceed max_ptes_swap {settings.MaxPtesSwap}.";
        }

        if (without != ScanResult.ExceedSharedPte && image.Shared > settings.MaxPtesShared)
        {
            return $"; then {image.Shared} shared pages would exceed max_ptes_shared {settings.MaxPtesShared}.";
        }

        return image.Referenced == 0
            ? "; then it would end in lack_referenced_page, for no page of it was referenced (KH-29)."
            : image.Swapped > 0 && image.Referenced < Geometry.PtesPerTable / 2
            ? $"; then it would end in lack_referenced_page: with swapped pages, {image.Referenced} referenced are too few (KH-56)."
            : $"; {Figures.Plural(image.Referenced, "page")} counted as referenced, so the counts alone would not have stopped it.";
    }
}
