using MmActors.Model.Reclaim;
using MmActors.Model.Units;

namespace MmActors.Model.Memory;

/// <content>The lru_lock side: batches, isolation and put-back.</content>
public sealed partial class MemoryNode
{
    /// <summary>New pages that wait in per-CPU add batches; a large folio never waits.</summary>
    public int PagesInAddBatches
    {
        get
        {
            int pages = 0;
            foreach (CpuBatches batches in _batches)
            {
                pages += batches.Add.Count;
            }

            return pages;
        }
    }

    /// <summary>Pages taken off the LRU by somebody who still holds them.</summary>
    public long IsolatedPages { get; private set; }

    /// <summary>folio_add_lru: small folios wait in the CPU's batch, large ones go on the list at once (SM-15). Each comes
    /// with the transient reference its mapper took for the batch, so that it cannot be freed on the way.</summary>
    public void LruAdd(int cpu, ReadOnlySpan<int> heads)
    {
        LruBatch batch = _batches[cpu].Add;
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
        LruBatch batch = _batches[cpu].Lazyfree;
        foreach (int head in heads)
        {
            const FolioFlags Relevant = FolioFlags.SwapBacked | FolioFlags.SwapCache | FolioFlags.Unevictable | FolioFlags.Lru;
            if ((Folios.Flags(head) & Relevant) != (FolioFlags.SwapBacked | FolioFlags.Lru) || !Folios.TryGet(head))
            {
                continue;
            }

            if (batch.Push(head) || Folios.IsLarge(head))
            {
                ExecuteLazyfree(batch);
            }
        }
    }

    /// <summary>folio_deactivate for active folios that MADV_COLD aged (T25).</summary>
    public void Deactivate(int cpu, ReadOnlySpan<int> heads)
    {
        LruBatch batch = _batches[cpu].Deactivate;
        foreach (int head in heads)
        {
            if (!Folios.Has(head, FolioFlags.Active | FolioFlags.Lru) || !Folios.TryGet(head))
            {
                continue;
            }

            if (batch.Push(head) || Folios.IsLarge(head))
            {
                ExecuteDeactivate(batch);
            }
        }
    }

    /// <summary>lru_add_drain: executes this CPU's batches.</summary>
    public void Drain(int cpu)
    {
        RunOn(cpu);
        ExecuteAdd(_batches[cpu].Add);
        ExecuteDeactivate(_batches[cpu].Deactivate);
        ExecuteLazyfree(_batches[cpu].Lazyfree);
    }

    /// <summary>lru_add_drain_all.</summary>
    public void DrainAll()
    {
        for (int cpu = 0; cpu < _batches.Length; cpu++)
        {
            Drain(cpu);
        }
    }

    /// <summary>Unlinks folios whose LRU flag and reference the isolating actor already took (KH 2.9 step 9).</summary>
    /// <param name="heads">The folios.</param>
    /// <param name="deactivate">They are inactive from now on (RC-41).</param>
    public void FinishIsolation(ReadOnlySpan<int> heads, bool deactivate = false)
    {
        foreach (int head in heads)
        {
            LruOf(head).Remove(head);
            IsolatedPages += Folios.FolioPages(head);
            Folios.ClearFlags(head, deactivate ? FolioFlags.Active : FolioFlags.None);
        }
    }

    /// <summary>RC-21: takes folios from the tail of a list, oldest first, until at least so many pages were looked at. A
    /// folio that somebody else is taking is turned to the head.</summary>
    /// <param name="memcg">Whose list.</param>
    /// <param name="kind">Which list.</param>
    /// <param name="pages">Pages to look at; a large folio may exceed it.</param>
    /// <param name="heads">Receives the folios, each with a reference and without its LRU flag.</param>
    /// <returns>Pages looked at and pages taken.</returns>
    public (int Scanned, int Taken) Isolate(Memcg memcg, LruKind kind, int pages, FolioBatch heads)
    {
        LruLists lru = memcg.Lru;
        int scanned = 0;
        int taken = 0;
        for (int head = lru.Tail(kind); head >= 0 && scanned < pages; head = lru.Tail(kind))
        {
            int size = Folios.FolioPages(head);
            scanned += size;
            if (!Folios.TryIsolate(head))
            {
                lru.MoveToHead(head);
            }
            else
            {
                lru.Remove(head);
                IsolatedPages += size;
                taken += size;
                heads.Add(Folios, head);
            }

            if (scanned >= lru.Pages(kind) + taken)
            {
                break; // every folio was met once
            }
        }

        return (scanned, taken);
    }

    /// <summary>putback_lru_page: isolated folios return to the head of the list their flags name (KH-38, RC-21), or are
    /// freed when nobody maps them any more.</summary>
    public void PutBack(ReadOnlySpan<int> heads)
    {
        foreach (int head in heads)
        {
            IsolatedPages -= Folios.FolioPages(head);
            if (Folios.TryPutLast(head))
            {
                Free(head);
                continue;
            }

            LruOf(head).Add(head);
            if (Folios.Put(head))
            {
                Free(head);
            }
        }
    }

