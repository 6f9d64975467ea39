using MmActors.Model.Memory;

namespace MmActors.Model.Tests.Memory;

public sealed class CpuPagesTests
{
    private const int High = 2048;
    private const int Batch = 15;
    private readonly FolioTable _folios = new(65_536);
    private readonly BuddyAllocator _zone;
    private readonly CpuPages _cpu;

    public CpuPagesTests()
    {
        _zone = new BuddyAllocator(_folios, new PageLists(_folios.Pages, BuddyAllocator.MaxOrder + 1), 0);
        _cpu = new CpuPages(_folios, _zone);
        _cpu.Resize(_folios.Pages, lowWatermark: 4096, cpus: 2);
    }

    [Theory] // zone_batchsize and zone_highsize of 6.12, by hand
    [InlineData(156_559, 7_040, 2, 31, 3_520)]
    [InlineData(253_327, 7_040, 2, 63, 3_520)]
    [InlineData(65_536, 4_096, 2, Batch, High)]
    [InlineData(16_384, 8, 4, 3, 12)]
    [InlineData(4_096, 250, 8, 1, 31)]
    [InlineData(1 << 24, 100_000, 64, 63, 1_562)]
    public void Batch_and_high_follow_the_zone(int managed, int low, int cpus, int batch, int high)
    {
        _cpu.Resize(managed, low, cpus);
        Assert.Equal((batch, high), (_cpu.Batch, _cpu.High));
    }

    [Fact] // nr_pcp_alloc: the batch doubles, up to 32 of them, as long as nothing is freed
    public void Refills_grow_while_nothing_is_freed()
    {
        int[] refills = [15, 30, 60, 120, 240, 480, 480];
        foreach (int refill in refills)
        {
            int before = _zone.FreePages;
            Assert.Equal(0, _cpu.Count);
            Assert.Equal(1, _cpu.Take(new int[1], 0));
            Assert.Equal(refill, before - _zone.FreePages);
            Assert.Equal(refill - 1, _cpu.Take(new int[refill - 1], 0));
        }
    }

    [Fact] // free_unref_page_commit: a free halves the next batch
    public void A_freed_page_is_used_first_and_slows_the_refills()
    {
        var pages = new int[15 + 30];
        Assert.Equal(pages.Length, _cpu.Take(pages, 0));
        _cpu.Free(pages[7], isReclaiming: false);
        _cpu.Free(pages[30], isReclaiming: false);
        var again = new int[2];
        Assert.Equal(2, _cpu.Take(again, 0));
        Assert.Equal([pages[30], pages[7]], again);
        int before = _zone.FreePages;
        Assert.Equal(1, _cpu.Take(again.AsSpan(0, 1), 0));
        Assert.Equal(Batch, before - _zone.FreePages);
    }

    [Fact] // RC-4: pages of the list count for no watermark, and while the zone misses it they are not handed out
    public void The_watermark_looks_at_the_zone_alone()
    {
        int watermark = _zone.FreePages - 20;
        var pages = new int[100];
        Assert.Equal(15 + 30, _cpu.Take(pages, watermark));
        Assert.Equal(watermark - 25, _zone.FreePages);
        _cpu.Free(pages[0], isReclaiming: false);
        Assert.Equal(0, _cpu.Take(pages, watermark));
        Assert.Equal(1 + 30, _cpu.Take(pages, watermark - 26)); // one more refill, its batch halved by the free
    }

    [Fact] // nr_pcp_free: below high nothing goes back; at high the longest unused pages do, at most 32 batches of them
    public void At_high_the_oldest_pages_go_back_to_the_zone()
    {
        int[] pages = TakeAll(4096);
        int zone = _zone.FreePages;
        int kept = _cpu.Count;
        for (int index = 0; index < High - kept - 1; index++)
        {
            _cpu.Free(pages[index], isReclaiming: false);
        }

        Assert.Equal((zone, High - 1), (_zone.FreePages, _cpu.Count));
        _cpu.Free(pages[High - kept - 1], isReclaiming: false);
        Assert.Equal((zone + (32 * Batch), High - (32 * Batch)), (_zone.FreePages, _cpu.Count));
    }

    [Fact] // ZONE_RECLAIM_ACTIVE: while kswapd works, four batches are all that a CPU keeps
    public void During_reclaim_the_list_stays_short()
    {
        int[] pages = TakeAll(4096);
        Assert.InRange(_cpu.Count, 4 * Batch, High); // left of the last refill
        int freed = 0;
        for (; _cpu.Count >= 4 * Batch; freed++)
        {
            _cpu.Free(pages[freed], isReclaiming: true);
        }

        Assert.InRange(freed, 1, 100);
        for (; freed < 1000; freed++)
        {
            _cpu.Free(pages[freed], isReclaiming: true);
            Assert.InRange(_cpu.Count, 1, (4 * Batch) - 1);
        }
    }

