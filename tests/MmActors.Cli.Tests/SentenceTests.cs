using MmActors.Experiments.Rendering;
using MmActors.Experiments.Results;

namespace MmActors.Cli.Tests;

/// <summary>A sentence is printed only if the figures of the run carry it: each test changes the figures and sees the
/// sentence change.</summary>
public class SentenceTests
{
    [Fact] // VR-21, VR-25
    public void Equal_timelines_are_called_equal()
    {
        var text = Samples.Flat(Reports.Comparison(Samples.Input()));
        Assert.Contains("skip (lazyfree skip alone) has the same timeline as baseline for every task", text);
        Assert.Contains("only both halves together do this (VR-21, VR-25)", text);
    }

    [Fact] // VR-21, VR-25
    public void A_half_that_changes_something_is_not_said_to_change_nothing()
    {
        var text = Samples.Flat(Reports.Comparison(Samples.Input(
            Samples.Variant("baseline"), Samples.Variant("skip", hot2: t => t >= 120 ? 3 : 0),
            Samples.Variant("refine"), Samples.Variant("both"))));
        Assert.Contains(
            "skip (lazyfree skip alone) differs from baseline for hot2 from 120 s on (3 against 0 huge)", text);
        Assert.DoesNotContain("only both halves together", text);
    }

    [Fact] // VR-21
    public void Both_halves_without_effect_are_said_to_have_none()
    {
        var text = Samples.Flat(Reports.Comparison(Samples.Input(
            Samples.Variant("baseline"), Samples.Variant("both", hot2: _ => 0))));
        Assert.Contains("even both halves together change nothing in this scenario", text);
        Assert.Contains("hot2 gains nothing in this run", text);
        Assert.DoesNotContain("The benefit for hot2", text);
    }

    [Fact] // CM-41
    public void A_loss_is_not_called_a_benefit()
    {
        var text = Samples.Flat(Reports.Comparison(Samples.Input(
            Samples.Variant("baseline", hot2: t => t / 10), Samples.Variant("both", hot2: _ => 0))));
        Assert.Contains("both gives hot2 fewer huge ranges first (from 10 s on; 0 against 15 at 150 s)", text);
        Assert.DoesNotContain("The benefit for hot2", text);
    }

    [Fact] // VR-25
    public void A_variant_that_differs_in_other_switches_is_no_evidence_about_the_halves()
    {
        var other = Samples.Variant("both") with
        {
            Switches = Samples.Switches("both") with { RequireWritable = false },
        };
        var text = Samples.Flat(Reports.Comparison(Samples.Input(Samples.Variant("baseline"), other)));
        Assert.Contains("both (other switches or knobs as well) differs from baseline", text);
        Assert.DoesNotContain("VR-21, VR-25", text);
    }

    [Fact] // KH-29
    public void Idle_lazyfree_ranges_are_not_collapsed_without_the_skip_either()
    {
        var text = Samples.Flat(Reports.Comparison(Samples.Input()));
        Assert.Contains("baseline and refine: no range of cold was collapsed although nothing is skipped", text);
        Assert.Contains("(KH-29)", text);
    }

    [Fact] // KH-29a
    public void Collapsed_lazyfree_ranges_are_reported_as_collapsed()
    {
        var text = Samples.Flat(Reports.Comparison(Samples.Input(
            WithCold(Samples.Variant("baseline"), "succeeded", 512 * 7, 7))));
        Assert.Contains("baseline: 7 ranges of cold collapsed without the skip", text);
        Assert.DoesNotContain("no range of cold was collapsed", text);
    }

    [Theory] // KH-15, VR-21, VR-26
    [InlineData("both", 64, 64, "64 times a range of cold was skipped as page_lazyfree for 64 pages, 1 each")]
    [InlineData("both", 64 * 512, 64, "512.0 on average: the charge is the index of the first")]
    [InlineData("skip", 64 * 512, 64, "each time still costs 512 under the old charging")]
    [InlineData("both", 0, 0, "no range of cold was skipped as page_lazyfree in this run")]
    public void The_price_of_a_skip_is_the_price_charged(string variant, long pages, long ranges, string sentence)
    {
        var text = Samples.Flat(Reports.Comparison(Samples.Input(
            WithCold(Samples.Variant(variant), "page_lazyfree", pages, ranges))));
        Assert.Contains(sentence, text);
    }

    [Fact] // CM-3: with --tlb exact nothing was fitted to the published misses
    public void The_exact_TLB_claims_no_fitted_reach()
    {
        var text = Samples.Flat(Reports.Comparison(Samples.Input() with { ExactTlb = true }));
        Assert.DoesNotContain("Fitted: TLB reach", text);
        Assert.Contains("TLB misses are those of an exact LRU TLB", text);
        Assert.DoesNotContain("exact LRU TLB", Samples.Flat(Reports.Comparison(Samples.Input())));
    }

