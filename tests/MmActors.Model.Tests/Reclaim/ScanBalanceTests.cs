using MmActors.Model.Reclaim;

namespace MmActors.Model.Tests.Reclaim;

public class ScanBalanceTests
{
    private static readonly LruPages AnonOnly = new(1 << 14, 0, 0, 0);
    private static readonly LruPages Mixed = new(1 << 14, 1 << 13, 1 << 12, 1 << 11);

    [Fact] // RC-16a
    public void Without_swap_only_file_lists_are_scanned()
    {
        BalanceInput input = At(0, Mixed) with { CanSwap = false };
        Assert.Equal(ScanFocus.FileOnly, ScanBalance.FocusOf(input));
        Assert.Equal(new LruPages(0, 0, 1 << 12, 1 << 11), ScanBalance.Amounts(input));
        Assert.False(ScanBalance.IsCacheTrim(input));
    }

    [Fact] // RC-16b
    public void Swappiness_0_spares_anon_in_memcg_reclaim_only()
    {
        BalanceInput memcg = At(12, AnonOnly) with { Swappiness = 0 };
        Assert.Equal(ScanFocus.FileOnly, ScanBalance.FocusOf(memcg));
        Assert.Equal(ScanFocus.Proportional, ScanBalance.FocusOf(memcg with { IsMemcgReclaim = false }));
    }

    [Fact] // RC-16c
    public void Priority_0_scans_every_list_in_full()
    {
        Assert.Equal(ScanFocus.Equal, ScanBalance.FocusOf(At(0, Mixed)));
        Assert.Equal(Mixed, ScanBalance.Amounts(At(0, Mixed)));
    }

    [Fact] // RC-16d
    public void A_node_with_hardly_any_file_page_gives_anon_only()
    {
        BalanceInput input = At(12, Mixed) with { IsMemcgReclaim = false, FileIsTiny = true };
        Assert.Equal(new LruPages(4, 2, 0, 0), ScanBalance.Amounts(input));
        Assert.Equal(ScanFocus.FileOnly, ScanBalance.FocusOf(input with { IsMemcgReclaim = true }));
        Assert.Equal(ScanFocus.FileOnly, ScanBalance.FocusOf(input with { MayDeactivateAnon = true }));
        Assert.Equal(ScanFocus.FileOnly, ScanBalance.FocusOf(input with { NodeInactiveAnon = 4095 }));
    }

    [Fact] // RC-16e
    public void Cache_trim_holds_while_the_shifted_inactive_file_list_is_not_empty()
    {
        Assert.True(ScanBalance.IsCacheTrim(At(12, Mixed)));
        Assert.False(ScanBalance.IsCacheTrim(At(12, Mixed with { InactiveFile = 4095 })));
        Assert.False(ScanBalance.IsCacheTrim(At(12, Mixed) with { MayDeactivateFile = true }));
        Assert.False(ScanBalance.IsCacheTrim(At(12, Mixed) with { CacheTrimOff = true }));
        Assert.False(ScanBalance.IsCacheTrim(At(0, Mixed)));
        Assert.False(ScanBalance.IsCacheTrim(At(12, Mixed) with { Swappiness = 0 }));
    }

    [Fact] // RC-16g: seen after the inactive file list had been emptied
    public void Stale_file_pages_leave_nothing_to_scan()
    {
        BalanceInput input = At(4, AnonOnly) with { Stale = Mixed };
        Assert.Equal(default, ScanBalance.Amounts(input));
    }

    [Fact] // RC-16f
    public void Anon_gets_three_tenths_without_history()
    {
        Assert.Equal((60, 140), ScanBalance.Shares(60, 0, 0));
        Assert.Equal(new LruPages(1228, 0, 0, 0), ScanBalance.Amounts(At(2, AnonOnly)));
    }

    [Fact] // RC-16f
    public void Anon_gets_17_and_a_half_percent_when_only_anon_work_was_done()
    {
        Assert.Equal((89, 419), ScanBalance.Shares(60, 1 << 20, 0));
        Assert.Equal(717, ScanBalance.Amounts(At(2, AnonOnly) with { AnonCost = 1 << 20 }).InactiveAnon);
    }

    [Fact] // RC-16f
    public void The_dearer_type_gets_the_smaller_share()
    {
        Assert.Equal((100, 100), ScanBalance.Shares(100, 0, 0));
        Assert.Equal((149, 299), ScanBalance.Shares(100, 1000, 0));
        Assert.Equal((299, 149), ScanBalance.Shares(100, 0, 1000));
    }

    [Fact] // RC-15: pages in a batch are missing from the list
    public void A_batch_that_is_not_drained_can_cost_a_page()
    {
        Assert.Equal(4, ScanBalance.Amounts(At(12, new LruPages(0, 0, 16_384, 0))).InactiveFile);
        Assert.Equal(3, ScanBalance.Amounts(At(12, new LruPages(0, 0, 16_368, 0))).InactiveFile);
    }

    [Fact] // RC-15
    public void Protection_reduces_what_is_scanned_but_never_below_32()
    {
        Assert.Equal(Mixed, ScanBalance.Unprotected(Mixed, 0, 30_720));
        Assert.Equal(new LruPages(8193, 4097, 2049, 1025), ScanBalance.Unprotected(Mixed, 15_360, 30_720));
        Assert.Equal(new LruPages(32, 32, 32, 32), ScanBalance.Unprotected(Mixed, 30_720, 30_720));
    }

    private static BalanceInput At(int priority, LruPages sizes) => new()
    {
        Sizes = sizes,
        Stale = sizes,
        Priority = priority,
        CanSwap = true,
        IsMemcgReclaim = true,
        Swappiness = 60,
        FileIsTiny = false,
        MayDeactivateAnon = false,
        MayDeactivateFile = false,
        AnonCost = 0,
        FileCost = 0,
    };
}
