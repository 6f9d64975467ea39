using MmActors.Model.AddressSpaces;
using MmActors.Model.Khugepaged;
using MmActors.Model.Memory;
using MmActors.Model.Tests.AddressSpaces;

namespace MmActors.Model.Tests.Khugepaged;

/// <summary>Isolation, roll-back and the result of a collapse (KH-36…42).</summary>
public class CollapseTests
{
    private readonly Space _space = new Space().Map(3);

    [Fact] // KH-39, T19
    public void Holes_are_filled_with_zeros_and_count_as_resident()
    {
        _space.Write(Bits512.Range(0, 100), 7).Read(Bits512.Range(100, 150));
        int free = _space.Drain().Node.FreePages;
        Assert.Equal(ScanResult.Succeed, _space.Collapse());
        Assert.Equal((512, 1), (_space.Mm.RssPages, _space.Mm.HugeRanges));
        Assert.Equal(free - 512 + 100, _space.Node.FreePages);
        Assert.Equal((7, 7, 0, 0), (_space.Content(0), _space.Content(99), _space.Content(100), _space.Content(511)));
        _space.Audit();
    }

    [Fact] // KH-41
    public void The_new_folio_inherits_nothing()
    {
        _space.Fill();
        foreach (int pfn in (ReadOnlySpan<int>)_space.Table().Pfns)
        {
            _space.Folios.SetFlags(pfn, FolioFlags.Referenced | FolioFlags.Workingset | FolioFlags.Young | FolioFlags.Dirty);
        }

        Assert.Equal(ScanResult.Succeed, _space.Collapse());
        HugeMapping huge = _space.Entry().Huge!;
        Assert.Equal(FolioFlags.SwapBacked | FolioFlags.Lru | FolioFlags.DeferredQueued | FolioFlags.LargeMapped, _space.Folios.Flags(huge.Head));
        Assert.Equal((true, true, true), (huge.Young, huge.Dirty, huge.Writable));
        Assert.Equal((1, true), (_space.Folios.MapCount(huge.Head), _space.Folios.RefcountSuitable(huge.Head)));
        Assert.Equal(huge.Head, _space.Node.Lru.Head(LruKind.InactiveAnon));
        Assert.Equal(512, _space.Node.Lru.Pages(LruKind.InactiveAnon));
    }

    [Fact] // KH-41, DS-38
    public void In_a_droppable_area_the_new_folio_is_not_swapbacked()
    {
        Space space = new Space().Map(1, VmaFlags.Droppable).Fill();
        Assert.Equal(ScanResult.Succeed, space.Collapse());
        Assert.False(space.Folios.Has(space.Entry().Huge!.Head, FolioFlags.SwapBacked));
        Assert.Equal(512, space.Node.Lru.Pages(LruKind.InactiveFile));
    }

    [Fact] // KH-39, UT-17
    public void Sources_mapped_elsewhere_live_on()
    {
        _space.Fill(4);
        Space child = _space.Fork();
        child.Write(Bits512.Range(0, 300), 5, whole: true);
        int free = _space.Drain().Node.FreePages;
        Assert.Equal(ScanResult.Succeed, child.Collapse());
        Assert.Equal(free - 512 + 300, _space.Node.FreePages);
        Assert.Equal((4, 5, 4), (_space.Content(0), child.Content(0), child.Content(300)));
        Assert.All(Enumerable.Range(0, 512), i => Assert.Equal(1, _space.Folios.MapCount(_space.Table().Pfns[i])));
        Assert.True(_space.Table().Writable.IsEmpty);
        Assert.Equal(ScanResult.PageRo, _space.Scan().Result); // KH-28a
        _space.Audit(child);
    }

    [Fact] // KH-40, ST-9
    public void A_THP_mapped_by_PTEs_is_partially_mapped_once_and_then_freed()
    {
        _space.Fill(4);
        Assert.Equal(ScanResult.Succeed, _space.Collapse());
        int old = _space.Entry().Huge!.Head;
        Splitting.SplitPmd(_space.Mm, ref _space.Entry());
        int free = _space.Node.FreePages;
        Assert.Equal(ScanResult.Succeed, _space.Collapse());
        Assert.Equal(1, _space.Vmstat[VmCounter.ThpDeferredSplitPage]);
        Assert.Equal(free, _space.Node.FreePages);
        Assert.NotEqual(old, _space.Entry().Huge!.Head);
        Assert.Equal([old], _space.Node.TakeLeftSplitQueue());
        Assert.Equal(4, _space.Content(511));
        _space.Audit();
    }

    [Fact] // ST-8
    public void One_PTE_of_a_THP_is_enough_for_a_collapse()
    {
        _space.Fill(4);
        _space.Collapse();
        _space.DontNeed(Bits512.Range(1, 512));
        Assert.Equal((1, 0), (_space.Mm.RssPages, _space.Mm.HugeRanges));
        Assert.Equal((ScanResult.Succeed, 511), (_space.Scan().Result, _space.Scan().NoneOrZero));
        Assert.Equal(ScanResult.Succeed, _space.Collapse());
        Assert.Equal((4, 0), (_space.Content(0), _space.Content(1)));
        Assert.Equal(512, _space.Mm.RssPages);
        Assert.Equal(1, _space.Vmstat[VmCounter.ThpDeferredSplitPage]);
        _space.Audit();
    }

