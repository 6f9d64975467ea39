using MmActors.Model.Memory;
using MmActors.Model.Reclaim;

namespace MmActors.Model.Tests.Reclaim;

/// <summary>Lengths of lists and what is derived from them: ageing, cost, refault distance.</summary>
public class ListSizeTests
{
    [Fact]
    public void A_list_is_read_and_written_by_its_kind()
    {
        LruPages pages = default;
        pages[LruKind.InactiveAnon] = 1;
        pages[LruKind.ActiveAnon] = 2;
        pages[LruKind.InactiveFile] = 4;
        pages[LruKind.ActiveFile] = 8;
        Assert.Equal(new LruPages(1, 2, 4, 8), pages);
        Assert.Equal((3, 12, 15), (pages.Anon, pages.File, pages.Total));
        Assert.Equal(4, pages[LruKind.InactiveFile]);
    }

    [Fact] // SM-13
    public void The_unevictable_list_is_never_scanned()
    {
        LruPages pages = default;
        Assert.Throws<ArgumentOutOfRangeException>(() => pages[LruKind.Unevictable]);
        Assert.Throws<ArgumentOutOfRangeException>(() => pages[LruKind.Unevictable] = 1);
    }

    [Theory] // RC-18; the table in the kernel's comment on inactive_is_low
    [InlineData(1, 3)]
    [InlineData(10, 10)]
    [InlineData(100, 31)]
    [InlineData(1024, 101)]
    [InlineData(10_240, 320)]
    public void Inactive_ratio_grows_with_the_root_of_memory(long gigabytes, int ratio)
    {
        long pages = gigabytes << 18;
        Assert.Equal(ratio, Ageing.InactiveRatio(pages - 5, 5));
    }

    [Fact] // RC-18
    public void Below_a_gigabyte_half_of_the_pages_may_be_active()
    {
        Assert.Equal(1, Ageing.InactiveRatio((1 << 18) - 2, 1));
        Assert.False(Ageing.InactiveIsLow(4117, 2));
        Assert.False(Ageing.InactiveIsLow(100, 100));
        Assert.True(Ageing.InactiveIsLow(100, 101));
        Assert.False(Ageing.InactiveIsLow(1 << 16, 3 << 16));
        Assert.True(Ageing.InactiveIsLow((1 << 16) - 1, (3 << 16) + 1));
    }

    [Fact] // RC-39, the halving at priority 5 of 4.12.2
    public void Costs_are_halved_once_above_a_quarter_of_the_lists()
    {
        var cost = new LruCost();
        cost.NoteRound(file: false, 0, 1044, 8212);
        cost.NoteRound(file: false, 0, 512, 8212);
        Assert.Equal(1556, cost.Anon);
        cost.NoteRound(file: false, 0, 512, 8212);
        Assert.Equal(1034, cost.Anon);
    }

    [Fact] // RC-39
    public void A_quarter_exactly_is_not_halved_and_a_huge_cost_is_halved_only_once()
    {
        var cost = new LruCost();
        cost.NoteRound(file: true, 0, 2053, 8212);
        Assert.Equal(2053, cost.File);
        cost.NoteRound(file: false, 534, 1, 8212);
        Assert.Equal((8544, 1026), (cost.Anon, cost.File));
    }

    [Fact] // RC-39
    public void A_refault_costs_32_for_each_page()
    {
        var cost = new LruCost();
        cost.NoteRefault(file: false, 3, 10_000);
        cost.NoteRefault(file: true, 1, 10_000);
        Assert.Equal((96, 32), (cost.Anon, cost.File));
    }

    [Fact] // RC-38
    public void A_refault_is_recent_within_the_file_lists_and_with_swap_active_anon()
    {
        var stale = new LruPages(1000, 50, 20, 5);
        Assert.True(WorkingSet.IsRecent(125, 100, stale, swapHasRoom: false));
        Assert.False(WorkingSet.IsRecent(126, 100, stale, swapHasRoom: false));
        Assert.True(WorkingSet.IsRecent(175, 100, stale, swapHasRoom: true));
        Assert.False(WorkingSet.IsRecent(176, 100, stale, swapHasRoom: true));
    }
}