    [Fact] // NR_PCP_THP: order-9 pages have a list too, filled by two
    public void Order_9_pages_come_in_pairs()
    {
        int zone = _zone.FreePages;
        Assert.True(_cpu.TryTakeBlock(out int first));
        Assert.Equal((zone - 1024, 512), (_zone.FreePages, _cpu.Count));
        Assert.True(_cpu.TryTakeBlock(out int second));
        Assert.Equal((zone - 1024, 0), (_zone.FreePages, _cpu.Count));
        Assert.Equal((0, 0), (first % 512, second % 512));
        Assert.NotEqual(first, second);
        _cpu.FreeBlock(first, isReclaiming: false);
        Assert.Equal((zone - 1024, 512), (_zone.FreePages, _cpu.Count));
        Assert.True(_cpu.TryTakeBlock(out int again));
        Assert.Equal(first, again);
    }

    [Fact] // drain_pages
    public void A_drain_makes_the_zone_whole_again()
    {
        int[] largest = BlocksOf(_zone);
        int[] pages = TakeAll(3000);
        Assert.True(_cpu.TryTakeBlock(out int head));
        foreach (int pfn in pages.Reverse())
        {
            _cpu.Free(pfn, isReclaiming: false);
        }

        _cpu.FreeBlock(head, isReclaiming: false);
        Assert.NotEqual(largest, BlocksOf(_zone));
        _cpu.Drain();
        Assert.Equal(largest, BlocksOf(_zone));
        Assert.Equal((0, _folios.Pages), (_cpu.Count, _zone.FreePages));
    }

    [Fact] // no page is lost or handed out twice
    public void Random_use_conserves_every_page()
    {
        var random = new Random(7);
        var owned = new SortedSet<int>();
        var blocks = new List<int>();
        var tables = new Stack<int>();
        for (int step = 0; step < 3_000; step++)
        {
            switch (random.Next(5))
            {
                case 4:
                    if (random.Next(2) == 0 && _cpu.TryTakeKernelPage(out int table))
                    {
                        Assert.True(owned.Add(table));
                        tables.Push(table);
                    }
                    else if (tables.TryPop(out int last))
                    {
                        owned.Remove(last);
                        _cpu.FreeKernelPage(last, isReclaiming: false);
                    }

                    break;
                case 0:
                    var pages = new int[random.Next(1, 600)];
                    int got = _cpu.Take(pages, 0);
                    Assert.All(pages[..got], page => Assert.True(owned.Add(page)));
                    break;
                case 1 when _cpu.TryTakeBlock(out int head):
                    Assert.All(Enumerable.Range(head, 512), page => Assert.True(owned.Add(page)));
                    blocks.Add(head);
                    break;
                case 2 when blocks.Count > 0:
                    _cpu.FreeBlock(blocks[^1], isReclaiming: false);
                    owned.ExceptWith(Enumerable.Range(blocks[^1], 512));
                    blocks.RemoveAt(blocks.Count - 1);
                    break;
                default:
                    foreach (int page in owned.Where(page => !blocks.Contains(page & ~511) && !tables.Contains(page)).Take(random.Next(600)).ToList())
                    {
                        _cpu.Free(page, isReclaiming: step % 5 == 0);
                        owned.Remove(page);
                    }

                    break;
            }

            Assert.Equal(_folios.Pages, owned.Count + _cpu.Count + _zone.FreePages);
            Assert.Equal(_cpu.Count + _zone.FreePages, MarkedFree());
        }
    }

    /// <summary>Free pages by what the pages themselves say.</summary>
    private int MarkedFree()
    {
        int free = 0;
        for (int pfn = 0; pfn < _folios.Pages; pfn++)
        {
            int pages = FolioTable.FreePages(_folios.Word(pfn));
            free += pages;
            pfn += Math.Max(0, pages - 1);
        }

        return free;
    }

    private int[] TakeAll(int count)
    {
        var pages = new int[count];
        Assert.Equal(count, _cpu.Take(pages, 0));
        return pages;
    }

    private static int[] BlocksOf(BuddyAllocator zone) =>
        [.. Enumerable.Range(0, BuddyAllocator.MaxOrder + 1).Select(zone.FreeBlocks)];
}
