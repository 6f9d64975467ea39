using MmActors.Model.AddressSpaces;
using MmActors.Model.Khugepaged;
using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Model.Tests.AddressSpaces;

namespace MmActors.Model.Tests.Khugepaged;

/// <summary>Single ranges whose scan is known exactly (KH 2.7; the ST cases; most of them recorded).</summary>
public class ScanExampleTests
{
    private readonly Space _space = new Space().Map(1);

    [Fact] // ST-30, KH-29
    public void Lazyfree_memory_that_nobody_touches_lacks_a_referenced_page()
    {
        _space.Fill().Free(Bits512.All).Drain();
        AssertScan(_space.Scan(), ScanResult.LackReferencedPage, referenced: 0, visited: 512);
        Assert.Equal(2048, _space.Mm.Smaps().LazyfreePages * 4);
    }

    [Fact] // ST-31, KH-29a, KH-41, SM-24
    public void One_read_page_lets_lazyfree_memory_be_collapsed()
    {
        _space.Fill(9).Free(Bits512.All).Drain().Read(Bits512.Single(5));
        AssertScan(_space.Scan(), ScanResult.Succeed, referenced: 1, visited: 512);
        Assert.Equal(ScanResult.Succeed, _space.Collapse());
        Assert.Equal((1, 0), (_space.Mm.HugeRanges, _space.Mm.Smaps().LazyfreePages));
        Assert.All(Enumerable.Range(0, 512), page => Assert.Equal(9, _space.Content(page)));
    }

    [Fact] // ST-32
    public void With_the_skip_the_first_clean_lazyfree_page_ends_the_range()
    {
        _space.Fill().Free(Bits512.All).Drain().Read(Bits512.Single(5));
        AssertScan(Skip(), ScanResult.PageLazyfree, referenced: 0, visited: 1);
        Assert.Equal(512, _space.Mm.Smaps().LazyfreePages);
    }

    [Fact] // ST-33, SM-22
    public void With_the_skip_a_rewritten_range_is_collapsed()
    {
        _space.Fill().Free(Bits512.All).Drain().Write(Bits512.All, 2);
        AssertScan(Skip(), ScanResult.Succeed, referenced: 512, visited: 512);
    }

    [Theory] // ST-34, ST-52: head, tail, middle; 1, 64, 256 pages
    [InlineData(300, 1, 301)]
    [InlineData(0, 1, 1)]
    [InlineData(0, 64, 1)]
    [InlineData(0, 256, 1)]
    [InlineData(511, 1, 512)]
    [InlineData(448, 64, 449)]
    [InlineData(256, 1, 257)]
    [InlineData(255, 1, 256)]
    [InlineData(256, 256, 257)]
    [InlineData(224, 64, 225)]
    [InlineData(128, 256, 129)]
    public void Partly_freed_ranges_are_visited_up_to_the_first_freed_page(int first, int count, int visited)
    {
        _space.Fill().Free(Bits512.Range(first, first + count)).Drain();
        AssertScan(Skip(), ScanResult.PageLazyfree, referenced: first, visited);
        AssertScan(_space.Scan(), ScanResult.Succeed, referenced: 512 - count, visited: 512);
    }

    [Fact] // KH-29a: one spared page is enough
    public void One_page_that_was_not_freed_is_enough()
    {
        _space.Fill().Free(~Bits512.Single(17)).Drain();
        AssertScan(_space.Scan(), ScanResult.Succeed, referenced: 1, visited: 512);
    }

    [Fact] // KH-27
    public void Y_counts_as_referenced_after_MADV_FREE()
    {
        _space.Fill();
        _space.Folios.SetFlags(_space.Table().Pfns[400], FolioFlags.Young);
        _space.Free(Bits512.All).Drain();
        AssertScan(_space.Scan(), ScanResult.Succeed, referenced: 1, visited: 512);
    }

    [Fact] // KH-28
    public void Zero_pages_count_as_none()
    {
        _space.Read(Bits512.All);
        AssertScan(_space.Scan(), ScanResult.ExceedNonePte, referenced: 0, visited: 512, noneOrZero: 512);
        Space half = new Space().Map(1).Read(Bits512.Range(0, 256));
        AssertScan(half.Scan(), ScanResult.ExceedNonePte, referenced: 0, visited: 512, noneOrZero: 512);
        half.Write(Bits512.Range(256, 512), 1);
        AssertScan(half.Drain().Scan(), ScanResult.Succeed, referenced: 256, visited: 512, noneOrZero: 256);
    }

    [Theory] // ST-5, ST-5b
    [InlineData(255, ScanResult.ExceedNonePte, 257)]
    [InlineData(256, ScanResult.Succeed, 256)]
    public void Max_ptes_none_is_inclusive(int written, ScanResult result, int none)
    {
        _space.Thp = _space.Thp with { MaxPtesNone = 256 };
        _space.Write(Bits512.Range(0, written), 1).Drain();
        AssertScan(_space.Scan(), result, referenced: written, visited: 512, noneOrZero: none);
    }

    [Fact] // KH-28b, ST-7
    public void The_loop_stops_at_the_PTE_that_breaks_a_limit()
    {
        Swap(0, 65);
        RangeScan scan = _space.Scan();
        AssertScan(scan, ScanResult.ExceedSwapPte, referenced: 0, visited: 65, unmapped: 65);
        Assert.False(scan.Writable);
        Assert.Equal(-1, scan.LastPfn);
    }

