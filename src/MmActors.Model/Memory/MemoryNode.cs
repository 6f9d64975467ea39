using MmActors.Model.Units;

namespace MmActors.Model.Memory;

/// <summary>One memory node: free blocks, LRU lists and per-CPU LRU batches (zone lock and lru_lock of the kernel).
/// Owned by one actor; only the <see cref="FolioTable"/> is shared.</summary>
public sealed class MemoryNode
{
    private const int LruListCount = 5;

    private readonly VmStat _vmstat;
    private readonly BuddyAllocator _buddy;
    private readonly LruBatch[] _addBatches;
    private readonly LruBatch[] _lazyfreeBatches;
    private readonly List<int> _leftSplitQueue = [];

    /// <summary>Creates a node whose pages are all free.</summary>
    /// <param name="folios">Its page array.</param>
    /// <param name="cpus">Number of CPUs, each with its own batches.</param>
    /// <param name="khugepagedMayRun">Raises the watermarks as RC-2 says.</param>
    /// <param name="vmstat">Counters to bump.</param>
    public MemoryNode(FolioTable folios, int cpus, bool khugepagedMayRun, VmStat vmstat)
    {
        Folios = folios;
        _vmstat = vmstat;
        var lists = new PageLists(folios.Pages, LruListCount + BuddyAllocator.MaxOrder + 1);
        Lru = new LruLists(folios, lists, 0);
        _buddy = new BuddyAllocator(folios, lists, LruListCount);
        Marks = Watermarks.For(folios.Pages, khugepagedMayRun);
        _addBatches = NewBatches(cpus);
        _lazyfreeBatches = NewBatches(cpus);
    }

    /// <summary>The shared page array.</summary>
    public FolioTable Folios { get; }

    /// <summary>The LRU lists.</summary>
    public LruLists Lru { get; }

    /// <summary>The zone's watermarks.</summary>
    public Watermarks Marks { get; }

    /// <summary>nr_free_pages.</summary>
    public int FreePages => _buddy.FreePages;

    /// <summary>New pages that wait in per-CPU add batches; a large folio never waits.</summary>
    public int PagesInAddBatches => _addBatches.Sum(static batch => batch.Count);

    /// <summary>Allocated pages that their new owner has not put on the LRU yet.</summary>
    public long InFlightPages { get; private set; }

    /// <summary>Pages taken off the LRU by somebody who still holds them.</summary>
    public long IsolatedPages { get; private set; }

    /// <summary>Queued order-9 folios that were freed or split since they were last asked for (DS-6), in order.</summary>
    public IReadOnlyList<int> TakeLeftSplitQueue()
    {
        if (_leftSplitQueue.Count == 0)
        {
            return [];
        }

        int[] left = [.. _leftSplitQueue];
        _leftSplitQueue.Clear();
        return left;
    }

    /// <summary>Allocates single pages; false (and nothing allocated) when the min watermark forbids it (RC-6).</summary>
    public bool TryAllocatePages(Span<int> pages)
    {
        if (FreePages - pages.Length <= Marks.Min)
        {
            return false;
        }

        int got = _buddy.AllocatePages(pages);
        InFlightPages += got;
        return got == pages.Length ? true : throw new InvariantException($"{pages.Length} pages free, {got} found");
    }

    /// <summary>Allocates an order-9 block; false when there is none or the watermark forbids it (RC-4).</summary>
    public bool TryAllocateHuge(out int head)
    {
        head = -1;
        if (FreePages - Geometry.PtesPerTable <= Marks.Min || !_buddy.TryAllocate(Geometry.PmdOrder, out head))
        {
            return false;
        }

        InFlightPages += Geometry.PtesPerTable;
        return true;
    }

    /// <summary>Takes back pages that were allocated but never mapped.</summary>
    public void Return(ReadOnlySpan<int> pages)
    {
        InFlightPages -= pages.Length;
        foreach (int pfn in pages)
        {
            _buddy.Free(pfn, 0);
        }
    }

    /// <summary>Takes back an order-9 page that was allocated but never mapped (KH-31).</summary>
    public void ReturnHuge(int head)
    {
        InFlightPages -= Geometry.PtesPerTable;
        _buddy.Free(head, Geometry.PmdOrder);
    }

    /// <summary>folio_add_lru: small folios wait in the CPU's batch, large ones go on the list at once (SM-15). Each comes
    /// with the transient reference its mapper took for the batch, so that it cannot be freed on the way.</summary>
    public void LruAdd(int cpu, ReadOnlySpan<int> heads)
    {
        LruBatch batch = _addBatches[cpu];
        foreach (int head in heads)
        {
            InFlightPages -= Folios.FolioPages(head);
            if (batch.Push(head) || Folios.IsLarge(head))
            {
                ExecuteAdd(batch);
            }
        }
    }

