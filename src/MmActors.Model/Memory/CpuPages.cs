using System.Numerics;
using MmActors.Model.Units;

namespace MmActors.Model.Memory;

/// <summary>One CPU's own free pages (struct per_cpu_pages): taken from and given back to the zone in batches, last freed
/// first used. User pages, the kernel's own pages (page tables) and order-9 pages have a list each. They are free, yet no part
/// of nr_free_pages, so watermarks do not see them, and they merge into no block.</summary>
/// <remarks>Simplified: pcp->high stays at its minimum, the low watermark divided by the CPUs; that it grows while memory is
/// plenty and decays afterwards is left out. mm/page_alloc.c of 6.12: nr_pcp_alloc, nr_pcp_free, nr_pcp_high.</remarks>
public sealed class CpuPages
{
    private const int MaxScale = 5; // CONFIG_PCP_BATCH_SCALE_MAX
    private const uint SingleWord = (uint)FolioFlags.Buddy | FolioTable.OnCpuList;
    private const uint BlockWord = SingleWord | (Geometry.PmdOrder * FolioTable.MapOne);

    private readonly FolioTable _folios;
    private readonly BuddyAllocator _zone;
    private readonly PageDeque _singles = new();
    private readonly PageDeque _blocks = new();
    private readonly PageDeque _kernelPages = new();
    private int[] _refill = [];
    private int _allocScale;
    private int _freed;

    /// <summary>Creates empty lists in front of a zone.</summary>
    public CpuPages(FolioTable folios, BuddyAllocator zone)
    {
        _folios = folios;
        _zone = zone;
    }

    /// <summary>pcp->batch: pages moved at a time, before scaling.</summary>
    public int Batch { get; private set; } = 1;

    /// <summary>pcp->high: from so many pages on, freeing gives some back to the zone.</summary>
    public int High { get; private set; }

    /// <summary>Pages on the lists.</summary>
    public int Count => _singles.Count + _kernelPages.Count + (_blocks.Count << Geometry.PmdOrder);

    /// <summary>Sets pcp->batch and pcp->high for a zone (zone_batchsize, zone_highsize).</summary>
    public void Resize(int managedPages, int lowWatermark, int cpus)
    {
        const int LargestBatch = (1 << 20) / Geometry.PageSize;
        int quarter = Math.Max(1, Math.Min(managedPages >> 10, LargestBatch) / 4);
        Batch = Math.Max(1, (int)BitOperations.RoundUpToPowerOf2((uint)(quarter + (quarter / 2) + 1)) / 2 - 1);
        High = Math.Max(lowWatermark / cpus, Batch << 2);
        _refill = new int[Batch << MaxScale];
    }

    /// <summary>Takes single pages; a list that runs empty is filled from the zone while more pages than the watermark are
    /// left there (RC-4), by a batch that doubles as long as nothing is freed. Returns how many could be had.</summary>
    public int Take(Span<int> pages, int watermark)
    {
        int done = 0;
        while (done < pages.Length && _zone.FreePages > watermark && (_singles.Count > 0 || Refill(_singles)))
        {
            int take = Math.Min(pages.Length - done, _singles.Count);
            foreach (ref int pfn in pages.Slice(done, take))
            {
                pfn = _singles.TakeTop();
                _folios.SetRawWord(pfn, 0);
            }

            _freed >>= Math.Min(take, 31);
            done += take;
        }

        return done;
    }

    /// <summary>Takes a page for the kernel's own use; its list is not that of user pages.</summary>
    public bool TryTakeKernelPage(out int pfn)
    {
        if (_kernelPages.Count == 0 && !Refill(_kernelPages))
        {
            pfn = -1;
            return false;
        }

        _freed >>= 1;
        pfn = _kernelPages.TakeTop();
        _folios.SetRawWord(pfn, 0);
        return true;
    }

    /// <summary>Takes an order-9 block; an empty list is filled with two (with one where the batch is one page).</summary>
    public bool TryTakeBlock(out int head)
    {
        if (_blocks.Count == 0)
        {
            FillBlocks();
        }

        if (_blocks.Count == 0)
        {
            head = -1;
            return false;
        }

        _freed >>= 1;
        head = _blocks.TakeTop();
        _folios.SetRawWord(head, 0);
        return true;
    }

    /// <summary>Frees a single page.</summary>
    /// <param name="pfn">The page.</param>
    /// <param name="isReclaiming">kswapd is at work: the list stays short (ZONE_RECLAIM_ACTIVE).</param>
    public void Free(int pfn, bool isReclaiming)
    {
        MarkFree(pfn, SingleWord);
        _singles.AddTop(pfn);
        AfterFree(_singles, 1, isReclaiming);
    }

