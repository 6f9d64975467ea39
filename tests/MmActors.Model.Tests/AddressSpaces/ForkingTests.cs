using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;

namespace MmActors.Model.Tests.AddressSpaces;

/// <summary>fork and copy on write (SM-4, T21…T24, UT-8, UT-14…17).</summary>
public class ForkingTests
{
    private readonly Space _small = new Space().Map(2);
    private readonly Space _huge = new Space().Map(2, VmaFlags.HugePage);

    [Fact] // SM-4, T21
    public void Both_sides_lose_w_and_the_child_is_old()
    {
        _small.Fill(5);
        Space child = _small.Fork();
        Assert.True(_small.Table().Writable.IsEmpty && child.Table().Writable.IsEmpty);
        Assert.Equal((true, false), (_small.Table().Young.IsFull, !child.Table().Young.IsEmpty));
        Assert.True(child.Table().Dirty.IsFull);
        Assert.Equal((512, 512), (_small.Mm.RssPages, child.Mm.RssPages));
        Assert.Equal(2, _small.Folios.MapCount(_small.Table().Pfns[0]));
        _small.Audit(child);
    }

    [Fact] // KH-29
    public void A_child_is_watched_as_its_parent_is()
    {
        _small.Mm.ResidualYoungFraction = 0.5;
        Assert.Equal(0.5, _small.Fork().Mm.ResidualYoungFraction);
    }

    [Fact] // T22, UT-11
    public void A_write_to_a_shared_page_copies_it()
    {
        _small.Fill(5);
        Space child = _small.Fork();
        long faults = _small.Vmstat[VmCounter.PgFault];
        child.Write(Bits512.Range(0, 7), 9, whole: true);
        Assert.Equal(7, _small.Vmstat[VmCounter.PgFault] - faults);
        Assert.Equal((5, 9, 5), (_small.Content(3), child.Content(3), child.Content(7)));
        Assert.Equal(1, _small.Folios.MapCount(_small.Table().Pfns[3]));
        _small.Drain();
        Assert.Equal(1024 - 505, _small.Node.Lru.Pages(LruKind.InactiveAnon));
        _small.Audit(child);
    }

    [Fact] // T23, UT-16: w comes back page by page, without a copy
    public void After_the_child_is_gone_a_write_reuses_the_page()
    {
        _small.Fill(5);
        Space child = _small.Fork();
        child.DontNeed(Bits512.All);
        int pfn = _small.Table().Pfns[3];
        int free = _small.Node.FreePages;
        Assert.True(_small.Table().Writable.IsEmpty);
        _small.Write(Bits512.Single(3), 8);
        Assert.Equal((pfn, free), (_small.Table().Pfns[3], _small.Node.FreePages));
        Assert.Equal(Bits512.Single(3), _small.Table().Writable);
        _small.Audit(child);
    }

    [Fact] // T24
    public void A_write_to_a_shared_THP_splits_the_PMD_and_copies_one_page()
    {
        _huge.Fill(5);
        Space child = _huge.Fork();
        child.Write(Bits512.Single(100), 9, whole: true);
        Assert.Equal((PmdState.Huge, PmdState.Table), (_huge.Entry().State, child.Entry().State));
        Assert.Equal((1, 0), (_huge.Vmstat[VmCounter.ThpSplitPmd], _huge.Vmstat[VmCounter.ThpSplitPage]));
        Assert.Equal(512, _huge.Folios.MapCount(_huge.Entry().Huge!.Head)); // PMD + 511 PTEs
        Assert.Equal((5, 9), (_huge.Content(100), child.Content(100)));
        Assert.True(_huge.Folios.MappedShared(child.Table().Pfns[0], exact: false)); // ST-15
        _huge.Audit(child);
    }