    [Fact] // ST-7b, ST-50
    public void Max_ptes_swap_is_inclusive()
    {
        Swap(0, 64);
        AssertScan(_space.Scan(), ScanResult.Succeed, referenced: 448, visited: 512, unmapped: 64);
    }

    [Theory] // KH-56
    [InlineData(256, ScanResult.Succeed)]
    [InlineData(257, ScanResult.LackReferencedPage)]
    public void With_swapped_pages_half_must_be_referenced(int swapped, ScanResult result)
    {
        _space.Thp = _space.Thp with { MaxPtesSwap = 511 };
        Swap(512 - swapped, 512);
        AssertScan(_space.Scan(), result, referenced: 512 - swapped, visited: 512, unmapped: swapped);
    }

    [Theory] // ST-49, KH-28a: a forked parent rewrites u pages of the range
    [InlineData(0, 256, ScanResult.ExceedSharedPte, ScanResult.PageRo)]
    [InlineData(1, 256, ScanResult.ExceedSharedPte, ScanResult.Succeed)]
    [InlineData(255, 256, ScanResult.ExceedSharedPte, ScanResult.Succeed)]
    [InlineData(256, 256, ScanResult.Succeed, ScanResult.Succeed)]
    [InlineData(512, 256, ScanResult.Succeed, ScanResult.Succeed)]
    [InlineData(511, 0, ScanResult.ExceedSharedPte, ScanResult.Succeed)]
    [InlineData(512, 0, ScanResult.Succeed, ScanResult.Succeed)]
    public void After_fork_sharing_hides_the_missing_write_bit(int rewritten, int limit, ScanResult shared, ScanResult alone)
    {
        _space.Thp = _space.Thp with { MaxPtesShared = limit };
        _space.Fill();
        Space child = _space.Fork();
        if (rewritten > 0)
        {
            _space.Write(Bits512.Range(0, rewritten), 2);
        }

        Assert.Equal(shared, _space.Drain().Scan().Result);
        child.DontNeed(Bits512.All);
        Assert.Equal(alone, _space.Drain().Scan().Result);
    }

    [Fact] // 2.7 steps 9…11, in this order
    public void Off_LRU_comes_before_locked_and_locked_before_referenced_elsewhere()
    {
        _space.Fill().Drain();
        int pfn = _space.Table().Pfns[100];
        _space.Folios.Get(pfn);
        AssertScan(_space.Scan(), ScanResult.PageCount, referenced: 100, visited: 101);
        Assert.True(_space.Folios.TryLock(pfn));
        AssertScan(_space.Scan(), ScanResult.PageLock, referenced: 100, visited: 101);
        Assert.True(_space.Folios.TestClearLru(pfn));
        AssertScan(_space.Scan(), ScanResult.PageLru, referenced: 100, visited: 101);
    }

    [Fact] // KH-44: MADV_COLLAPSE ignores limits, references and the skip
    public void MADV_COLLAPSE_ignores_limits_and_references()
    {
        _space.Thp = _space.Thp with { MaxPtesNone = 0, MaxPtesShared = 0 };
        _space.Fill().DontNeed(Bits512.Range(0, 200)).Free(Bits512.All).Drain();
        RangeScan scan = RangeScanner.Scan(
            _space.Folios, _space.Table(), _space.Limits(isKhugepaged: false, lazyfree: LazyfreeHandling.Skip));
        AssertScan(scan, ScanResult.Succeed, referenced: 0, visited: 512, noneOrZero: 200);
    }

    [Fact] // ST-53, VR-3
    public void The_exception_for_droppable_areas_is_a_policy()
    {
        Assert.Equal((true, false, false), (
            LazyfreePolicy.For(LazyfreeHandling.Skip).Skips(droppable: true),
            LazyfreePolicy.For(LazyfreeHandling.SkipExceptDroppable).Skips(droppable: true),
            LazyfreePolicy.For(LazyfreeHandling.Collapse).Skips(droppable: false)));
        Space space = new Space().Map(1, VmaFlags.Droppable).Fill().Free(Bits512.All).Drain().Write(Bits512.Single(0), 1);
        AssertScan(space.Scan(lazyfree: LazyfreeHandling.Skip), ScanResult.PageLazyfree, referenced: 1, visited: 2);
        AssertScan(space.Scan(), ScanResult.Succeed, referenced: 1, visited: 512);
    }

    private RangeScan Skip() => _space.Scan(lazyfree: LazyfreeHandling.Skip);

    /// <summary>Swap entries set by hand: nothing here swaps yet.</summary>
    private void Swap(int first, int end)
    {
        Bits512 pages = Bits512.Range(first, end);
        _space.Fill().DontNeed(pages).Drain();
        _space.Table().NonPresent = pages;
    }

    private static void AssertScan(
        RangeScan scan, ScanResult result, int referenced, int visited, int noneOrZero = 0, int unmapped = 0) =>
        Assert.Equal(
            (result, referenced, visited, noneOrZero, unmapped),
            (scan.Result, scan.Referenced, scan.VisitedPtes, scan.NoneOrZero, scan.Unmapped));
}
