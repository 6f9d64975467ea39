using MmActors.Model.Coverage;
using MmActors.Model.Reclaim;
using MmActors.Model.Units;

namespace MmActors.Model.Memory;

/// <content>Direct compaction for an order-9 page, simplified as UT-41 says: of the blocks whose pages can all be moved, the one
/// with the fewest is emptied into free pages elsewhere.</content>
/// <remarks>A page can be moved when it is a small anon page on an LRU list, unlocked, without transient references, outside the
/// swap cache and mapped once. The kernel's two scanners that approach each other, its migrate types and page blocks marked to be
/// skipped are left out; so are its background compaction and the moving of shared pages.</remarks>
public sealed partial class MemoryNode
{
    private const int FragmentationThreshold = 500; // vm.extfrag_threshold

    private const int BlocksAtATime = 1024;

    private readonly CompactionDeferral _compaction = new();
    private int _nextBlock;

    /// <summary>Pages beyond a watermark that compaction needs to work with: twice the block (RC-9).</summary>
    private static int CompactionGap => 2 * Geometry.PtesPerTable;

    /// <summary>RC-20: a reclaim for an order-9 page may end, because there is a block or compaction has room to make one.</summary>
    public bool IsReadyForHuge =>
        CanTakeHuge(Marks.Min) || (CanCompact && ZoneFreePages > Marks.High + CompactionGap);

    /// <summary>RC-14, last sentence: a step of such a reclaim need not be repeated, because there is a block, because compaction can
    /// run, or because too few inactive pages are left to give it room.</summary>
    /// <param name="swapHasRoom">Anon pages can go too.</param>
    public bool NeedsNoMoreForHuge(bool swapHasRoom)
    {
        LruPages sizes = NodeSizes();
        return CanTakeHuge(Marks.Min) || CanCompact
            || sizes.InactiveFile + (swapHasRoom ? sizes.InactiveAnon : 0) <= CompactionGap;
    }

    /// <summary>RC-9 (compaction_suitable).</summary>
    private bool CanCompact => ZoneFreePages > Marks.Low + CompactionGap
        && _buddy.FragmentationIndex(Geometry.PmdOrder) is < 0 or > FragmentationThreshold;

    /// <summary>Begins a direct compaction: isolates what must leave the cheapest block and allocates the destinations. Free pages
    /// of all CPUs go back to the zone first, and this CPU's LRU batches are drained.</summary>
    /// <param name="isHasty">A first try, or the only one (COMPACT_PRIO_ASYNC): its failure defers no other.</param>
    /// <param name="block">The block, to be moved by the address spaces and handed to <see cref="FinishCompaction"/>.</param>
    public CompactionStart BeginCompaction(bool isHasty, out CompactionBlock? block)
    {
        block = null;
        if (_compaction.IsDeferred())
        {
            CoverageMarks.Hit(ReclaimMark.CompactionDeferred);
            return CompactionStart.Deferred;
        }

        if (!CanCompact)
        {
            CoverageMarks.Hit(ReclaimMark.CompactionSkipped);
            return CompactionStart.Skipped;
        }

        Drain(_cpu);
        DrainFreePages();
        if (CanTakeHuge(Marks.Min))
        {
            CoverageMarks.Hit(ReclaimMark.CompactionFindsBlock);
            _compaction.Succeeded();
            return CompactionStart.Ready;
        }

        if (CheapestBlock() is not { } head)
        {
            CoverageMarks.Hit(ReclaimMark.CompactionFindsNoBlock);
            NoteFailure(isHasty);
            return CompactionStart.NoBlock;
        }

        CoverageMarks.Hit(ReclaimMark.CompactionIsolates);
        block = Isolate(head);
        return CompactionStart.Isolated;
    }

    /// <summary>Ends a compaction: moved pages go on their lists, the others back; an emptied block becomes a free one.</summary>
    /// <param name="block">What <see cref="BeginCompaction"/> gave.</param>
    /// <param name="isHasty">As there.</param>
    /// <returns>Whether the whole block is free.</returns>
    public bool FinishCompaction(CompactionBlock block, bool isHasty)
    {
        int moved = block.Moved;
        bool isEmptied = block.IsEmptied;
        foreach (ref readonly MovingPage page in block.Pages)
        {
            int vacant = page.IsMoved ? page.Old : page.New;
            PutBack([page.IsMoved ? page.New : page.Old]);
            InFlightPages--;
            Uncharge(vacant, 1);
            Folios.SetRawWord(vacant, 0);
            if (!isEmptied)
            {
                _buddy.Free(vacant, 0);
            }
        }

        Release(block, isEmptied);
        _vmstat.Add(VmCounter.PgMigrateSuccess, moved);
        _vmstat.Add(VmCounter.PgMigrateFail, block.Pages.Length - moved);
        CoverageMarks.Hit(isEmptied ? ReclaimMark.CompactionMakesBlock : ReclaimMark.CompactionMovesInVain);
        if (isEmptied)
        {
            _compaction.Succeeded();
        }
        else
        {
            NoteFailure(isHasty);
        }

        return isEmptied;
    }

