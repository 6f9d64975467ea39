using MmActors.Experiments.Explaining;
using MmActors.Model.Events;

namespace MmActors.Experiments.Tests.Explaining;

/// <summary>What happens to a range between its scans, why khugepaged does not come, and that watching changes
/// nothing.</summary>
public class LifeStoryTests
{
    private const string Map = "map: {region: r, size: 8M}";
    private const string Huge = "madvise: {region: r, advice: hugepage}";
    private const string Write = "write: {region: r, byte: 1}";

    [Fact]
    public void Equal_accesses_in_a_row_are_one_line_with_their_faults()
    {
        var told = Told.Run("t/r/1", "", Map, "loop: {times: 5, do: [{write: {region: r, byte: i, length: 3M}}, {sleep: 10ms}]}");
        var access = Assert.Single(told.History.Episodes.OfType<Happening>(), static happening => happening.First.Kind == KernelEventKind.Touched);
        Assert.Equal((5, 256L, 256L), (access.Times, access.First.Amount, access.Faults));
        Assert.Matches("Written 5 times until 0\\.0\\d\\d s: 256 pages each time, 256 page faults\\.", told.Text);
    }

    [Fact] // T6, KH-23
    public void A_huge_fault_needs_no_collapse()
    {
        var told = Told.Run("t/r/0", Told.Often, Map, Huge, Write, "sleep: 500ms");
        Assert.StartsWith("NOT COLLAPSED: a page fault at 0.0", told.Narrative.Headline);
        Assert.Contains("A page fault mapped the whole range huge at once (T6).", told.Text);
        Assert.Contains("it was huge until its task exited at", told.Narrative.Headline);
    }

    [Fact] // SM-12, T13
    public void A_partial_MADV_DONTNEED_splits_the_huge_mapping()
    {
        var told = Told.Run("t/r/0", "", Map, Huge, Write, "madvise: {region: r, advice: dontneed, length: 4K}", "sleep: 500ms");
        Assert.Contains("MADV_DONTNEED of 1 page: 511 pages left (T12, T13). The huge mapping was split (SM-12).", told.Text);
        Assert.Contains("it was huge until a MADV_DONTNEED split it at", told.Narrative.Headline);
    }

    [Fact] // T10, T8
    public void MADV_FREE_of_a_huge_page_keeps_it_huge()
    {
        var told = Told.Run("t/r/0", "", Map, Huge, Write, "madvise: {region: r, advice: free}");
        Assert.Contains("MADV_FREE of 512 pages: the huge page goes to the lazyfree batch as a whole (T10).", told.Text);
    }

    [Fact] // T14, RC-31: cgroup reclaim drops what was freed
    public void Reclaim_tells_what_it_discarded()
    {
        var told = Told.Run("t/r/0", "duration: 1s\nmemory: 1G\ncgroups: [{name: g}]\ntasks:\n- name: t\n  cgroup: g\n  program:\n"
            + $"  - {Map}\n  - {Write}\n  - madvise: {{region: r, advice: free}}\n  - set: {{knob: cgroup/g/memory.reclaim, value: 8M}}\n  - sleep: 100ms\n");
        Assert.Contains("Reclaim: 512 pages discarded without I/O (T14)", told.Text);
        Assert.Equal(0, told.History.Last!.Present);
    }

    [Fact] // DS-16, DS-21, DS-14
    public void The_shrinker_tells_split_and_kept()
    {
        const string Tail = "set: {knob: vm/drop_caches, value: 2}";
        const string Knobs = "knobs: {khugepaged/max_ptes_none: 409}\n";
        var split = Told.Run("t/r/0", Knobs, Map, Huge, "write: {region: r, byte: 1, stride: 4K, length: 100P}", Tail);
        Assert.Contains("The deferred split shrinker split the huge page: 100 pages live on, 412 zero-filled or unmapped ones are freed", split.Text);
        Assert.Contains("it was huge until the deferred split shrinker split it at", split.Narrative.Headline);
        var kept = Told.Run("t/r/0", Knobs, Map, Huge, "write: {region: r, byte: 1, stride: 4K, length: 103P}", Tail);
        Assert.Contains("found the huge page in use; it is not looked at again (DS-14, DS-16)", kept.Text);
    }

