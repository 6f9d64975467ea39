using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.Tests.AddressSpaces;

/// <summary>What changes of areas do to page tables (UT-25, UT-30).</summary>
public class VmaBoundariesTests
{
    private readonly Space _space = new Space().Map(2);

    [Fact] // mprotect reaches every area of a range, also those that differ in other flags or lie behind a hole
    public void Write_protection_reaches_every_area_of_a_range()
    {
        _space.Fill();
        long start = Space.Range(0);
        _space.Mm.Vmas.Change(Page(100), Page(200), flags => flags | VmaFlags.NoHugePage);
        _space.Mm.Vmas.Change(start, Page(300), flags => flags & ~VmaFlags.Write);
        VmaBoundaries.RemoveWriteBits(_space.Mm, start, Page(300));
        Assert.Equal(Bits512.Range(300, 512), _space.Table().Writable);
    }

    [Fact] // UT-25
    public void A_boundary_inside_a_huge_PMD_splits_it()
    {
        Space huge = new Space().Map(2, VmaFlags.HugePage).Fill();
        VmaBoundaries.SplitHugeAt(huge.Mm, Space.Range(0));
        Assert.Equal(PmdState.Huge, huge.Entry().State);
        VmaBoundaries.SplitHugeAt(huge.Mm, Page(5));
        Assert.Equal((PmdState.Table, 1L), (huge.Entry().State, huge.Vmstat[VmCounter.ThpSplitPmd]));
        huge.Audit();
    }

    [Fact] // UT-30, SM-6
    public void Unmapping_frees_the_table_only_when_no_area_needs_it()
    {
        _space.Fill().Fill(range: 1);
        Unmap(0, 512 + 100);
        Assert.Equal((PmdState.None, PmdState.Table), (_space.Entry().State, _space.Entry(1).State));
        Assert.Equal(412, _space.Mm.RssPages);
        Assert.Equal(Page(512 + 100), _space.Mm.Vmas.Areas[0].Start);
        Unmap(512 + 100, 1024);
        Assert.Null(_space.Mm.Directory.StateOf(Space.Range(1)));
        _space.Drain().Audit();
        Assert.Equal(_space.Folios.Pages, _space.Node.FreePages);
    }

    private static long Page(int page) => Space.Base + ((long)page * Geometry.PageSize);

    private void Unmap(int first, int end)
    {
        foreach (long range in _space.Mm.MappedRanges(Page(first), Page(end)))
        {
            _space.Execute(work => Zapping.Zap(_space.Mm, range, Windows.PagesOf(range, Page(first), Page(end)), work));
        }

        VmaBoundaries.Unmap(_space.Mm, Page(first), Page(end));
    }
}
