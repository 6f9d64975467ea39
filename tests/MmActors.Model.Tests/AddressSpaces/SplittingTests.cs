using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;

namespace MmActors.Model.Tests.AddressSpaces;

/// <summary>PMD splits, folio splits and partial unmapping (SM-12, DS-4, DS-19…22, UT-23a).</summary>
public class SplittingTests
{
    private readonly Space _space = new Space().Map(6, VmaFlags.HugePage);

    [Theory] // SM-12
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public void A_PMD_split_copies_the_bits_of_the_PMD(bool young, bool dirty)
    {
        _space.Fill();
        HugeMapping huge = _space.Entry().Huge!;
        (huge.Young, huge.Dirty) = (young, dirty);
        long rss = _space.Mm.RssPages;
        FolioFlags before = _space.Folios.Flags(huge.Head);
        Splitting.SplitPmd(_space.Mm, ref _space.Entry());
        PteTable table = _space.Table();
        Assert.Equal((young, dirty, true), (table.Young.IsFull, table.Dirty.IsFull, table.Writable.IsFull));
        Assert.Equal((young, dirty), (!table.Young.IsEmpty, !table.Dirty.IsEmpty));
        Assert.Equal(before | (dirty ? FolioFlags.Dirty : 0), _space.Folios.Flags(huge.Head));
        Assert.Equal((512, 0, rss), (_space.Folios.MapCount(huge.Head), _space.Mm.HugeRanges, _space.Mm.RssPages));
        Assert.Equal((1, 0), (_space.Vmstat[VmCounter.ThpSplitPmd], _space.Vmstat[VmCounter.ThpSplitPage]));
        _space.Audit();
    }

