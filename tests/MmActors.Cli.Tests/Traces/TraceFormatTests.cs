using System.Globalization;
using System.Text.RegularExpressions;
using MmActors.Experiments.Scenarios;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Tracing.Ftrace;

namespace MmActors.Cli.Tests.Traces;

/// <summary>What a trace line looks like, per kernel. The golden files were compared with lines of real kernels by hand.</summary>
public partial class TraceFormatTests
{
    [Theory] // TC-1…TC-6, TC-12: one golden file per kernel, every event once
    [InlineData("v6.12", false)]
    [InlineData("v6.18", false)]
    [InlineData("v7.1", false)]
    [InlineData("v6.12", true)]
    public void TC_1_every_event_as_the_kernel_prints_it(string kernel, bool lab) =>
        GoldenFile.Check(lab ? $"{kernel}-lab" : kernel, Text(Switches(kernel), lab));

    [Fact] // TC-1, the example lines of the recorded 6.18 trace: columns, flags, six decimals, 16 hexadecimal digits
    public void TC_1_columns_are_those_of_a_recorded_line()
    {
        const string Recorded =
            "      khugepaged-38      [001] ...1.   574.878745: mm_collapse_huge_page_isolate: scan_pfn=0x142105, none_or_zero=0, referenced=512, status=succeeded";
        string line = Lines(Switches("v6.18"), lab: false).First(line => line.Contains("isolate", StringComparison.Ordinal));
        Assert.Equal(Shape(Recorded), Shape(line));
        Assert.Matches(Pointer(), Lines(Switches("v6.18"), lab: false).First(text => text.Contains("scan_pmd", StringComparison.Ordinal)));
    }

    [Fact] // TC-1a: the recordings' kernel counts no preemption
    public void TC_1a_only_a_kernel_that_counts_preemption_shows_the_lock()
    {
        Assert.Equal(["...1.", "d..1."], Flags(Switches("v7.1"), lab: false));
        Assert.Equal(["d...."], Flags(Switches("v6.12"), lab: true));
    }

    [Theory] // TC-2: number and word of each outcome, in each kernel's own order
    [InlineData("v6.12", "failed 0, succeeded 1, pmd_null 2, pmd_none 3, page_pmd_mapped 4, exceed_none_pte 5, exceed_swap_pte 6, "
        + "exceed_shared_pte 7, pte_non_present 8, pte_uffd_wp 9, no_writable_page 11, lack_referenced_page 12, page_null 13, scan_aborted 14, "
        + "not_suitable_page_count 15, page_not_in_lru 16, page_locked 17, page_not_anon 18, no_process_for_page 20, vma_null 21, "
        + "vma_check_failed 22, not_suitable_address_range 23, could_not_delete_page_from_lru 24, alloc_huge_page_failed 25, "
        + "ccgroup_charge_failed 26, copy_poisoned_page 30, page_lazyfree 32")]
    [InlineData("v6.18", "failed 0, succeeded 1, pmd_null 2, pmd_none 3, page_pmd_mapped 4, exceed_none_pte 5, exceed_swap_pte 6, "
        + "exceed_shared_pte 7, pte_non_present 8, pte_uffd_wp 9, lack_referenced_page 11, page_null 12, scan_aborted 13, "
        + "not_suitable_page_count 14, page_not_in_lru 15, page_locked 16, page_not_anon 17, no_process_for_page 19, vma_null 20, "
        + "vma_check_failed 21, not_suitable_address_range 22, could_not_delete_page_from_lru 23, alloc_huge_page_failed 24, "
        + "ccgroup_charge_failed 25, copy_poisoned_page 29, page_lazyfree 31")]
    [InlineData("v7.1", "failed 0, succeeded 1, no_pte_table 2, page_pmd_mapped 3, exceed_none_pte 4, exceed_swap_pte 5, "
        + "exceed_shared_pte 6, pte_non_present 7, pte_uffd_wp 8, lack_referenced_page 10, page_null 11, scan_aborted 12, "
        + "not_suitable_page_count 13, page_not_in_lru 14, page_locked 15, page_not_anon 16, page_lazyfree 17, no_process_for_page 19, "
        + "vma_null 20, vma_check_failed 21, not_suitable_address_range 22, could_not_delete_page_from_lru 23, "
        + "alloc_huge_page_failed 24, ccgroup_charge_failed 25, copy_poisoned_page 29")]
    public void TC_2_outcomes_are_numbered_by_their_place_in_the_kernels_list(string kernel, string expected)
    {
        var numbers = new ScanResultNumbers(Switches(kernel));
        Assert.Equal(expected, string.Join(", ", Enum.GetValues<ScanResult>()
            .Where(result => numbers[result] >= 0).OrderBy(result => numbers[result]).Select(result => $"{result.Text()} {numbers[result]}")));
    }