    [Theory] // 2.9: ordered tests, KH-38: everything as before
    [InlineData(FolioFlags.Locked, ScanResult.PageLock)]
    [InlineData(FolioFlags.Buddy, ScanResult.PageCount)] // stands for an extra reference
    [InlineData(FolioFlags.Lru, ScanResult.DelPageLru)]
    public void A_source_that_cannot_be_isolated_rolls_everything_back(FolioFlags trouble, ScanResult expected)
    {
        _space.Fill(4).Drain();
        PteTable before = _space.Table();
        int pfn = before.Pfns[300];
        bool taken = trouble switch
        {
            FolioFlags.Locked => _space.Folios.TryLock(pfn),
            FolioFlags.Lru => _space.Folios.TestClearLru(pfn),
            _ => Hold(pfn),
        };
        Assert.True(taken);
        var collapse = Collapse.Detach(_space.Mm, Space.Range(0));
        Assert.Equal(PmdState.None, _space.Entry().State);
        IsolateOutcome outcome = default;
        _space.Execute(work => outcome = collapse.Isolate(_space.Limits(), work));
        Assert.Equal((expected, 300, pfn), (outcome.Result, outcome.Referenced, outcome.LastPfn));
        Assert.Same(before, _space.Table());
        Assert.Equal((0, 512), (_space.Node.IsolatedPages, _space.Node.Lru.Pages(LruKind.InactiveAnon)));
        Assert.All(Enumerable.Range(0, 512).Where(i => i != 300), i =>
            Assert.Equal(FolioFlags.Lru | FolioFlags.SwapBacked, _space.Folios.Flags(before.Pfns[i])));
    }

    [Fact] // ST-39: MADV_FREE between scan and isolation
    public void Pages_freed_after_the_scan_are_noticed_at_isolation()
    {
        _space.Fill(4).Drain();
        Assert.Equal(ScanResult.Succeed, _space.Scan(lazyfree: Settings.LazyfreeHandling.Skip).Result);
        _space.Free(Bits512.Range(10, 72)).Drain();
        Assert.Equal(ScanResult.PageLazyfree, Isolate(skip: true).Result);
        Assert.Equal(PmdState.Table, _space.Entry().State);
        Assert.Equal(62, _space.Mm.Smaps().LazyfreePages);
        _space.Audit();
        Assert.Equal(ScanResult.Succeed, Isolate(skip: false).Result);
    }

    [Fact] // KH-36: still in the batch
    public void Pages_in_a_lazyfree_batch_are_not_suitable()
    {
        _space.Fill(4).Drain();
        _space.Free(Bits512.Single(10));
        Assert.Equal(ScanResult.PageCount, Isolate(skip: true).Result);
    }

    [Fact] // KH-37
    public void Isolation_tests_references_and_write_bits_again()
    {
        _space.Fill(4).Drain();
        _space.Table().Young = Bits512.None;
        Assert.Equal(ScanResult.LackReferencedPage, Isolate(skip: false).Result);
        _space.Table().Writable = Bits512.None;
        Assert.Equal(ScanResult.PageRo, Isolate(skip: false).Result);
        _space.Table().NonPresent = Bits512.Single(3);
        _space.Table().Present.Clear(3);
        Assert.Equal(ScanResult.PteNonPresent, Isolate(skip: false).Result);
    }

    [Fact] // C7: SCAN_COPY_MC
    public void A_poisoned_source_rolls_the_collapse_back()
    {
        _space.Fill(4).Drain();
        _space.Folios.SetFlags(_space.Table().Pfns[8], FolioFlags.HwPoison);
        var collapse = Collapse.Detach(_space.Mm, Space.Range(0));
        _space.Execute(work => Assert.Equal(ScanResult.Succeed, collapse.Isolate(_space.Limits(), work).Result));
        Assert.Equal(512, _space.Node.IsolatedPages);
        _space.Audit(); // the audit sees the detached table
        Assert.Equal(ScanResult.CopyMc, collapse.CheckCopy());
        _space.Execute(collapse.RollBack);
        Assert.Equal((0, 512, 512), (_space.Node.IsolatedPages, _space.Node.Lru.Pages(LruKind.InactiveAnon), _space.Mm.RssPages));
        _space.Audit();
    }

    [Fact] // DS-3
    public void Without_shrink_underused_a_new_THP_is_not_queued()
    {
        _space.Thp = _space.Thp with { ShrinkUnderused = false };
        _space.Fill(4);
        _space.Collapse();
        Assert.False(_space.Folios.Has(_space.Entry().Huge!.Head, FolioFlags.DeferredQueued));
    }

    private bool Hold(int pfn)
    {
        _space.Folios.Get(pfn);
        return true;
    }

    private IsolateOutcome Isolate(bool skip)
    {
        IsolateOutcome outcome = default;
        var collapse = Collapse.Detach(_space.Mm, Space.Range(0));
        ScanLimits limits = _space.Limits(
            lazyfree: skip ? Settings.LazyfreeHandling.Skip : Settings.LazyfreeHandling.Collapse);
        _space.Execute(work => outcome = collapse.Isolate(limits, work));
        if (outcome.Result == ScanResult.Succeed)
        {
            _space.Execute(collapse.RollBack);
        }

        return outcome;
    }
}