    [Fact] // KH-22
    public void A_window_that_is_not_wholly_inside_can_never_be_huge()
    {
        var told = Told.Run("t/r/1", Told.Often, "map: {region: r, size: 3M}", Write, Huge, "sleep: 500ms");
        Assert.Empty(told.History.Scans);
        Assert.Contains("The range is not wholly inside, so it can never be huge (KH-22).", told.Text);
        Assert.Contains("this one never is, whatever the knobs (KH-14.3, KH-22)", told.Narrative.Conclusions[0]);
    }

    [Fact] // KH-8, KH-20
    public void A_task_that_never_registered_is_told_why()
    {
        var told = Told.Run("t/r/0", Told.Often, Map, Write, "sleep: 500ms");
        Assert.Null(told.History.Registered);
        Assert.Equal("NOT COLLAPSED in this run: khugepaged never looked at it.", told.Narrative.Headline);
        Assert.Contains("never joined khugepaged's list", told.Narrative.Conclusions[0]);
    }

    [Fact] // KH-14.2, KH-20
    public void A_region_without_advice_is_stepped_over()
    {
        var told = Told.Run("t/r/0", Told.Often, Map, Write, "map: {region: other, size: 4M}", "write: {region: other, byte: 1}",
            "madvise: {region: other, advice: hugepage}", "sleep: 500ms");
        Assert.NotNull(told.History.Registered);
        Assert.Contains("no MADV_HUGEPAGE covered it and enabled is madvise", told.Text);
    }

    [Fact] // KH-23: the report says once what repeats itself; the data has every scan
    public void A_huge_range_that_is_only_written_is_told_in_one_line()
    {
        var told = Told.Run("t/r/0", Told.Often, Map, Write, Huge, "loop: {times: 20, do: [{write: {region: r, byte: i}}, {sleep: 45ms}]}");
        int mapped = told.History.Scans.Count(static scan => scan.Status == Model.ScanResult.PmdMapped);
        Assert.True(mapped > 3);
        var report = new StringWriter();
        ExplanationReport.Of(new("s", told.History.Name, 1, "v", "m", [new("x", "h", 1, false, told.History)])).WriteText(report, false);
        string text = report.ToString().Replace("\n         ", " ", StringComparison.Ordinal);
        Assert.Contains($"It stays huge: page_pmd_mapped in {mapped} scans by khugepaged, at ", text);
        Assert.Contains($"charged {mapped * 512:N0} in all (KH-15); written ", text);
        Assert.DoesNotContain("page_pmd_mapped. It is huge already", text);
    }

    [Fact] // KH-2
    public void Without_khugepaged_nothing_is_looked_at()
    {
        var told = Told.Run("t/r/0", "knobs: {enabled: never}\n", Map, Write, Huge, "sleep: 500ms");
        Assert.Equal("khugepaged did not run: enabled is never (KH-2).", told.Narrative.Conclusions[0]);
    }

    [Fact] // UT-14: a store that ends in SIGSEGV has not been made
    public void An_access_that_kills_the_task_is_not_told_as_made()
    {
        var told = Told.Run("t/r/0", "", Map, "mprotect: {region: r, writable: false}", Write, "sleep: 500ms");
        Assert.NotNull(told.History.Exited);
        Assert.DoesNotContain("Written", told.Text);
    }

    [Fact] // UT-14: a child's huge range came from its parent
    public void A_child_inherits_a_huge_range()
    {
        var told = Told.Run("kid/r/0", "", Map, Huge, Write, "fork: {child: kid, do: [{sleep: 10ms}, {write: {region: r, byte: 2, stride: 4K, length: 1P}}]}", "sleep: 500ms");
        Assert.Contains("The task is forked: it shares its parent's pages", told.Text);
        Assert.Contains("Written: 1 page, 1 page fault. The huge mapping was split (SM-12).", told.Text);
    }

