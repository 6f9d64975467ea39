using MmActors.Model.Memory;

namespace MmActors.Model.Tests.Memory;

/// <summary>The operations that change several parts of a folio word in one step: when they may, and what they leave.</summary>
public class FolioStepTests
{
    private const int Small = 7;
    private const int Large = 512;
    private readonly FolioTable _folios = new(1536, hasSwap: true);

    [Fact] // RC-21
    public void Isolating_takes_the_flag_and_a_reference_or_neither()
    {
        _folios.InitSmall(Small, FolioFlags.Lru, 0);
        Assert.False(_folios.TryIsolate(Small)); // nobody holds it: it is being freed
        Assert.True(_folios.Has(Small, FolioFlags.Lru));
        _folios.MapSmall(Small);
        Assert.True(_folios.TryIsolate(Small));
        Assert.False(_folios.TryIsolate(Small));
        Assert.Equal((1, FolioFlags.None), (_folios.TransientReferences(Small), _folios.Flags(Small)));
    }

    [Fact] // KH-38
    public void The_last_reference_is_put_only_where_nothing_else_holds_the_folio()
    {
        _folios.InitSmall(Small, FolioFlags.Dirty, 0);
        _folios.Get(Small);
        _folios.MapSmall(Small);
        Assert.False(_folios.TryPutLast(Small));
        _folios.UnmapSmall(Small);
        _folios.Get(Small);
        Assert.False(_folios.TryPutLast(Small));
        _folios.Put(Small);
        Assert.True(_folios.TryPutLast(Small));
        Assert.Equal((uint)FolioFlags.Dirty, _folios.Word(Small));
    }

    [Fact] // DS-24
    public void A_frozen_folio_gives_nobody_a_reference_and_is_off_the_lru()
    {
        _folios.InitLarge(Large, FolioFlags.Lru | FolioFlags.Locked | FolioFlags.SwapBacked);
        _folios.MapPmd(Large);
        _folios.Get(Large);
        Assert.False(_folios.TryFreeze(Large, transientReferences: 0, out _));
        Assert.True(_folios.TryFreeze(Large, transientReferences: 1, out FolioFlags before));
        Assert.Equal(FolioFlags.Lru | FolioFlags.Locked | FolioFlags.SwapBacked | FolioFlags.LargeMapped, before);
        Assert.Equal((uint)(FolioFlags.Locked | FolioFlags.SwapBacked), _folios.Word(Large));
        Assert.False(_folios.TryGet(Large));
    }

    [Theory] // DS-24
    [InlineData(FolioFlags.SwapCache)]
    [InlineData(FolioFlags.Writeback)]
    public void A_folio_in_swap_or_on_its_way_there_is_not_frozen(FolioFlags pinned)
    {
        _folios.InitLarge(Large, pinned);
        _folios.MapPmd(Large);
        Assert.False(_folios.TryFreeze(Large, transientReferences: 0, out _));
        Assert.True(_folios.TryGet(Large));
    }

    [Fact] // UT-7
    public void Only_a_page_mapped_once_and_referenced_as_known_leaves_the_swap_cache_dirty()
    {
        _folios.InitSmall(Small, FolioFlags.SwapBacked | FolioFlags.SwapCache, 0);
        Assert.False(_folios.TryLeaveSwapCache(Small, transientReferences: 0));
        _folios.MapSmall(Small);
        Assert.False(_folios.TryLeaveSwapCache(Small, transientReferences: 1));
        _folios.TryLock(Small);
        Assert.False(_folios.TryLeaveSwapCache(Small, transientReferences: 0));
        _folios.Unlock(Small);
        Assert.True(_folios.TryLeaveSwapCache(Small, transientReferences: 0));
        Assert.Equal(FolioFlags.SwapBacked | FolioFlags.Dirty, _folios.Flags(Small));
    }

    [Fact]
    public void Only_a_clean_page_that_nobody_maps_is_dropped_from_the_swap_cache()
    {
        _folios.InitSmall(Small, FolioFlags.SwapCache | FolioFlags.Dirty, 0);
        Assert.False(_folios.TryDropUnmappedCache(Small, transientReferences: 0));
        _folios.ClearFlags(Small, FolioFlags.Dirty);
        _folios.MapSmall(Small);
        Assert.False(_folios.TryDropUnmappedCache(Small, transientReferences: 0));
        Assert.False(_folios.UnmapSmall(Small)); // the swap cache holds it
        Assert.True(_folios.TryDropUnmappedCache(Small, transientReferences: 0));
        Assert.Equal(0u, _folios.Word(Small));
    }

    [Fact] // DS-4
    public void A_folio_is_marked_as_partially_mapped_once_and_only_while_it_is_mapped()
    {
        _folios.InitLarge(Large, FolioFlags.None);
        Assert.False(_folios.TryMarkPartiallyMapped(Large));
        _folios.MapPmd(Large);
        Assert.True(_folios.TryMarkPartiallyMapped(Large));
        Assert.False(_folios.TryMarkPartiallyMapped(Large));
        Assert.True(_folios.Has(Large, FolioFlags.PartiallyMapped | FolioFlags.DeferredQueued));
    }

    [Fact] // SM-12
    public void Two_mms_that_share_a_huge_page_count_its_pages_together()
    {
        _folios.InitLarge(Large, FolioFlags.None);
        _folios.MapPmd(Large);
        _folios.SharePmd(Large);
        _folios.PmdMapToPtes(Large);
        Assert.Equal((1, 512, 1), (_folios.PmdMapCount(Large), _folios.PteMapCount(Large), _folios.PageMapCount(Large + 300)));
        _folios.PmdMapToPtes(Large);
        Assert.Equal((0, 1024, 2), (_folios.PmdMapCount(Large), _folios.PteMapCount(Large), _folios.PageMapCount(Large + 300)));
    }
}