    [Theory] // DS-21, DS-22
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(102)]
    [InlineData(512)]
    public void A_split_turns_zero_filled_pages_into_zero_PTEs(int nonzero)
    {
        _space.Write(Bits512.Range(0, Math.Max(nonzero, 1)), nonzero == 0 ? (byte)0 : (byte)7);
        Assert.Equal(SplitOutcome.Done, SplitFolio());
        PteTable table = _space.Table();
        Assert.Equal(Bits512.Range(0, nonzero), table.Present);
        Assert.Equal(Bits512.Range(nonzero, 512), table.Zero);
        Assert.Equal(nonzero, _space.Mm.RssPages);
        Assert.Equal(1, _space.Vmstat[VmCounter.ThpSplitPage]);
        Assert.Equal(nonzero, _space.Node.Lru.Pages(LruKind.InactiveAnon));
        _space.Audit();
    }

    [Fact] // DS-21: reclaim meets the pages in address order
    public void Split_pages_lie_on_the_LRU_in_address_order()
    {
        _space.Fill();
        int head = _space.Entry().Huge!.Head;
        Assert.Equal(SplitOutcome.Done, SplitFolio());
        Assert.Equal((head, head + 511), (_space.Node.Lru.Tail(LruKind.InactiveAnon), _space.Node.Lru.Head(LruKind.InactiveAnon)));
    }

    [Fact] // DS-21: the pages take the place of their folio, they do not become the youngest
    public void Split_pages_take_the_place_of_their_folio()
    {
        _space.Fill().Fill(range: 1);
        int younger = _space.Entry(1).Huge!.Head;
        int head = _space.Entry().Huge!.Head;
        Assert.Equal(SplitOutcome.Done, SplitFolio());
        Assert.Equal((head, younger), (_space.Node.Lru.Tail(LruKind.InactiveAnon), _space.Node.Lru.Head(LruKind.InactiveAnon)));
        Assert.Equal(head + 511, _space.Node.Lru.After(younger));
    }

    [Theory] // DS-20, DS-21: flags are inherited; d stays, because unmapping has just made the folio dirty with it
    [InlineData(true)]
    [InlineData(false)]
    public void Split_pages_inherit_flags_and_keep_d(bool dirtyPtes)
    {
        _space.Fill();
        int head = _space.Entry().Huge!.Head;
        _space.Folios.SetFlags(head, FolioFlags.Referenced | FolioFlags.Workingset | FolioFlags.Young);
        Splitting.SplitPmd(_space.Mm, ref _space.Entry());
        _space.Folios.ClearFlags(head, FolioFlags.Dirty);
        _space.Table().Dirty = dirtyPtes ? Bits512.Range(0, 100) : Bits512.None;
        Assert.Equal(SplitOutcome.Done, SplitFolio(head));
        Assert.Equal(Bits512.Range(0, dirtyPtes ? 100 : 0), _space.Table().Dirty);
        Assert.True(_space.Table().Young.IsFull);
        FolioFlags expected = FolioFlags.SwapBacked | FolioFlags.Lru | FolioFlags.Referenced | FolioFlags.Workingset | FolioFlags.Young
            | (dirtyPtes ? FolioFlags.Dirty : FolioFlags.None);
        Assert.All(Enumerable.Range(head, 512), pfn => Assert.Equal(expected, _space.Folios.Flags(pfn)));
    }

    [Fact] // DS-19, DS-24
    public void A_referenced_locked_or_shared_folio_is_not_split()
    {
        _space.Fill();
        int head = _space.Entry().Huge!.Head;
        _space.Folios.Get(head);
        Assert.Equal(SplitOutcome.Busy, SplitFolio());
        _space.Folios.Put(head);
        Assert.True(_space.Folios.TryLock(head));
        Assert.Equal(SplitOutcome.Locked, SplitFolio());
        _space.Folios.Unlock(head);
        Space child = _space.Fork();
        Assert.Equal(SplitOutcome.Busy, SplitFolio());
        Assert.Equal((2, 0), (_space.Vmstat[VmCounter.ThpSplitPageFailed], _space.Vmstat[VmCounter.ThpSplitPage]));
        Assert.Equal((PmdState.Huge, PmdState.Huge), (_space.Entry().State, child.Entry().State));
        Assert.False(_space.Folios.Has(head, FolioFlags.Locked));
        _space.Audit(child);
    }

    [Fact] // DS-4, DS-4a, UT-23a: six THPs; 1, 256, 511 and 512 pages zapped
    public void Partial_DONTNEED_lowers_RSS_at_once_and_memory_only_for_a_whole_THP()
    {
        for (int range = 0; range < 6; range++)
        {
            _space.Fill(range: range);
        }

        int free = _space.Node.FreePages;
        _space.DontNeed(Bits512.Single(0), 0).DontNeed(Bits512.Range(0, 256), 1).DontNeed(Bits512.Range(1, 512), 2)
            .DontNeed(Bits512.All, 3);
        Assert.Equal((12_288, 7168), (6 * 2048, _space.Mm.RssPages * 4));
        Assert.Equal(free + 512, _space.Node.FreePages);
        Assert.Equal(3, _space.Vmstat[VmCounter.ThpDeferredSplitPage]);
        Assert.Equal((2, 3), (_space.Mm.HugeRanges, _space.Vmstat[VmCounter.ThpSplitPmd]));
        Assert.Equal((PmdState.Table, PmdState.None), (_space.Entry(2).State, _space.Entry(3).State));
        _space.DontNeed(Bits512.All, 2);
        Assert.Equal(free + 1024, _space.Node.FreePages);
        Assert.Equal(3, _space.Vmstat[VmCounter.ThpDeferredSplitPage]);
        _space.Audit();
    }

    [Fact] // DS-21: unmapped subpages are freed by the split
    public void A_split_frees_the_unmapped_pages()
    {
        _space.Fill().DontNeed(Bits512.Range(100, 512));
        int free = _space.Node.FreePages;
        Assert.Equal(SplitOutcome.Done, SplitFolio(_space.Folios.Head(_space.Table().Pfns[0])));
        Assert.Equal(free + 412, _space.Node.FreePages);
        Assert.Equal(100, _space.Mm.RssPages);
        Assert.Single(_space.Node.TakeLeftSplitQueue());
        _space.Audit();
    }

    [Fact] // DS-6: a THP leaves the split queue when it is freed or split
    public void Freed_and_split_folios_leave_the_queue()
    {
        _space.Fill();
        int head = _space.Entry().Huge!.Head;
        Assert.True(_space.Folios.Has(head, FolioFlags.DeferredQueued)); // DS-3
        _space.DontNeed(Bits512.All);
        Assert.Equal([head], _space.Node.TakeLeftSplitQueue());
        Assert.Empty(_space.Node.TakeLeftSplitQueue());
    }

    [Fact] // DS-20, DS-21: unmapping moves the dirty bits to the folio, so what was written after MADV_FREE outlives the split
    public void A_split_keeps_what_was_written_since_MADV_FREE()
    {
        _space.Fill(7);
        int head = _space.Entry().Huge!.Head;
        Splitting.SplitPmd(_space.Mm, ref _space.Entry());
        _space.Free(Bits512.All).Drain();
        Assert.Equal(FolioFlags.None, _space.Folios.Flags(head) & (FolioFlags.Dirty | FolioFlags.SwapBacked));
        _space.Write(Bits512.Range(3, 4), 9);
        byte written = _space.Content(3);
        Assert.Equal(SplitOutcome.Done, SplitFolio(head));
        Assert.Equal((true, true), (_space.Table().Dirty.Has(3), _space.Folios.Has(head + 3, FolioFlags.Dirty)));
        Assert.False(_space.Table().Dirty.Has(4));
        _space.Execute(work => Assert.Equal(UnmapOutcome.Stopped, ReverseMap.Unmap(_space.Mm, head + 3, work)));
        Assert.Equal(written, _space.Content(3));
    }

    private SplitOutcome SplitFolio(int head = -1)
    {
        SplitOutcome outcome = SplitOutcome.Busy;
        head = head < 0 ? _space.Entry().Huge!.Head : head;
        _space.Execute(work => outcome = Splitting.SplitFolio(_space.Mm, ref _space.Entry(), head, work));
        return outcome;
    }
}
