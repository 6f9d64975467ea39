using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Tests.AddressSpaces;
using MmActors.Model.Units;

namespace MmActors.Model.Tests.Memory;

/// <summary>A 64 MiB node whose 2 MiB blocks are all in use in part: every second page belongs to the task, the others are
/// free.</summary>
public sealed class CompactionTests
{
    private const int Ranges = 14;
    private readonly Space _task = new(16_384);

    public CompactionTests()
    {
        Space neighbour = _task.Map(Ranges).Fork();
        for (int page = 0; page < Ranges * 512; page++)
        {
            Bits512 one = Bits512.Range(page % 512, (page % 512) + 1);
            _task.Write(one, 1, page / 512);
            neighbour.Write(one, 1, page / 512);
        }

        _task.Drain();
        for (int range = 0; range < Ranges; range++)
        {
            neighbour.DontNeed(Bits512.All, range);
        }

        bool again = true;
        while (again)
        {
            again = false;
            _task.Node.DrainFreePages();
            while (_task.Node.TryAllocateHuge(out _))
            {
                again = true;
            }
        }
    }

    private MemoryNode Node => _task.Node;

    [Fact] // UT-41: the block with the fewest pages is emptied; UT-43
    public void The_cheapest_block_is_emptied()
    {
        int cheapest = _task.Table(2).Pfns[0] & ~511;
        int[] leave = [.. Enumerable.Range(0, 512).Where(page => (_task.Table(2).Pfns[page] & ~511) == cheapest).Take(100)];
        leave.ToList().ForEach(page => _task.DontNeed(Bits512.Range(page, page + 1), 2));
        int free = Node.FreePages;
        int there = Enumerable.Range(0, Ranges).Sum(range => PagesIn(cheapest, range));
        Assert.Equal(CompactionStart.Isolated, Node.BeginCompaction(isHasty: false, out CompactionBlock? block));
        Assert.Equal((cheapest, there), (block!.Head, block.Pages.Length));
        Assert.Equal(there, Migration.Move(_task.Mm, block));
        Assert.True(Node.FinishCompaction(block, isHasty: false));
        Assert.Equal(free, Node.FreePages);
        Assert.Equal(0, Enumerable.Range(0, Ranges).Sum(range => PagesIn(cheapest, range)));
        Assert.Equal(
            (512L, there, there, 0L),
            (Stat(VmCounter.CompactMigrateScanned), Stat(VmCounter.CompactIsolated), Stat(VmCounter.PgMigrateSuccess), Stat(VmCounter.PgMigrateFail)));
        Assert.True(Node.TryAllocateHuge(out int head));
        Assert.Equal(cheapest, head);
        Node.ReturnHuge(head);
        AssertSound();
    }

