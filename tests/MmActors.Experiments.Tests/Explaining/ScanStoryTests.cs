using MmActors.Model;

namespace MmActors.Experiments.Tests.Explaining;

/// <summary>For each way a scan can end: the page that decided, what is said about it, and what is said would change
/// it.</summary>
public class ScanStoryTests
{
    private const string Map = "map: {region: r, size: 8M}";
    private const string Huge = "madvise: {region: r, advice: hugepage}";
    private const string Write = "write: {region: r, byte: 1}";
    private const string Skip = "variants: [{name: v, switches: {lazyfree: skip, charging: visited}}]\n";

    [Fact] // KH 2.7 step 5a, VR-22
    public void A_clean_lazyfree_page_is_named()
    {
        var told = Told.Run("t/r/1", Told.Often + Skip, Map, Write, "madvise: {region: r, advice: free, offset: 2148K, length: 8K}", Huge, "sleep: 1s");
        var scan = told.History.Scans.First();
        Assert.Equal((ScanResult.PageLazyfree, 25, 26), (scan.Status, scan.Page!.Index, (int)scan.Scan.Amount));
        Assert.Contains("Page 25 is lazyfree and its PTE clean; the first such page ends the range (VR-2, VR-22). "
            + "It has 2 of them among 512 present pages. Charged 26 (KH-15)", told.Text);
        Assert.Contains("stores to all 2 clean lazyfree pages", told.Narrative.Conclusions[^1]);
        Assert.Contains("510 pages counted as referenced", told.Narrative.Conclusions[^1]);
    }

    [Fact] // KH-29
    public void An_idle_lazyfree_range_lacks_a_referenced_page()
    {
        var told = Told.Run("t/r/0", Told.Often, Map, Write, "madvise: {region: r, advice: free}", Huge, "sleep: 1s");
        Assert.All(told.History.Scans, static scan => Assert.Equal(ScanResult.LackReferencedPage, scan.Status));
        Assert.StartsWith("NOT COLLAPSED in this run: ", told.Narrative.Headline);
        Assert.Contains("Referenced 0: of 512 present pages none counts as accessed, and all are clean lazyfree (KH-29).", told.Text);
        Assert.Contains("one load or store of any of its present pages before a scan is enough (KH-29a)", told.Narrative.Conclusions[^1]);
    }

    [Fact] // KH-29a: what the narrator promises
    public void One_load_collapses_the_idle_lazyfree_range()
    {
        var told = Told.Run(
            "t/r/0", Told.Often, Map, Write, "madvise: {region: r, advice: free}", Huge, "sleep: 500ms", "read: {region: r, stride: 2M}", "sleep: 1s");
        Assert.Contains(told.History.Scans, static scan => scan.Status == ScanResult.Succeed);
        Assert.Contains("It took 512 present pages (1 referenced); the range is one huge page now (T19). "
            + "All of these pages were clean lazyfree and are ordinary dirty memory from now on (KH-41).", told.Text);
        Assert.DoesNotContain("What would change it", told.Text);
    }

    [Theory] // KH 2.7 step 2
    [InlineData(100, ScanResult.ExceedNonePte)]
    [InlineData(411, ScanResult.ExceedNonePte)]
    [InlineData(412, ScanResult.Succeed)]
    public void The_max_ptes_none_that_is_named_is_the_least_that_helps(int limit, ScanResult status)
    {
        var knobs = $"knobs: {{khugepaged/scan_sleep_millisecs: 100, khugepaged/pages_to_scan: 65536, khugepaged/max_ptes_none: {limit}}}\n";
        var told = Told.Run("t/r/2", knobs, Map, "write: {region: r, byte: 1, stride: 4K, offset: 2H, length: 100P}", Huge, "sleep: 1s");
        Assert.Equal(status, told.History.Scans.First().Status);
        if (status == ScanResult.ExceedNonePte)
        {
            Assert.Equal(100 + limit, told.History.Scans.First().Page!.Index);
            Assert.Contains($"Page {100 + limit} makes {limit + 1} none or zero, max_ptes_none is {limit} (KH 2.7 step 2). "
                + "The whole range has 412.", told.Text);
            Assert.Contains($"khugepaged/max_ptes_none of at least 412 instead of {limit}; 100 pages counted as referenced", told.Text);
        }
        else
        {
            Assert.Contains("412 none or zero PTEs (Rss grows by as many pages, KH-39)", told.Text);
        }
    }