    [Fact] // SM-7: 129 page tables × 511 subpages are more mappings than 16 bits hold
    public void The_audit_counts_every_mapping_of_a_folio_with_many_mappers()
    {
        _huge.Fill(5);
        Space[] children = [.. Enumerable.Range(0, 129).Select(_ => _huge.Fork())];
        Array.ForEach(children, static child => child.Write(Bits512.Single(7), 9, whole: true));
        Assert.Equal(1 + (129 * 511), _huge.Folios.MapCount(_huge.Entry().Huge!.Head));
        _huge.Audit(children);
    }

    [Fact] // UT-8: the whole THP is writable again after one fault
    public void A_THP_whose_other_mapping_is_gone_is_reused()
    {
        _huge.Fill(5);
        Space child = _huge.Fork();
        child.DontNeed(Bits512.All);
        Assert.False(_huge.Entry().Huge!.Writable);
        long faults = _huge.Vmstat[VmCounter.PgFault];
        _huge.Write(Bits512.Range(0, 3), 6);
        Assert.Equal((true, 1), (_huge.Entry().Huge!.Writable, _huge.Vmstat[VmCounter.PgFault] - faults));
        Assert.Equal(0, _huge.Vmstat[VmCounter.ThpSplitPmd]);
        _huge.Audit(child);
    }

    [Fact] // UT-8
    public void Subpages_of_a_large_folio_that_was_shared_are_always_copied()
    {
        _huge.Fill(5);
        Space child = _huge.Fork();
        child.Write(Bits512.Single(0), 9);
        _huge.DontNeed(Bits512.All);
        int pfn = child.Table().Pfns[1];
        child.Write(Bits512.Single(1), 9);
        Assert.NotEqual(pfn, child.Table().Pfns[1]);
        _huge.Audit(child);
    }

    [Fact] // DS-5: CoW of subpages leaves the folio partially mapped once nobody maps a page
    public void Copying_a_subpage_makes_the_folio_partially_mapped()
    {
        _huge.Fill(5);
        Space child = _huge.Fork();
        child.Write(Bits512.Single(0), 9);
        Assert.Equal(0, _huge.Vmstat[VmCounter.ThpDeferredSplitPage]); // the parent's PMD maps every page
        _huge.DontNeed(Bits512.All);
        Assert.Equal(1, _huge.Vmstat[VmCounter.ThpDeferredSplitPage]);
        _huge.Audit(child);
    }

    [Fact] // UT-14: wipe on fork
    public void A_droppable_area_is_inherited_empty()
    {
        Space space = new Space().Map(1, VmaFlags.Droppable).Fill(5);
        Space child = space.Fork();
        Assert.Equal((512, 0), (space.Mm.RssPages, child.Mm.RssPages));
        Assert.Equal((5, 0), (space.Content(0), child.Content(0)));
        Assert.Equal(VmaFlags.Droppable | VmaFlags.Write, child.Mm.Vmas.Areas[0].Flags);
        Assert.True(space.Table().Writable.IsFull);
        space.Audit(child);
    }

    [Fact] // state-model.md 1.3: no anon_vma until the first private page, so khugepaged passes the empty area by (KH-20)
    public void A_droppable_area_has_no_anon_vma_in_the_child()
    {
        Space child = new Space().Map(1, VmaFlags.Droppable | VmaFlags.HugePage).Fill(5).Fork();
        Assert.False(Eligibility.IsEligible(child.Mm, child.Mm.Vmas.Areas[0], child.Thp, ignoreSysfs: false));
        Assert.True(_small.Fill(5).Fork().Mm.Vmas.Areas[0].HasAnonVma);
    }

    [Fact]
    public void Zero_pages_are_shared_and_written_to_afresh()
    {
        _small.Read(Bits512.All);
        Space child = _small.Fork();
        child.Write(Bits512.Single(4), 3);
        Assert.Equal((0L, 1L), (_small.Mm.RssPages, child.Mm.RssPages));
        Assert.Equal((0, 3), (_small.Content(4), child.Content(4)));
        _small.Audit(child);
    }
}