    /// <summary>Frees a page that the kernel used itself.</summary>
    /// <inheritdoc cref="Free"/>
    public void FreeKernelPage(int pfn, bool isReclaiming)
    {
        MarkFree(pfn, SingleWord);
        _kernelPages.AddTop(pfn);
        AfterFree(_kernelPages, 1, isReclaiming);
    }

    /// <summary>Frees an order-9 block.</summary>
    /// <inheritdoc cref="Free"/>
    public void FreeBlock(int pfn, bool isReclaiming)
    {
        MarkFree(pfn, BlockWord);
        _blocks.AddTop(pfn);
        AfterFree(_blocks, Geometry.PtesPerTable, isReclaiming);
    }

    /// <summary>drain_pages: everything goes back to the zone.</summary>
    public void Drain() => ReturnToZone(Count, _singles);

    /// <summary>Boot: free pages that the kernel may use, and that user pages are not made of.</summary>
    internal void FillKernelPages(int pages)
    {
        while (pages > 0 && Fill(_kernelPages, Math.Min(pages, _refill.Length)))
        {
            pages -= _refill.Length;
        }
    }

    private void MarkFree(int pfn, uint word)
    {
        if ((_folios.Word(pfn) & (uint)FolioFlags.Buddy) != 0)
        {
            throw new InvariantException($"pfn {pfn} freed twice");
        }

        _folios.SetRawWord(pfn, word);
    }

    private bool Refill(PageDeque list)
    {
        int most = Math.Max(High - Count - Batch, Batch);
        int wanted = Batch << _allocScale;
        if (wanted <= most && _allocScale < MaxScale)
        {
            _allocScale++;
        }

        return Fill(list, Math.Min(wanted, most));
    }

    /// <summary>Takes single pages from the zone, to be used in the zone's order; false when it has none.</summary>
    private bool Fill(PageDeque list, int wanted)
    {
        int got = _zone.AllocatePages(_refill.AsSpan(0, wanted));
        for (int index = got - 1; index >= 0; index--)
        {
            _folios.SetRawWord(_refill[index], SingleWord);
            list.AddTop(_refill[index]);
        }

        return got > 0;
    }

    private void FillBlocks()
    {
        for (int block = 0; block < (Batch > 1 ? 2 : 1) && _zone.TryAllocate(Geometry.PmdOrder, out int head); block++)
        {
            _folios.SetRawWord(head, BlockWord);
            _blocks.AddBottom(head);
        }
    }

    private void AfterFree(PageDeque list, int pages, bool isReclaiming)
    {
        _allocScale >>= 1;
        if (_freed < Batch << MaxScale)
        {
            _freed += pages;
        }

        int high = isReclaiming ? Math.Min(Batch << 2, High) : High;
        if (Count >= high)
        {
            ReturnToZone(Math.Clamp(_freed, Batch, high - Batch), list);
        }
    }

    /// <summary>free_pcppages_bulk: the longest unused ones first, from one list until it is empty, then from the next.</summary>
    private void ReturnToZone(int pages, PageDeque list)
    {
        for (int left = pages; left > 0 && Count > 0; list = Next(list))
        {
            left -= list == _blocks ? ReturnBlocks(left) : ReturnSingles(list, left);
        }
    }

    private PageDeque Next(PageDeque list) => list == _singles ? _kernelPages : list == _kernelPages ? _blocks : _singles;

    private int ReturnBlocks(int pages)
    {
        int returned = 0;
        while (returned < pages && _blocks.Count > 0)
        {
            int head = _blocks.TakeBottom();
            _folios.SetRawWord(head, 0);
            _zone.Free(head, Geometry.PmdOrder);
            returned += Geometry.PtesPerTable;
        }

        return returned;
    }

    /// <summary>Pages that follow each other go back as one run, a block at a time.</summary>
    private int ReturnSingles(PageDeque list, int pages)
    {
        int left = Math.Min(pages, list.Count);
        int returned = left;
        int first = -1;
        int run = 0;
        while (left-- > 0)
        {
            int pfn = list.TakeBottom();
            _folios.SetRawWord(pfn, 0);
            if (run > 0 && pfn == first + run)
            {
                run++;
            }
            else if (run > 0 && pfn == first - 1)
            {
                first--;
                run++;
            }
            else
            {
                _zone.FreeRun(first, run);
                first = pfn;
                run = 1;
            }
        }

        _zone.FreeRun(first, run);
        return returned;
    }
}
