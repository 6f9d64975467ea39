using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;

namespace MmActors.Model.Tests.AddressSpaces;

/// <summary>MADV_FREE (UT-20…22, T8…T11, SM-17…23).</summary>
public class MadviseFreeTests
{
    private readonly Space _small = new Space().Map(2);
    private readonly Space _huge = new Space().Map(2, VmaFlags.HugePage);

    [Fact] // T8, SM-17
    public void A_small_page_loses_y_and_d_and_keeps_w_and_content()
    {
        _small.Fill(9).Free(Bits512.Range(0, 100));
        PteTable table = _small.Table();
        Assert.Equal(Bits512.Range(100, 512), table.Young);
        Assert.Equal(Bits512.Range(100, 512), table.Dirty);
        Assert.True(table.Writable.IsFull);
        Assert.Equal(9, _small.Content(5));
        Assert.Equal(93, _small.Vmstat[VmCounter.PgLazyfree]); // 100 mod 31 = 7 wait
        Assert.Equal(93, _small.Mm.Smaps().LazyfreePages);
        Assert.Equal(100, _small.Drain().Mm.Smaps().LazyfreePages);
        _small.Audit();
    }

    [Fact] // ST-44
    public void Of_32768_pages_one_is_pending()
    {
        Space space = new Space().Map(64);
        for (int range = 0; range < 64; range++)
        {
            space.Fill(range: range);
        }

        space.Drain();
        for (int range = 0; range < 64; range++)
        {
            int current = range;
            space.Execute(work => MadviseFree.Apply(space.Mm, Space.Range(current), Bits512.All, work));
        }

        Assert.Equal((32_767, 131_068), (space.Vmstat[VmCounter.PgLazyfree], space.Mm.Smaps().LazyfreePages * 4));
    }

    [Fact] // T10, UT-21a
    public void A_whole_THP_is_lazyfree_at_once()
    {
        _huge.Fill(3).Free(Bits512.All);
        HugeMapping huge = _huge.Entry().Huge!;
        Assert.Equal((false, false, true), (huge.Young, huge.Dirty, huge.Writable));
        Assert.Equal((512, 512), (_huge.Vmstat[VmCounter.PgLazyfree], _huge.Mm.Smaps().LazyfreePages));
        Assert.True(_huge.Folios.Has(huge.Head, FolioFlags.DeferredQueued)); // DS-7
        Assert.Equal(0, _huge.Vmstat[VmCounter.ThpSplitPmd]);
        _huge.Write(Bits512.Single(77), 4); // SM-22
        Assert.Equal(0, _huge.Mm.Smaps().LazyfreePages);
        Assert.False(_huge.Folios.Has(huge.Head, FolioFlags.SwapBacked)); // UT-9
        _huge.Audit();
    }

    [Fact] // T11, UT-21a
    public void One_page_of_a_THP_splits_it()
    {
        _huge.Fill(3).Free(Bits512.Single(20)).Drain();
        PteTable table = _huge.Table();
        Assert.Equal((1, 1, 1), (
            _huge.Vmstat[VmCounter.ThpSplitPage], _huge.Vmstat[VmCounter.ThpSplitPmd], _huge.Vmstat[VmCounter.PgLazyfree]));
        Assert.Single(_huge.Node.TakeLeftSplitQueue());
        Assert.Equal(~Bits512.Single(20), table.Young);
        Assert.All(Enumerable.Range(0, 512), index =>
            Assert.Equal(index != 20, _huge.Folios.Has(table.Pfns[index], FolioFlags.SwapBacked)));
        _huge.Audit();
    }

    [Theory] // UT-20: a PTE-mapped THP is a unit when it is covered, else it is split
    [InlineData(512, 512, 0)]
    [InlineData(511, 511, 1)]
    public void A_THP_mapped_by_PTEs_is_freed_as_a_unit_or_split(int pages, int lazyfree, int splits)
    {
        _huge.Fill(3);
        Splitting.SplitPmd(_huge.Mm, ref _huge.Entry());
        _huge.Free(Bits512.Range(0, pages)).Drain();
        Assert.Equal((lazyfree, splits), (_huge.Vmstat[VmCounter.PgLazyfree], _huge.Vmstat[VmCounter.ThpSplitPage]));
        Assert.Equal(lazyfree, _huge.Mm.Smaps().LazyfreePages);
        Assert.Equal(splits == 0, _huge.Folios.IsLarge(_huge.Table().Pfns[0]));
        _huge.Audit();
    }