    [Fact] // KH-15, VR-21: why the second of two tasks is not reached, in numbers
    public void The_budget_that_went_elsewhere_adds_up()
    {
        const string Program = "  program: [{map: {region: r, size: 64M, populate: true}}, {madvise: {region: r, advice: free}}, "
            + "{madvise: {region: r, advice: hugepage}}, {sleep: 5s}]\n";
        const string Knobs = "duration: 1s\nmemory: 1G\nknobs: {khugepaged/scan_sleep_millisecs: 100, khugepaged/pages_to_scan: 1024}\ntasks:\n";
        var told = Told.Run("b/r/0", Knobs + "- name: a\n" + Program + "- name: b\n  start: 200ms\n" + Program);
        var charge = Assert.Single(told.History.ChargedBefore);
        Assert.Equal(("a", charge.Ranges * 512, charge.Ranges * 512, true), (charge.Task, charge.Charged, charge.Visited, charge.HasFreed));
        Assert.Contains($"a {charge.Charged:N0} ({charge.Ranges} lack_referenced_page)", told.Text);
        Assert.Contains($"The switch charging: visited alone would not: these scans visited all their PTEs and cost the same (KH-15, VR-21); "
            + $"with lazyfree: skip as well a range ends at its first clean lazyfree page, and {charge.Ranges} ranges of a", told.Text);
        var both = Told.Run("b/r/0", Knobs.Replace("tasks:", "variants: [{name: v, switches: {lazyfree: skip, charging: visited}}]\ntasks:", StringComparison.Ordinal)
            + "- name: a\n" + Program + "- name: b\n  start: 200ms\n" + Program);
        Assert.NotEmpty(both.History.Scans);
    }

    [Fact] // KH-4, KH-15
    public void What_is_left_of_the_budget_is_what_the_pass_has_not_charged()
    {
        var told = Told.Run("t/r/1", Told.Often, Map, Write, Huge, "sleep: 500ms");
        var scan = told.History.Scans.First();
        Assert.Equal(65_536 - 2 - 2 * 512 - 7, scan.Left); // KH-17a: 7 VMAs below, one VISIT each for the two collapses
        Assert.Contains($"Charged 512 (KH-15); {scan.Left:N0} of the pass's 65,536 are left.", told.Text);
    }

    [Fact] // architecture.md section 1: the hash is the run's identity
    public void Following_a_range_changes_nothing()
    {
        const string Busy = "duration: 1s\nmemory: 1G\n" + Told.Often + "swap: {size: 64M, device: ram}\ncgroups: [{name: g, memory.max: 6M}]\ntasks:\n"
            + "- name: t\n  cgroup: g\n  program: [{map: {region: r, size: 8M}}, {madvise: {region: r, advice: hugepage}}, "
            + "{loop: {times: 20, do: [{write: {region: r, byte: i}}, {madvise: {region: r, advice: free, length: 3M}}, {sleep: 20ms}]}}]\n";
        var told = Told.Run("t/r/1", Busy);
        Assert.Contains(told.History.Episodes.OfType<Happening>(), static happening => happening.First.Kind == KernelEventKind.Reclaimed);
        Assert.Equal(Told.HashUnwatched(Busy), told.Hash);
    }

    [Fact]
    public void A_knob_that_is_written_is_told_and_counts_for_later_scans()
    {
        var told = Told.Run("t/r/0", Told.Often, Map, "write: {region: r, byte: 1, stride: 4K, length: 100P}",
            "set: {knob: khugepaged/max_ptes_none, value: 7}", Huge, "sleep: 500ms");
        Assert.Contains("khugepaged/max_ptes_none=7 is written (KH-1).", told.Text);
        Assert.Equal(7, told.History.Scans.First().Settings.MaxPtesNone);
    }
}