    [Fact] // TC-3: all ones where no folio was reached
    public void TC_3_scan_pfn_is_the_head_or_all_ones() => Assert.Equal(
        ["0x1ff", "0x200", "0xffffffffffffffff", "0xffffffffffffffff", "0xffffffffffffffff"],
        Lines(Switches("v6.12"), lab: false).Select(static line => ScanPfn().Match(line)).Where(static match => match.Success)
            .Select(static match => match.Groups[1].Value));

    [Fact] // TC-4, TC-5
    public void TC_4_a_refused_visit_has_no_progress_and_TC_5_the_end_of_the_list_is_flagged() => Assert.Equal(
        ["progress=1025, full_scan_finished=0", "progress=0, full_scan_finished=0", "progress=4, full_scan_finished=1"],
        Lines(Switches("v7.1"), lab: false).Where(static line => line.Contains(" mm_khugepaged_scan: ", StringComparison.Ordinal))
            .Select(static line => line[line.IndexOf("progress", StringComparison.Ordinal)..]));

    [Fact] // TC-6: what was dirtied again counts as anon, in a round of the file list
    public void TC_6_a_round_names_its_list_and_what_was_activated_as_which_type()
    {
        string[] rounds = [.. Lines(Switches("v6.12"), lab: false).Where(static line => line.Contains("shrink_inactive", StringComparison.Ordinal))];
        Assert.Contains("nr_activate_anon=4 nr_activate_file=1 nr_ref_keep=4 nr_unmap_fail=2 priority=12 flags=RECLAIM_WB_FILE|RECLAIM_WB_ASYNC", rounds[0]);
        Assert.EndsWith("priority=10 flags=RECLAIM_WB_ANON|RECLAIM_WB_ASYNC", rounds[1]);
    }

    [Fact] // TC-7: only the trace knows why a range was skipped
    public void TC_7_no_counter_of_vmstat_tells_of_skipped_or_unreferenced_ranges() => Assert.DoesNotContain(
        Enum.GetValues<VmCounter>().Select(VmStat.Name),
        static name => name.Contains("lack_referenced", StringComparison.Ordinal) || (name.Contains("lazyfree", StringComparison.Ordinal) && name is not ("pglazyfree" or "pglazyfreed")));

    [Fact] // TC-11: the figures of smaps under their names, kB; 32M given back lazily, less what waits in a batch (SM-17)
    public void TC_11_a_snapshot_shows_the_fields_of_smaps()
    {
        string report = Invocation.Run("run", "lazyfree-blocks-reclaim", "-v", "none-baseline-noswap").Output;
        string[] lines = report.Split('\n');
        int head = Array.FindIndex(lines, static line => line.StartsWith("snap ", StringComparison.Ordinal));
        Assert.Equal(["snap", "t", "s", "task", "Rss", "AnonHugePages", "LazyFree", "Swap"], Words(lines[head]));
        string[] freed = Words(lines.First(static line => line.StartsWith("freed ", StringComparison.Ordinal) && line.Contains("cold", StringComparison.Ordinal)));
        Assert.Equal(("33,632", "0", "0"), (freed[3], freed[4], freed[6]));
        Assert.InRange(int.Parse(freed[5], NumberStyles.AllowThousands, CultureInfo.InvariantCulture), 32768 - (31 * 4), 32768);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static KernelSwitches Switches(string kernel) => PresetLoader.LoadKernel(kernel, ScenarioCatalog.Shipped).Switches;

    private static string Text(KernelSwitches switches, bool lab)
    {
        var text = new StringWriter();
        var writer = new FtraceWriter(text, FtraceFormat.Of(switches, lab), TimeSpan.FromSeconds(100), cpus: 2);
        foreach (KernelEvent entry in EveryEvent.All())
        {
            if (entry.Kind < KernelEventKind.Mapped)
            {
                writer.Emit(entry);
            }
            else
            {
                writer.EmitStep(entry);
            }
        }

        return writer.Head() + text;
    }

    private static string[] Lines(KernelSwitches switches, bool lab) =>
        [.. Text(switches, lab).Split('\n').Where(static line => line.Length > 0 && line[0] != '#')];

    private static string[] Flags(KernelSwitches switches, bool lab) =>
        [.. Lines(switches, lab).Select(static line => line[31..36]).Where(static flags => flags != ".....").Distinct()];

    /// <summary>The columns before the fields, with every letter, digit and pid width made alike.</summary>
    private static string Shape(string line) => Digits().Replace(line[..line.IndexOf(": ", StringComparison.Ordinal)], "9");

    [GeneratedRegex("[0-9]")]
    private static partial Regex Digits();

    [GeneratedRegex(" mm=[0-9a-f]{16}, scan_pfn=0x")]
    private static partial Regex Pointer();

    [GeneratedRegex("scan_pfn=(0x[0-9a-f]+),")]
    private static partial Regex ScanPfn();
}
