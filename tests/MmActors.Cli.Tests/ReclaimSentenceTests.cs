using MmActors.Experiments.Rendering;
using MmActors.Experiments.Results;

namespace MmActors.Cli.Tests;

/// <summary>What reclaim and the shrinker got back is said only as far as the figures carry it (DS-30…37b).</summary>
public class ReclaimSentenceTests
{
    private static readonly ReclaimResult Pressed = new() { PressureSeconds = 5, MaxPtesNone = 511 };

    [Fact]
    public void Without_pressure_there_is_neither_section()
    {
        var text = Text(new ReclaimResult());
        Assert.DoesNotContain("What reclaim got back", text);
        Assert.DoesNotContain("What the shrinker got back", text);
    }

    [Fact] // DS-32
    public void A_collapse_is_blamed_only_if_nothing_was_freed_lazily()
    {
        const string Blame = "not one page was freed lazily";
        Assert.Contains(Blame, Text(Pressed with { LazyCollapsedBefore = 16 }));
        Assert.DoesNotContain(Blame, Text(Pressed with { LazyCollapsedBefore = 16, LazyfreedPages = 1 }));
        Assert.DoesNotContain(Blame, Text(Pressed with { CollapsedBefore = 16, HollowCollapsedAfter = 16 }));
    }

    [Fact] // KH-29b, DS-37b
    public void The_skip_is_called_undone_where_ranges_were_collapsed_after_it_had_let_reclaim_work()
    {
        var kept = Pressed with { LazyfreedPages = 8176 };
        Assert.DoesNotContain("the skip was undone", Text(kept, "both"));
        var undone = Text(kept with { HollowCollapsedAfter = 12 }, "both");
        Assert.Contains("with max_ptes_none at 511, 12 ranges that reclaim had hollowed", undone);
        Assert.DoesNotContain("they stay free", undone);
        Assert.DoesNotContain("the skip was undone", Text(kept with { HollowCollapsedAfter = 12 }));
    }

    [Theory] // DS-30, DS-31, DS-35
    [InlineData(511, 0, 0, "none counts as underused, however empty")]
    [InlineData(409, 0, 0, "MADV_FREE does not change content")]
    [InlineData(409, 10, 10, "10 of 20 huge pages had more than 409 zero-filled subpages")]
    [InlineData(511, 3, 0, "3 partially mapped huge pages were split whatever they held")]
    public void The_shrinker_is_said_to_do_what_it_did(int maxPtesNone, int split, int underused, string expected)
    {
        var other = Pressed with { MaxPtesNone = 64, ThpsWalked = 20, ThpsSplit = 16, UnderusedSplit = 16 };
        var reclaim = Pressed with { MaxPtesNone = maxPtesNone, ThpsWalked = 20, ThpsSplit = split, UnderusedSplit = underused };
        var text = Samples.Flat(Reports.Comparison(Samples.Input(
            Samples.Variant("baseline") with { Reclaim = reclaim }, Samples.Variant("skip") with { Reclaim = other })));
        Assert.Contains(expected, text);
    }

    [Fact] // RC-40
    public void A_request_that_was_met_is_not_mentioned()
    {
        CgroupWriteResult write = new(6, "t", "g", "memory.reclaim", 8192, null, 8192);
        Assert.DoesNotContain("EAGAIN", Text(Pressed, writes: write));
        Assert.Contains(
            "memory.reclaim of 'g' returned EAGAIN where it got less than the kB asked for: 8,192 in 1 variant (32 reclaimed)",
            Text(Pressed, writes: write with { Errno = "EAGAIN", ReclaimedKb = 32 }));
    }

    private static string Text(ReclaimResult reclaim, string variant = "baseline", params CgroupWriteResult[] writes) =>
        Samples.Flat(Reports.Comparison(Samples.Input(
            Samples.Variant(variant) with { Reclaim = reclaim, CgroupWrites = [.. writes] })));
}