    [Fact] // invariant 4: what the pages held, and what reclaim knows of them, goes with them
    public void Moved_pages_keep_their_content_and_state()
    {
        _task.Free(Bits512.Range(0, 40));
        _task.Drain();
        _task.Folios.SetFlags(_task.Table().Pfns[50], FolioFlags.Referenced | FolioFlags.Workingset);
        _task.Folios.SetFlags(_task.Table().Pfns[51], FolioFlags.Dirty | FolioFlags.Young);
        int[] before = PfnsOf(range: 0);
        FolioFlags[] flags = [.. before.Select(_task.Folios.Flags)];
        long lazyfree = Node.Lru.Pages(LruKind.InactiveFile);
        CompactUntilMoved(before);
        int[] after = PfnsOf(range: 0);
        Assert.All(before.Zip(after), static pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.Equal(flags, after.Select(_task.Folios.Flags));
        Assert.Equal(lazyfree, Node.Lru.Pages(LruKind.InactiveFile));
        Assert.All(Enumerable.Range(40, 472), page => Assert.Equal(1, _task.Content(page)));
        AssertSound();
    }

    [Fact] // RC-9: 2 × 512 pages above low are needed
    public void Without_room_to_work_it_is_skipped()
    {
        int room = Node.ZoneFreePages - Node.Marks.Low - 1024;
        Assert.True(room > 0);
        var pages = new int[room];
        Assert.True(Node.TryAllocatePages(pages));
        Assert.Equal(CompactionStart.Skipped, Node.BeginCompaction(isHasty: false, out _));
        Node.DrainFreePages();
        Node.Return(pages);
        Node.DrainFreePages();
        Assert.Equal(CompactionStart.Isolated, Node.BeginCompaction(isHasty: false, out CompactionBlock? block));
        Assert.False(Node.FinishCompaction(block!, isHasty: false));
    }

    [Fact] // RC-9: a free block makes compaction pointless, whatever else failed
    public void A_fragmentation_index_says_why_a_request_fails()
    {
        var folios = new FolioTable(4096);
        var buddy = new BuddyAllocator(folios, new PageLists(4096, BuddyAllocator.MaxOrder + 1), 0);
        Assert.Equal(-1000, buddy.FragmentationIndex(9));
        var all = new int[4096];
        Assert.Equal(4096, buddy.AllocatePages(all));
        Assert.Equal(0, buddy.FragmentationIndex(9));
        for (int pfn = 0; pfn < 2048; pfn += 2)
        {
            buddy.Free(pfn, 0); // 1024 blocks of one page: 1000 − (1000 + 1024 × 1000 / 512) / 1024
        }

        Assert.Equal(998, buddy.FragmentationIndex(9));
        Assert.True(buddy.TryAllocate(0, out _));
        buddy.FreeRun(2048, 256); // 1023 + 1 blocks, 1023 + 256 pages: 1000 − (1000 + 1279 × 1000 / 512) / 1024
        Assert.Equal(997, buddy.FragmentationIndex(9));
    }

    [Fact] // UT-41 (c): isolated, referenced and shared pages cannot be moved
    public void A_page_that_somebody_holds_keeps_its_block()
    {
        Pin(take: true);
        Assert.Equal(CompactionStart.NoBlock, Node.BeginCompaction(isHasty: false, out _));
        Pin(take: false);
        Space child = _task.Fork();
        Assert.Equal(CompactionStart.Deferred, Node.BeginCompaction(isHasty: false, out _)); // the failure above defers the next
        Assert.Equal(CompactionStart.NoBlock, Node.BeginCompaction(isHasty: false, out _));
        _task.Audit(child);
    }

    [Fact] // RC-8: the first, hasty try defers nothing
    public void A_hasty_failure_defers_no_other()
    {
        Pin(take: true);
        Assert.Equal(CompactionStart.NoBlock, Node.BeginCompaction(isHasty: true, out _));
        Assert.Equal(CompactionStart.NoBlock, Node.BeginCompaction(isHasty: false, out _));
        Assert.Equal(CompactionStart.Deferred, Node.BeginCompaction(isHasty: true, out _));
        Pin(take: false);
    }

    [Fact] // what the CPUs kept to themselves may be the block itself: a success, and nothing is deferred
    public void A_block_that_the_drain_makes_is_enough()
    {
        Assert.Equal(CompactionStart.Isolated, Node.BeginCompaction(isHasty: false, out CompactionBlock? block));
        Migration.Move(_task.Mm, block!);
        Assert.True(Node.FinishCompaction(block!, isHasty: false));
        Assert.True(Node.TryAllocateHuge(out int head));
        Node.ReturnHuge(head); // on the CPU's list: the zone has none
        Assert.False(Node.TryAllocateHuge(out _));
        Pin(take: true);
        Assert.Equal(CompactionStart.Ready, Node.BeginCompaction(isHasty: false, out _));
        Assert.True(Node.TryAllocateHuge(out _));
        Assert.Equal(CompactionStart.NoBlock, Node.BeginCompaction(isHasty: false, out _));
        Pin(take: false);
    }

    [Fact] // RC-9: every 2nd, 4th, … 64th request only, until one succeeds
    public void Failures_defer_it_exponentially()
    {
        var deferral = new CompactionDeferral();
        foreach (int gap in (int[])[0, 1, 3, 7, 15, 31, 63, 63])
        {
            for (int request = 0; request < gap; request++)
            {
                Assert.True(deferral.IsDeferred());
            }

            Assert.False(deferral.IsDeferred());
            deferral.Failed();
        }

        deferral.Succeeded();
        Assert.False(deferral.IsDeferred());
    }

    [Fact] // a page that its owner unmaps on the way is simply gone: no block, nothing lost
    public void A_page_freed_on_the_way_makes_it_fail()
    {
        Assert.Equal(CompactionStart.Isolated, Node.BeginCompaction(isHasty: false, out CompactionBlock? block));
        MovingPage first = block!.Pages[0];
        long address = _task.Folios.Owner(first.Old).Address;
        int range = (int)((address - Space.Base) >> Geometry.PmdShift);
        _task.DontNeed(Bits512.Range(Geometry.PteIndex(address), Geometry.PteIndex(address) + 1), range);
        Assert.Equal(block.Pages.Length - 1, Migration.Move(_task.Mm, block));
        Assert.False(Node.FinishCompaction(block, isHasty: false));
        Assert.Equal(1, Stat(VmCounter.PgMigrateFail));
        AssertSound();
    }

    /// <summary>Empties blocks, and holds them, until none of these pages is where it was.</summary>
    private void CompactUntilMoved(int[] pages)
    {
        for (int round = 0; PfnsOf(0).Intersect(pages).Any(); round++)
        {
            Assert.True(round < Ranges, "the pages stay where they are");
            Assert.Equal(CompactionStart.Isolated, Node.BeginCompaction(isHasty: false, out CompactionBlock? block));
            Migration.Move(_task.Mm, block!);
            Assert.True(Node.FinishCompaction(block!, isHasty: false));
            Assert.True(Node.TryAllocateHuge(out _));
            Node.DrainFreePages();
        }
    }

    private int[] PfnsOf(int range) => [.. Enumerable.Range(0, 512).Select(page => _task.Table(range).Pfns[page])];

    private void Pin(bool take)
    {
        for (int range = 0; range < Ranges; range++)
        {
            for (int page = 0; page < 512; page++)
            {
                int pfn = _task.Table(range).Pfns[page];
                if (take)
                {
                    _task.Folios.Get(pfn);
                }
                else
                {
                    Assert.False(_task.Folios.Put(pfn));
                }
            }
        }
    }

    private int PagesIn(int block, int range)
    {
        int count = 0;
        for (int page = 0; page < 512; page++)
        {
            count += _task.Table(range).Present.Has(page) && (_task.Table(range).Pfns[page] & ~511) == block ? 1 : 0;
        }

        return count;
    }

    private long Stat(VmCounter counter) => _task.Vmstat[counter];

    private void AssertSound() => _task.Audit();
}