    /// <summary>T17a: survivors of MADV_PAGEOUT return through the CPU's add batch; the isolation's reference becomes the
    /// batch's.</summary>
    public void PutBackThroughBatch(int cpu, ReadOnlySpan<int> heads)
    {
        foreach (int head in heads)
        {
            int pages = Folios.FolioPages(head);
            IsolatedPages -= pages;
            if (Folios.TryPutLast(head))
            {
                Free(head);
                continue;
            }

            InFlightPages += pages;
            LruAdd(cpu, [head]);
        }
    }

    /// <summary>RC-38: decides, before it is put on the LRU, where a page that came back from swap goes.</summary>
    public void NoteRefault(in Refault refault)
    {
        Memcg group = _memcgs[Folios.Owner(refault.Pfn).Memcg];
        bool recent = WorkingSet.IsRecent(group.NonresidentAge, refault.EvictedAt, group.Stale, SwapHasRoom());
        _vmstat.Add(VmCounter.WorkingsetRefaultAnon);
        group.NoteRefault(1, recent, refault.WasWorkingset);
        if (!recent)
        {
            return;
        }

        Folios.SetFlags(refault.Pfn, FolioFlags.Active | (refault.WasWorkingset ? FolioFlags.Workingset : FolioFlags.None));
        _vmstat.Add(VmCounter.WorkingsetActivateAnon);
        _vmstat.Add(VmCounter.WorkingsetRestoreAnon, refault.WasWorkingset ? 1 : 0);
    }

    /// <summary>The swap-out of these folios is complete: they move to the end that reclaim takes next (RC-36).</summary>
    public void EndWriteback(ReadOnlySpan<int> heads)
    {
        foreach (int head in heads)
        {
            FolioFlags flags = Folios.Flags(head);
            if ((flags & FolioFlags.Lru) != 0 && (flags & FolioFlags.Active) == 0)
            {
                LruOf(head).MoveToTail(head);
                _vmstat.Add(VmCounter.PgRotated, Folios.FolioPages(head));
            }
        }
    }

    /// <summary>DS-21: a split folio's subpages take its place on the LRU, page 0 nearest the tail; the unmapped and
    /// the zero-filled ones are freed.</summary>
    /// <param name="split">The folio that was split and what became of its pages.</param>
    public void FinishSplit(FolioSplit split)
    {
        NoteLeaving(split.Head, split.Flags);
        LruLists lru = LruOf(split.Head);
        int successor = split.WasOnLru ? lru.After(split.Head) : -1;
        if (split.WasOnLru)
        {
            lru.RemoveAs(split.Head, LruLists.KindOf(split.Flags), Geometry.PtesPerTable);
        }

        int freed = split.Freed.Count();
        IsolatedPages -= split.IsIsolated ? freed : 0;
        Uncharge(split.Head, freed);
        for (int index = Geometry.PtesPerTable - 1; index >= 0;)
        {
            int run = split.Freed.RunEndingAt(index);
            if (run > 0)
            {
                for (; run > 0; run--, index--)
                {
                    FreeSingle(split.Head + index);
                }

                continue;
            }

            if (split.WasOnLru)
            {
                lru.AddBefore(successor, split.Head + index);
            }

            index--;
        }
    }

    private LruLists LruOf(int head) => _memcgs[Folios.Owner(head).Memcg].Lru;

    private void ExecuteAdd(LruBatch batch)
    {
        foreach (int head in batch.Heads)
        {
            LruOf(head).Add(head);
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
                LruLists lru = LruOf(head);
                lru.Remove(head);
                Folios.ClearFlags(head, FolioFlags.SwapBacked | FolioFlags.Active | FolioFlags.Referenced);
                lru.Add(head);
                _vmstat.Add(VmCounter.PgLazyfree, Folios.FolioPages(head));
            }

            DropBatchReference(head);
        }

        batch.Clear();
    }

    private void ExecuteDeactivate(LruBatch batch)
    {
        foreach (int head in batch.Heads)
        {
            const FolioFlags Relevant = FolioFlags.Active | FolioFlags.Unevictable;
            if ((Folios.Flags(head) & Relevant) == FolioFlags.Active && Folios.TestClearLru(head))
            {
                LruLists lru = LruOf(head);
                lru.Remove(head);
                Folios.ClearFlags(head, FolioFlags.Active | FolioFlags.Referenced);
                lru.Add(head);
                _vmstat.Add(VmCounter.PgDeactivate, Folios.FolioPages(head));
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

    /// <summary>One CPU's batches, in the order in which a drain executes them.</summary>
    private sealed class CpuBatches
    {
        public LruBatch Add { get; } = new();

        public LruBatch Deactivate { get; } = new();

        public LruBatch Lazyfree { get; } = new();
    }
}
