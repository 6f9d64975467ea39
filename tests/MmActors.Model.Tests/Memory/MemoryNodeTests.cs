using MmActors.Model.Memory;

namespace MmActors.Model.Tests.Memory;

/// <summary>LRU lists and per-CPU batches (SM-13…17).</summary>
public class MemoryNodeTests
{
    private readonly VmStat _vmstat = new();
    private readonly FolioTable _folios = new(65_536);
    private readonly MemoryNode _node;

    public MemoryNodeTests() => _node = new MemoryNode(_folios, cpus: 2, khugepagedMayRun: false, _vmstat);

    [Theory] // SM-17: one MADV_FREE over n pages leaves n mod 31 pending
    [InlineData(32_768, 1)]
    [InlineData(8192, 8)]
    [InlineData(512, 16)]
    [InlineData(31, 0)]
    public void The_last_pages_of_one_MADV_FREE_wait_in_the_batch(int count, int pending)
    {
        int[] pages = NewOnLru(count);
        _node.Drain(0);
        _node.MarkLazyfree(0, pages);
        Assert.Equal(count - pending, _vmstat[VmCounter.PgLazyfree]);
        Assert.Equal(count - pending, _node.Lru.Pages(LruKind.InactiveFile));
        Assert.Equal(pending, _node.Lru.Pages(LruKind.InactiveAnon));
        Assert.All(pages[^pending..], page => Assert.Equal(1, _folios.TransientReferences(page)));
        _node.DrainAll();
        Assert.Equal(count, _vmstat[VmCounter.PgLazyfree]);
        Assert.All(pages, page => Assert.True(_folios.RefcountSuitable(page)));
    }

    [Fact] // SM-15
    public void The_31st_new_page_puts_all_on_the_list()
    {
        int[] pages = Allocate(31);
        _node.LruAdd(0, pages[..30]);
        Assert.Equal((0, 30), (_node.Lru.Pages(LruKind.InactiveAnon), _node.PagesInAddBatches));
        _node.LruAdd(0, pages[30..]);
        Assert.Equal((31, 0), (_node.Lru.Pages(LruKind.InactiveAnon), _node.PagesInAddBatches));
        Assert.Equal(pages[0], _node.Lru.Tail(LruKind.InactiveAnon));
        Assert.Equal(pages[30], _node.Lru.Head(LruKind.InactiveAnon));
    }

    [Fact] // SM-15: a large folio is never batched and takes the waiting ones with it
    public void A_large_folio_flushes_the_batch()
    {
        _node.LruAdd(0, Allocate(5));
        int head = AllocateHuge();
        _node.LruAdd(0, [head]);
        Assert.Equal((517, 0), (_node.Lru.Pages(LruKind.InactiveAnon), _node.PagesInAddBatches));
        _node.MarkLazyfree(0, [head]);
        Assert.Equal(512, _vmstat[VmCounter.PgLazyfree]);
        Assert.Equal(512, _node.Lru.Pages(LruKind.InactiveFile));
    }

    [Fact] // SM-16
    public void A_drain_is_of_one_CPU_unless_it_is_of_all()
    {
        _node.LruAdd(0, Allocate(3));
        _node.LruAdd(1, Allocate(4));
        _node.Drain(0);
        Assert.Equal(4, _node.PagesInAddBatches);
        _node.DrainAll();
        Assert.Equal(0, _node.PagesInAddBatches);
    }

    [Fact] // SM-13
    public void The_list_follows_from_the_flags()
    {
        Assert.Equal(LruKind.InactiveAnon, LruLists.KindOf(FolioFlags.SwapBacked));
        Assert.Equal(LruKind.ActiveAnon, LruLists.KindOf(FolioFlags.SwapBacked | FolioFlags.Active));
        Assert.Equal(LruKind.InactiveFile, LruLists.KindOf(FolioFlags.Referenced));
        Assert.Equal(LruKind.ActiveFile, LruLists.KindOf(FolioFlags.Active));
        Assert.Equal(LruKind.Unevictable, LruLists.KindOf(FolioFlags.Unevictable | FolioFlags.Active));
    }

    [Fact] // T8: R and A go with the lazyfree move, the folio comes to the head of inactive_file
    public void The_lazyfree_move_clears_R_and_A()
    {
        int[] pages = NewOnLru(2);
        _node.DrainAll();
        _folios.SetFlags(pages[0], FolioFlags.Referenced | FolioFlags.Young);
        _node.MarkLazyfree(0, pages);
        _node.DrainAll();
        Assert.Equal(FolioFlags.Lru | FolioFlags.Young, _folios.Flags(pages[0]));
        Assert.Equal(pages[1], _node.Lru.Head(LruKind.InactiveFile));
    }

    [Fact] // SM-8: a page unmapped while it waits in a batch is freed by the drain
    public void A_page_that_was_unmapped_in_the_batch_is_freed_by_the_drain()
    {
        int[] pages = Allocate(1);
        int free = _node.FreePages;
        _node.LruAdd(0, pages);
        Assert.False(_folios.UnmapSmall(pages[0]));
        _node.Drain(0);
        Assert.Equal(free + 1, _node.FreePages);
    }

    [Fact] // RC-6: the min watermark is kept
    public void The_min_watermark_is_not_touched()
    {
        Assert.False(_node.TryAllocatePages(new int[_node.FreePages - _node.Marks.Min]));
        Assert.True(_node.TryAllocatePages(new int[_node.FreePages - _node.Marks.Min - 1]));
        Assert.False(_node.TryAllocateHuge(out int none));
        Assert.Equal(-1, none);
    }

    [Fact] // invariant 2
    public void Freeing_twice_is_noticed()
    {
        int[] pages = new int[1];
        Assert.True(_node.TryAllocatePages(pages));
        _node.FreeAll(pages);
        Assert.Throws<InvariantException>(() => _node.FreeAll(pages));
    }

    private int[] NewOnLru(int count)
    {
        int[] pages = Allocate(count);
        _node.LruAdd(0, pages);
        return pages;
    }

    private int[] Allocate(int count)
    {
        var pages = new int[count];
        Assert.True(_node.TryAllocatePages(pages));
        foreach (int page in pages)
        {
            _folios.InitSmall(page, FolioFlags.SwapBacked, 1);
            _folios.MapSmall(page);
            _folios.Get(page);
        }

        return pages;
    }

    private int AllocateHuge()
    {
        Assert.True(_node.TryAllocateHuge(out int head));
        _folios.InitLarge(head, FolioFlags.SwapBacked);
        _folios.MapPmd(head);
        _folios.Get(head);
        return head;
    }
}