    [Fact] // KH-29b
    public void Undoing_the_skip_is_claimed_only_where_reclaim_discarded_pages()
    {
        var calm = Samples.Flat(Reports.Comparison(Samples.Input(Samples.Variant("both"))));
        Assert.Contains("no lazyfree page was reclaimed in this run", calm);
        var pressed = Samples.Flat(Reports.Comparison(Samples.Input(
            Samples.Variant("both") with { Vmstat = [new("pglazyfreed", 8192)] })));
        Assert.Contains("both: reclaim discarded 8,192 lazyfree pages", pressed);
        Assert.DoesNotContain("no lazyfree page was reclaimed", pressed);
    }

    [Fact] // CM-1, CM-2, CM-3
    public void Constants_are_called_fitted_only_if_they_are()
    {
        var fitted = Samples.Flat(Reports.Comparison(Samples.Input()));
        Assert.Contains("Fitted: TLB reach E = 4,287 entries", fitted);
        Assert.DoesNotContain("Not fitted", fitted);

        var input = Samples.Input();
        var row = input.Published[0];
        var other = row.Machine.Machine with
        {
            TlbReachEntries = 2048,
            BaseCycles = 19.6,
            MissPenaltyCycles = 5.6,
            ClockGhz = 2.596,
        };
        var foreign = row with { Machine = row.Machine with { Machine = other } };
        var text = Samples.Flat(Reports.Comparison(input with { Published = [foreign] }));
        Assert.Contains(
            "Not fitted: TLB reach E = 2,048 entries; the published misses of 'without' would need 4,287", text);
        Assert.Contains("Not fitted: base 19.60 and penalty 5.60 cycles", text);
        Assert.Contains("Not fitted: F = 8.47 ns", text);
    }

    [Fact] // CM-3
    public void A_bad_reproduction_of_without_is_admitted()
    {
        var input = Samples.Input();
        var row = input.Published[0];
        var swapped = row with { Without = row.With };
        var text = Samples.Flat(Reports.Comparison(input with { Published = [swapped] }));
        Assert.Contains("'Without' is off by up to 100.0%", text);
    }

    [Fact]
    public void A_measurement_that_did_not_finish_leaves_its_column_empty()
    {
        var input = Samples.Input();
        var row = input.Published[0];
        var text = Samples.Flat(Reports.Comparison(input with { Published = [row with { With = null }] }));
        Assert.Contains("hot2 did not finish its measurement in 'with'", text);
        Assert.DoesNotContain("Prediction against publication", text);
    }

    [Fact]
    public void A_partial_result_says_so_first()
    {
        var input = Samples.Input(Samples.Variant("baseline") with { Partial = true, SimulatedSeconds = 42.5 });
        var text = Samples.Flat(Reports.Comparison(input with { NotRun = ["both"] }));
        Assert.Contains("PARTIAL RESULT", text);
        Assert.Contains("baseline stopped at 42.5 s and both did not run", text);
        Assert.DoesNotContain("PARTIAL", Samples.Flat(Reports.Comparison(Samples.Input())));
    }

    [Fact] // VR-25
    public void Runs_that_were_cut_short_are_compared_only_as_far_as_they_went()
    {
        var skip = Samples.Variant("skip");
        var cut = skip with { Timeline = skip.Timeline[..3], Partial = true };
        var text = Samples.Flat(Reports.Comparison(Samples.Input(Samples.Variant("baseline"), cut)));
        Assert.Contains("has the same timeline as baseline up to 30 s, where one of them stopped", text);
        Assert.DoesNotContain("changes nothing here", text);

        var none = skip with { Timeline = [], Partial = true };
        text = Samples.Flat(Reports.Comparison(Samples.Input(Samples.Variant("baseline"), none)));
        Assert.Contains("have no common timeline point", text);
    }

    [Fact] // KH-12
    public void Full_scans_without_progress_are_explained()
    {
        var variant = Samples.Variant("both");
        var idle = variant with
        {
            Khugepaged = variant.Khugepaged with { Scans = [new(1, 1, 0, 1, 1), new(1, 154, 61_520, 16, 131)] },
        };
        var text = Samples.Flat(Reports.SingleRun(Samples.Input(idle)));
        Assert.Contains("1 full scan without progress", text);
        Assert.Contains("(KH-12)", text);
    }

    private static VariantResult WithCold(VariantResult variant, string status, long pages, long ranges) => variant with
    {
        Khugepaged = variant.Khugepaged with
        {
            Budget = [new TaskStatuses("cold", [new StatusAmount(status, pages)])],
            Statuses = [new TaskStatuses("cold", [new StatusAmount(status, ranges)])],
        },
    };
}