    [Fact] // DS-22: zero-filled pages of a split THP become zero PTEs, which MADV_FREE skips
    public void Splitting_frees_the_zero_filled_pages()
    {
        _huge.Write(Bits512.Range(0, 10), 5).Free(Bits512.Range(5, 20)).Drain();
        Assert.Equal((10, 5), (_huge.Mm.RssPages, _huge.Vmstat[VmCounter.PgLazyfree]));
        Assert.Equal(Bits512.Range(10, 512), _huge.Table().Zero);
        _huge.Audit();
    }

    [Fact] // UT-21
    public void A_locked_or_shared_THP_stays_as_it_is()
    {
        int head = _huge.Fill(3).Entry().Huge!.Head;
        Assert.True(_huge.Folios.TryLock(head));
        _huge.Free(Bits512.All).Free(Bits512.Single(1));
        _huge.Folios.Unlock(head);
        Space child = _huge.Fork();
        _huge.Free(Bits512.All).Free(Bits512.Range(0, 8));
        Assert.Equal(PmdState.Huge, _huge.Entry().State);
        Assert.Equal((true, 0), (_huge.Entry().Huge!.Dirty, _huge.Vmstat[VmCounter.PgLazyfree]));
        _huge.Audit(child);
    }

    [Fact] // SM-18
    public void A_shared_small_page_becomes_lazyfree_for_everybody()
    {
        _small.Fill(6);
        Space child = _small.Fork();
        child.Free(Bits512.Range(0, 62)).Drain();
        Assert.Equal(62, _small.Vmstat[VmCounter.PgLazyfree]);
        int pfn = _small.Table().Pfns[3];
        Assert.False(_small.Folios.Has(pfn, FolioFlags.SwapBacked));
        Assert.True(_small.Table().Dirty.IsFull); // only the caller's PTEs are clean
        Assert.Equal((62, 0), (child.Mm.Smaps().LazyfreePages, _small.Mm.Smaps().LazyfreePages));
        _small.Audit(child);
    }

    [Fact] // UT-20: PG_dirty
    public void A_dirty_folio_must_be_ours_alone_and_unlocked()
    {
        _small.Fill(6);
        PtePfns pages = _small.Table().Pfns;
        foreach (int index in new[] { 0, 1, 2 })
        {
            _small.Folios.SetFlags(pages[index], FolioFlags.Dirty);
        }

        Assert.True(_small.Folios.TryLock(pages[1]));
        _small.Folios.MapSmall(pages[2]);
        _small.Free(Bits512.Range(0, 4)).Drain();
        Assert.Equal(2, _small.Vmstat[VmCounter.PgLazyfree]);
        Assert.False(_small.Folios.Has(pages[0], FolioFlags.Dirty));
        Assert.True(_small.Folios.Has(pages[2], FolioFlags.Dirty | FolioFlags.SwapBacked));
        Assert.Equal(Bits512.Range(1, 3) | Bits512.Range(4, 512), _small.Table().Dirty);
    }

    [Fact] // T9, UT-20
    public void Swap_entries_go_and_zero_pages_stay()
    {
        _small.Read(Bits512.Range(0, 10));
        _small.Table().NonPresent = Bits512.Range(20, 30);
        _small.Free(Bits512.All);
        Assert.True(_small.Table().NonPresent.IsEmpty);
        Assert.Equal(Bits512.Range(0, 10), _small.Table().Zero);
        Assert.Equal(0, _small.Drain().Vmstat[VmCounter.PgLazyfree]);
    }

    [Fact] // SM-22
    public void A_rewritten_page_stays_lazyfree_but_is_not_counted()
    {
        _small.Fill(6).Free(Bits512.All).Drain().Write(Bits512.Range(0, 100), 7);
        Assert.Equal(412, _small.Mm.Smaps().LazyfreePages);
        Assert.False(_small.Folios.Has(_small.Table().Pfns[0], FolioFlags.SwapBacked));
    }

    [Fact] // SM-23
    public void In_a_droppable_area_only_y_and_d_go()
    {
        Space space = new Space().Map(1, VmaFlags.Droppable).Fill(6).Free(Bits512.All).Drain();
        Assert.Equal(0, space.Vmstat[VmCounter.PgLazyfree]);
        Assert.True(space.Table().Young.IsEmpty && space.Table().Dirty.IsEmpty);
        Assert.Equal(512, space.Mm.Smaps().LazyfreePages);
    }

    [Fact] // KH-27
    public void MADV_FREE_keeps_Y()
    {
        _small.Fill(6);
        int pfn = _small.Table().Pfns[9];
        _small.Folios.SetFlags(pfn, FolioFlags.Young | FolioFlags.Referenced);
        _small.Free(Bits512.All).Drain();
        Assert.Equal(FolioFlags.Young | FolioFlags.Lru, _small.Folios.Flags(pfn));
    }
}
