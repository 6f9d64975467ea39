using System.Numerics;
using MmActors.Model.Units;

namespace MmActors.Model.Memory;

/// <summary>Binary buddy allocator of one zone, orders 0…10 (UT-40): an allocation splits the smallest sufficient
/// block, freeing merges buddies.</summary>
/// <remarks>A free block is known by the Buddy flag and its order in the map-count part of its first page's word;
/// free pages are on no LRU list, so their list links serve here.</remarks>
public sealed class BuddyAllocator
{
    /// <summary>Largest block: 2^10 pages.</summary>
    public const int MaxOrder = 10;

    private readonly FolioTable _folios;
    private readonly PageLists _lists;
    private readonly int _firstList;
    private readonly int[] _freeBlocks = new int[MaxOrder + 1];
    private readonly short[] _freeInRange;

    /// <summary>Takes over all pages of the table as free.</summary>
    /// <param name="folios">The node's page array.</param>
    /// <param name="lists">Link arrays shared with the LRU lists.</param>
    /// <param name="firstList">Index of the first of this allocator's 11 lists.</param>
    public BuddyAllocator(FolioTable folios, PageLists lists, int firstList)
    {
        _folios = folios;
        _lists = lists;
        _firstList = firstList;
        _freeInRange = new short[(folios.Pages + (2 * Geometry.PtesPerTable) - 1) / Geometry.PtesPerTable];
        int pfn = 0;
        while (pfn < folios.Pages)
        {
            int order = Math.Min(MaxOrder, pfn == 0 ? MaxOrder : BitOperations.TrailingZeroCount(pfn));
            while (pfn + (1 << order) > folios.Pages)
            {
                order--;
            }

            Link(pfn, order, atTail: true);
            pfn += 1 << order;
        }

        FreePages = folios.Pages;
    }

    /// <summary>nr_free_pages.</summary>
    public int FreePages { get; private set; }

    /// <summary>Free blocks of exactly this order.</summary>
    public int FreeBlocks(int order) => _freeBlocks[order];

    /// <summary>Free pages in each aligned 2 MiB, those on the CPUs' lists left out.</summary>
    public ReadOnlySpan<short> FreeInRange => _freeInRange;

    /// <summary>Whether a block of at least this order is free.</summary>
    public bool HasBlock(int order) => SmallestOrderFrom(order) <= MaxOrder;

    /// <summary>Allocates one block; false when no block is large enough.</summary>
    public bool TryAllocate(int order, out int pfn)
    {
        int found = SmallestOrderFrom(order);
        if (found > MaxOrder)
        {
            pfn = -1;
            return false;
        }

        pfn = Take(found);
        SplitDown(pfn, found, order);
        FreePages -= 1 << order;
        return true;
    }

    /// <summary>Allocates single pages, lowest address of the smallest blocks first: the same pages as that many
    /// single allocations would give, a block at a time. Returns how many could be had.</summary>
    public int AllocatePages(Span<int> pages)
    {
        int done = 0;
        while (done < pages.Length)
        {
            int order = SmallestOrderFrom(0);
            if (order > MaxOrder)
            {
                break;
            }

            int block = Take(order);
            int wanted = Math.Min(BitOperations.Log2((uint)(pages.Length - done)), order);
            SplitDown(block, order, wanted);
            for (int offset = 0; offset < 1 << wanted; offset++)
            {
                pages[done++] = block + offset;
            }
        }

        FreePages -= done;
        return done;
    }

    /// <summary>Frees one block and merges it with its free buddies.</summary>
    public void Free(int pfn, int order)
    {
        FreePages += 1 << order;
        while (order < MaxOrder)
        {
            int buddy = pfn ^ (1 << order);
            if (buddy + (1 << order) > _folios.Pages || !IsFreeBlock(buddy, order))
            {
                break;
            }

            Unlink(buddy, order);
            pfn = Math.Min(pfn, buddy);
            order++;
        }

        Link(pfn, order, atTail: false);
    }

    /// <summary>Frees single pages that follow each other, the last one first: the same blocks in the same order as that
    /// many calls of <see cref="Free"/> would leave, a block at a time.</summary>
    public void FreeRun(int first, int pages)
    {
        for (int end = first + pages; end > first;)
        {
            int order = Math.Min(MaxOrder, Math.Min(BitOperations.TrailingZeroCount(end), BitOperations.Log2((uint)(end - first))));
            end -= 1 << order;
            Free(end, order);
        }
    }

    /// <summary>Takes every free block that lies in an aligned 2 MiB out of the allocator's hands, by address.</summary>
    internal List<FreeBlock> TakeFreeIn(int first)
    {
        var taken = new List<FreeBlock>();
        for (int pfn = first; pfn < first + Geometry.PtesPerTable;)
        {
            uint word = _folios.Word(pfn);
            int order = (int)(word / FolioTable.MapOne);
            if (order > MaxOrder || !IsFreeBlock(pfn, order))
            {
                pfn++;
                continue;
            }

            Unlink(pfn, order);
            FreePages -= 1 << order;
            taken.Add(new FreeBlock(pfn, order));
            pfn += 1 << order;
        }

        return taken;
    }

    /// <summary>Why a request of this order fails (RC-9): towards 0 for want of free pages, towards 1000 because they lie scattered;
    /// -1000 when a large enough block is free.</summary>
    public int FragmentationIndex(int order)
    {
        if (HasBlock(order))
        {
            return -1000;
        }

        long blocks = 0;
        foreach (int count in _freeBlocks)
        {
            blocks += count;
        }

        return blocks == 0 ? 0 : 1000 - (int)((1000 + (FreePages * 1000L / (1 << order))) / blocks);
    }

    private int SmallestOrderFrom(int order)
    {
        while (order <= MaxOrder && _freeBlocks[order] == 0)
        {
            order++;
        }

        return order;
    }

    private int Take(int order)
    {
        int pfn = _lists.First(_firstList + order);
        Unlink(pfn, order);
        return pfn;
    }

    private void SplitDown(int pfn, int from, int to)
    {
        while (from > to)
        {
            from--;
            Link(pfn + (1 << from), from, atTail: false);
        }
    }

    private bool IsFreeBlock(int pfn, int order) =>
        _folios.Word(pfn) == ((uint)FolioFlags.Buddy | ((uint)order * FolioTable.MapOne));

    private void Link(int pfn, int order, bool atTail)
    {
        _folios.SetRawWord(pfn, (uint)FolioFlags.Buddy | ((uint)order * FolioTable.MapOne));
        _freeBlocks[order]++;
        CountInRange(pfn, order, 1);
        if (atTail)
        {
            _lists.AddLast(_firstList + order, pfn);
        }
        else
        {
            _lists.AddFirst(_firstList + order, pfn);
        }
    }

    private void Unlink(int pfn, int order)
    {
        _folios.SetRawWord(pfn, 0);
        _freeBlocks[order]--;
        CountInRange(pfn, order, -1);
        _lists.Remove(pfn);
    }

    private void CountInRange(int pfn, int order, int sign)
    {
        int range = pfn >> Geometry.PmdOrder;
        _freeInRange[range] += (short)(sign << Math.Min(order, Geometry.PmdOrder));
        if (order > Geometry.PmdOrder)
        {
            _freeInRange[range + 1] += (short)(sign * Geometry.PtesPerTable);
        }
    }
}

/// <summary>A block that was free: its first page and its order.</summary>
internal readonly record struct FreeBlock(int Pfn, int Order);