    [Fact] // KH-28: 512 zero pages
    public void No_max_ptes_none_allows_512()
    {
        var told = Told.Run("t/r/0", Told.Often, Map, "read: {region: r}", "write: {region: r, byte: 1, offset: 1H}", Huge, "sleep: 1s");
        Assert.Equal((ScanResult.ExceedNonePte, 511), (told.History.Scans.First().Status, told.History.Scans.First().Page!.Index));
        Assert.Contains("a store to at least 1 of the none or zero PTEs; no max_ptes_none allows 512.", told.Narrative.Conclusions[^1]);
    }

    [Fact] // KH 2.7 step 1
    public void Swapped_pages_beyond_max_ptes_swap_are_counted()
    {
        var told = Told.Run("t/r/0", Told.Often + "swap: {size: 64M, device: ram}\n", Map, Write,
            "madvise: {region: r, advice: pageout, length: 300P}", Huge, "sleep: 1s");
        var scan = told.History.Scans.First();
        Assert.Equal((ScanResult.ExceedSwapPte, 64), (scan.Status, scan.Page!.Index));
        Assert.Contains("MADV_PAGEOUT of 300 pages (T26).", told.Text);
        Assert.Contains("300 pages swapped out (T17); 212 pages left.", told.Text);
        Assert.Contains("khugepaged/max_ptes_swap of at least 300 instead of 64; then it would end in lack_referenced_page: with "
            + "swapped pages, 212 referenced are too few (KH-56).", told.Narrative.Conclusions[^1]);
    }

    [Fact] // KH-56: what the narrator promises
    public void With_that_max_ptes_swap_it_ends_as_predicted()
    {
        var told = Told.Run("t/r/0", "knobs: {khugepaged/scan_sleep_millisecs: 100, khugepaged/pages_to_scan: 65536, khugepaged/max_ptes_swap: 300}\n"
            + "swap: {size: 64M, device: ram}\n", Map, Write, "madvise: {region: r, advice: pageout, length: 300P}", Huge, "sleep: 1s");
        Assert.Equal(ScanResult.LackReferencedPage, told.History.Scans.First().Status);
        Assert.Contains("300 pages swapped out, and 212 referenced are fewer than 256 (KH-56).", told.Text);
        Assert.Contains("at least 256 pages accessed, or none swapped out (KH-56)", told.Narrative.Conclusions[^1]);
    }

    [Fact] // KH-23, KH-15
    public void An_empty_range_has_no_page_table()
    {
        var told = Told.Run("t/r/3", Told.Often, Map, "write: {region: r, byte: 1, stride: 4K, length: 1P}", Huge, "sleep: 1s");
        Assert.Equal(ScanResult.PmdNone, told.History.Scans.First().Status);
        Assert.Contains("Nothing is mapped: there is no page table (KH-23). Charged 512 though there was nothing to visit (KH-15)", told.Text);
        Assert.Contains("a first access: there was nothing to collapse (KH-23)", told.Narrative.Conclusions[^1]);
    }

    [Fact] // KH-28a, VR-5
    public void A_read_only_range_names_the_store_it_needs()
    {
        var told = Told.Run("t/r/0", Told.Often, Map, Write, "mprotect: {region: r, writable: false}", Huge, "sleep: 1s");
        Assert.Equal(ScanResult.PageRo, told.History.Scans.First().Status);
        Assert.Contains("mprotect: 512 pages read-only (KH-28a).", told.Text);
        Assert.Contains("None of its 512 present pages is writable (KH-28a, VR-5).", told.Text);
    }

    [Fact] // KH 2.7 step 7, UT-14
    public void Shared_pages_of_a_child_are_counted()
    {
        var told = Told.Run("kid/r/0", Told.Often, Map, Write, Huge, "fork: {child: kid, do: [{sleep: 1s}]}", "sleep: 1s");
        var scan = told.History.Scans.First();
        Assert.Equal((ScanResult.ExceedSharedPte, 256), (scan.Status, scan.Page!.Index));
        Assert.Contains("The task is forked: it shares its parent's pages", told.Text);
        Assert.Contains("no max_ptes_shared allows 512.", told.Narrative.Conclusions[^1]);
    }

    [Fact] // KH-43, KH-46a
    public void MADV_COLLAPSE_is_told_without_a_budget()
    {
        var told = Told.Run("t/r/0", "", Map, Write, "madvise: {region: r, advice: collapse}");
        Assert.Equal(0, Assert.Single(told.History.Scans).Pass);
        Assert.Contains("MADV_COLLAPSE: succeeded. It took 512 present pages; the range is one huge page now (T19).", told.Text);
        Assert.DoesNotContain("Charged", told.Text);
        Assert.StartsWith("COLLAPSED at ", told.Narrative.Headline);
        Assert.Contains("by MADV_COLLAPSE; it was huge until its task exited at ", told.Narrative.Headline);
    }
}