    private void NoteFailure(bool isHasty)
    {
        if (!isHasty)
        {
            _compaction.Failed();
        }
    }

    private bool CanTakeHuge(int watermark) =>
        ZoneFreePages - (Geometry.PtesPerTable - 1) > watermark && _buddy.HasBlock(Geometry.PmdOrder);

    /// <summary>The block with the fewest pages among the next 2 GiB in which one can be emptied at all; the search goes on where
    /// the last one ended, as compact_cached_migrate_pfn has it.</summary>
    /// <remarks>All free pages are in the allocator now, so a block has at least as many to move as are not free in it: most
    /// are passed over without a look at their pages.</remarks>
    private int? CheapestBlock()
    {
        ReadOnlySpan<short> free = _buddy.FreeInRange;
        int blocks = Folios.Pages / Geometry.PtesPerTable;
        int? cheapest = null;
        int fewest = Geometry.PtesPerTable;
        for (int looked = 0; looked < blocks && (cheapest is null || looked % BlocksAtATime != 0); looked++)
        {
            int head = _nextBlock * Geometry.PtesPerTable;
            _nextBlock = (_nextBlock + 1) % blocks;
            int used = Geometry.PtesPerTable - free[head >> Geometry.PmdOrder] < fewest ? PagesToMove(head, fewest) : fewest;
            if (used < fewest)
            {
                (cheapest, fewest) = (head, used);
            }
        }

        return cheapest;
    }

    /// <summary>Pages that would have to leave; the limit when one of them cannot, or when they are not fewer.</summary>
    private int PagesToMove(int head, int limit)
    {
        if (Folios.IsLarge(head))
        {
            return limit;
        }

        ReadOnlySpan<uint> words = Folios.Words.Slice(head, Geometry.PtesPerTable);
        int used = 0;
        for (int index = 0; index < words.Length && used < limit;)
        {
            uint word = words[index];
            if (FolioTable.FreePages(word) is > 0 and var free)
            {
                index += free;
                continue;
            }

            used = IsMovable(word) ? used + 1 : limit;
            index++;
        }

        return used == 0 ? limit : used;
    }

    private static bool IsMovable(uint word)
    {
        const uint Relevant = (uint)(FolioFlags.Lru | FolioFlags.Locked | FolioFlags.SwapCache | FolioFlags.Writeback
            | FolioFlags.Unevictable | FolioFlags.HwPoison) | FolioTable.TransientMask | FolioTable.MapMask;
        return (word & Relevant) == ((uint)FolioFlags.Lru | FolioTable.MapOne);
    }

    /// <summary>Nobody runs between the choice of the block and this, but folios change without asking the node: one that has
    /// changed since stays where it is, and the compaction fails.</summary>
    private CompactionBlock Isolate(int head)
    {
        var moving = new List<MovingPage>();
        for (int pfn = head; pfn < head + Geometry.PtesPerTable; pfn++)
        {
            if (IsMovable(Folios.Word(pfn)) && Folios.TryIsolate(pfn))
            {
                LruOf(pfn).Remove(pfn);
                IsolatedPages++;
                moving.Add(new MovingPage { Old = pfn, Family = Folios.Owner(pfn).Family });
            }
        }

        _vmstat.Add(VmCounter.CompactMigrateScanned, Geometry.PtesPerTable);
        _vmstat.Add(VmCounter.CompactIsolated, moving.Count);
        List<FreeBlock> captured = Capture(head);
        var destinations = new int[moving.Count];
        int got = _buddy.AllocatePages(destinations);
        PutBack([.. moving.Skip(got).Select(static page => page.Old)]);
        MovingPage[] pages = [.. moving.Take(got)];
        InFlightPages += got;
        for (int index = 0; index < got; index++)
        {
            pages[index].New = destinations[index]; // the root's until the page has moved, so that no limit sees it twice
            _memcgs[0].Charge(1);
            Folios.SetMemcg(destinations[index], 0);
        }

        return new CompactionBlock(head, pages, captured);
    }

    /// <summary>Takes the free pages of the block out of the zone, lest they serve as destinations.</summary>
    private List<FreeBlock> Capture(int head)
    {
        List<FreeBlock> captured = _buddy.TakeFreeIn(head);
        foreach (FreeBlock block in captured)
        {
            InFlightPages += 1 << block.Order;
            _memcgs[0].Charge(1 << block.Order);
            for (int pfn = block.Pfn; pfn < block.Pfn + (1 << block.Order); pfn++)
            {
                Folios.SetMemcg(pfn, 0);
            }
        }

        return captured;
    }

    private void Release(CompactionBlock block, bool isEmptied)
    {
        foreach (FreeBlock free in block.Captured)
        {
            InFlightPages -= 1 << free.Order;
            _memcgs[0].Uncharge(1 << free.Order);
            if (!isEmptied)
            {
                _buddy.Free(free.Pfn, free.Order);
            }
        }

        if (isEmptied)
        {
            _buddy.Free(block.Head, Geometry.PmdOrder);
        }
    }
}