    /// <summary>folio_mark_lazyfree for folios whose PTEs were just cleaned (T8, T10).</summary>
    public void MarkLazyfree(int cpu, ReadOnlySpan<int> heads)
    {
        LruBatch batch = _lazyfreeBatches[cpu];
        foreach (int head in heads)
        {
            const FolioFlags Relevant = FolioFlags.SwapBacked | FolioFlags.SwapCache | FolioFlags.Unevictable | FolioFlags.Lru;
            if ((Folios.Flags(head) & Relevant) != (FolioFlags.SwapBacked | FolioFlags.Lru))
            {
                continue;
            }

            Folios.Get(head);
            if (batch.Push(head) || Folios.IsLarge(head))
            {
                ExecuteLazyfree(batch);
            }
        }
    }

    /// <summary>lru_add_drain: executes this CPU's batches.</summary>
    public void Drain(int cpu)
    {
        ExecuteAdd(_addBatches[cpu]);
        ExecuteLazyfree(_lazyfreeBatches[cpu]);
    }

    /// <summary>lru_add_drain_all.</summary>
    public void DrainAll()
    {
        for (int cpu = 0; cpu < _addBatches.Length; cpu++)
        {
            Drain(cpu);
        }
    }

    /// <summary>Unlinks folios whose LRU flag and reference the isolating actor already took (KH 2.9 step 9).</summary>
    public void FinishIsolation(ReadOnlySpan<int> heads)
    {
        foreach (int head in heads)
        {
            Lru.Remove(head);
            IsolatedPages += Folios.FolioPages(head);
        }
    }

    /// <summary>putback_lru_page: isolated folios return to the head of the list their flags name (KH-38), or are
    /// freed when nobody maps them any more.</summary>
    public void PutBack(ReadOnlySpan<int> heads)
    {
        foreach (int head in heads)
        {
            IsolatedPages -= Folios.FolioPages(head);
            if (Folios.IsHeldOnlyBy(head, transientReferences: 1))
            {
                Folios.Put(head);
                Free(head);
                continue;
            }

            Lru.Add(head);
            if (Folios.Put(head))
            {
                Free(head);
            }
        }
    }

    /// <summary>Frees folios whose last reference the caller dropped.</summary>
    public void FreeAll(ReadOnlySpan<int> heads)
    {
        foreach (int head in heads)
        {
            Free(head);
        }
    }

    /// <summary>DS-21: a split folio's subpages take its place on the LRU, page 0 nearest the tail; the unmapped and
    /// the zero-filled ones are freed.</summary>
    /// <param name="split">The folio that was split and what became of its pages.</param>
    public void FinishSplit(FolioSplit split)
    {
        NoteLeaving(split.Head, split.Flags);
        int successor = split.WasOnLru ? Lru.After(split.Head) : -1;
        if (split.WasOnLru)
        {
            Lru.RemoveAs(split.Head, LruLists.KindOf(split.Flags), Geometry.PtesPerTable);
        }

        for (int index = Geometry.PtesPerTable - 1; index >= 0; index--)
        {
            int pfn = split.Head + index;
            if (split.Freed.Has(index))
            {
                Folios.SetRawWord(pfn, 0);
                _buddy.Free(pfn, 0);
            }
            else if (split.WasOnLru)
            {
                Lru.AddBefore(successor, pfn);
            }
        }
    }

    private static LruBatch[] NewBatches(int cpus) => [.. Enumerable.Range(0, cpus).Select(_ => new LruBatch())];

    private void Free(int head)
    {
        FolioFlags flags = Folios.Flags(head);
        if ((flags & FolioFlags.Lru) != 0)
        {
            Folios.ClearFlags(head, FolioFlags.Lru);
            Lru.Remove(head);
        }

        if ((flags & FolioFlags.Buddy) != 0)
        {
            throw new InvariantException($"pfn {head} freed twice");
        }

        NoteLeaving(head, flags);
        if (Folios.IsLarge(head))
        {
            Folios.SetRawWords(head, Folios.HasPageWords(head) ? Geometry.PtesPerTable : 1, 0);
            Folios.DissolveLarge(head);
            _buddy.Free(head, Geometry.PmdOrder);
        }
        else
        {
            Folios.SetRawWord(head, 0);
            _buddy.Free(head, 0);
        }
    }

    private void NoteLeaving(int head, FolioFlags flags)
    {
        if ((flags & FolioFlags.DeferredQueued) != 0)
        {
            _leftSplitQueue.Add(head);
        }
    }

    private void ExecuteAdd(LruBatch batch)
    {
        foreach (int head in batch.Heads)
        {
            Lru.Add(head);
            DropBatchReference(head);
        }

        batch.Clear();
    }

    private void ExecuteLazyfree(LruBatch batch)
    {
        foreach (int head in batch.Heads)
        {
            const FolioFlags Relevant = FolioFlags.SwapBacked | FolioFlags.SwapCache | FolioFlags.Unevictable;
            if ((Folios.Flags(head) & Relevant) == FolioFlags.SwapBacked && Folios.TestClearLru(head))
            {
                Lru.Remove(head);
                Folios.ClearFlags(head, FolioFlags.SwapBacked | FolioFlags.Active | FolioFlags.Referenced);
                Lru.Add(head);
                _vmstat.Add(VmCounter.PgLazyfree, Folios.FolioPages(head));
            }

            DropBatchReference(head);
        }

        batch.Clear();
    }

    private void DropBatchReference(int head)
    {
        if (Folios.Put(head))
        {
            Free(head);
        }
    }
}
