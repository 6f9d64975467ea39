using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Coverage;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Reclaim;

namespace MmActors.Actors.Reclaim;

/// <content>What becomes of the folios of one round: shrink_folio_list (reclaim.md 4.6). The folios go through each decision
/// together, one message per address space and step; pages of a split folio follow in the next wave.</content>
public abstract partial class PageReclaimActor
{
    /// <summary>CM-50: a step of a THP costs about one small page, discarding it 512 × 100 ns.</summary>
    private const double LargeDiscardNs = 51_200;

    private FolioTable Folios => World.Folios;

    private protected IEnumerator<Wait> ShrinkFolios(ReclaimControl control, FolioBatch batch)
    {
        for (int from = 0; from < batch.Count;)
        {
            int end = batch.Count;
            LockFolios(batch, from, end);
            if (!control.IgnoresReferences && batch.Any(FolioStage.Ageing))
            {
                yield return Wait.For(Walk(batch, FolioStage.Ageing));
            }

            yield return Wait.Nanoseconds((end - from) * World.Machine.Costs.LruScanPageNs);
            Judge(batch, control.IgnoresReferences);
            yield return Wait.For(GiveSlots(batch));
            if (batch.Any(FolioStage.Unmapping))
            {
                yield return Wait.For(Walk(batch, FolioStage.Unmapping));
                yield return Wait.Nanoseconds(SortUnmapped(batch));
            }

            yield return Wait.For(WriteFolios(batch));
            from = end;
        }
    }

    /// <summary>4.6 steps 1 and 3.</summary>
    private void LockFolios(FolioBatch batch, int from, int end)
    {
        foreach (ref FolioItem item in batch.Items[from..end])
        {
            if (!Folios.TryLock(item.Head))
            {
                CoverageMarks.Hit(ReclaimMark.FolioLockTaken);
                item.Stage = FolioStage.Kept;
            }
            else if (Folios.Has(item.Head, FolioFlags.Writeback))
            {
                CoverageMarks.Hit(ReclaimMark.FolioUnderWriteback);
                Activate(ref item);
            }
            else
            {
                item.Stage = FolioStage.Ageing;
            }
        }
    }

    /// <summary>4.6 step 4 (RC-25).</summary>
    private void Judge(FolioBatch batch, bool ignoresReferences)
    {
        foreach (ref FolioItem item in batch.Items)
        {
            if (item.Stage != FolioStage.Ageing)
            {
                continue;
            }

            ReferenceVerdict verdict = ReferenceVerdict.Reclaim;
            CoverageMarks.HitIf(ignoresReferences, ReclaimMark.FolioReferencesIgnored);
            if (!ignoresReferences)
            {
                bool wasReferenced = Folios.ClearFlags(item.Head, FolioFlags.Referenced) != 0;
                bool isFile = !Folios.Has(item.Head, FolioFlags.SwapBacked);
                verdict = ReferenceCheck.Decide(item.YoungMappings, wasReferenced, isFile, item.IsContended);
                Folios.SetFlags(
                    item.Head, ReferenceCheck.SetsReferenced(item.YoungMappings) && !item.IsContended
                        ? FolioFlags.Referenced : FolioFlags.None);
            }

            switch (verdict)
            {
                case ReferenceVerdict.Activate:
                    Activate(ref item);
                    break;
                case ReferenceVerdict.Keep:
                    _round.Referenced += item.Pages;
                    Keep(ref item);
                    break;
                default:
                    item.Stage = FolioStage.Reclaiming;
                    break;
            }
        }
    }

    /// <summary>4.6 step 5: swapbacked folios get their slots; what cannot be swapped whole is split.</summary>
    private IEnumerator<Wait> GiveSlots(FolioBatch batch)
    {
        bool needsSlots = false;
        for (int index = 0; index < batch.Count; index++)
        {
            if (batch[index].Stage != FolioStage.Reclaiming)
            {
                continue;
            }

            int head = batch[index].Head;
            if ((Folios.Flags(head) & (FolioFlags.SwapBacked | FolioFlags.SwapCache)) != FolioFlags.SwapBacked)
            {
                batch[index].Stage = FolioStage.Unmapping;
            }
            else if (Folios.IsLarge(head) && Folios.TransientReferences(head) != 1)
            {
                CoverageMarks.Hit(ReclaimMark.FolioLargeHeld);
                Activate(ref batch[index]);
            }
            else if (Folios.IsLarge(head) && Folios.Has(head, FolioFlags.PartiallyMapped))
            {
                CoverageMarks.Hit(ReclaimMark.FolioPartialSplit);
                yield return Wait.For(SplitInto(batch, index));
            }
            else
            {
                needsSlots = true;
            }
        }

        if (!needsSlots)
        {
            yield break;
        }

        if (World.HasSwap)
        {
            World.Swap.Tell(new AssignSlots(batch), Self);
            yield return Wait.Answer;
            Talk.Answer<SlotsAssigned>();
        }

        for (int index = 0; index < batch.Count; index++)
        {
            if (batch[index].Stage is not (FolioStage.NoSlot or FolioStage.Reclaiming))
            {
                continue;
            }

            if (!Folios.IsLarge(batch[index].Head))
            {
                CoverageMarks.Hit(ReclaimMark.FolioNoSlot);
                Activate(ref batch[index]);
                continue;
            }

            CoverageMarks.Hit(ReclaimMark.FolioNoCluster);
            World.Vmstat.Add(VmCounter.ThpSwpOutFallback);
            yield return Wait.For(SplitInto(batch, index));
        }
    }

    /// <summary>Splits an isolated folio: its surviving pages go to the end of the batch, or it is activated.</summary>
    private IEnumerator<Wait> SplitInto(FolioBatch batch, int index)
    {
        int head = batch[index].Head;
        int family = batch[index].Family;
        foreach (IActorRef space in World.Families[family])
        {
            if (!World.Families.TryAsk(family, space, new SplitFolioOf(head, SplitHold.Isolation, Cpu), Self))
            {
                continue;
            }

            yield return Wait.Answer;
            FolioSplitDone done = Talk.Answer<FolioSplitDone>();
            if (done.Outcome == SplitOutcome.Done)
            {
                batch[index].Stage = FolioStage.Split;
                for (int page = done.Alive.NextSet(0); page < Model.Units.Geometry.PtesPerTable; page = done.Alive.NextSet(page + 1))
                {
                    batch.Add(Folios, head + page);
                }

                yield break;
            }

            if (done.Outcome is not null)
            {
                break;
            }
        }

        CoverageMarks.Hit(ReclaimMark.FolioSplitRefused);
        Activate(ref batch[index]);
    }

    /// <summary>Asks every mm that may map one of the folios, ancestors before descendants (RC-32a).</summary>
    private IEnumerator<Wait> Walk(FolioBatch batch, FolioStage stage)
    {
        batch.FamiliesAt(stage, _families);
        for (int family = 0; family < _families.Count; family++)
        {
            foreach (IActorRef space in World.Families[_families[family]])
            {
                object request = stage == FolioStage.Ageing ? new AgeFolios(batch) : new UnmapFolios(batch, Cpu);
                if (!World.Families.TryAsk(_families[family], space, request, Self))
                {
                    continue;
                }

                yield return Wait.Answer;
                Talk.Answer<FoliosWalked>();
            }
        }
    }

    /// <summary>4.6 steps 6…8 for what was unmapped; returns the time it took in nanoseconds.</summary>
    private double SortUnmapped(FolioBatch batch)
    {
        double costNs = 0;
        foreach (ref FolioItem item in batch.Items)
        {
            if (item.Stage != FolioStage.Unmapping)
            {
                continue;
            }

            FolioFlags flags = Folios.Flags(item.Head);
            bool isLazyfree = (flags & FolioFlags.SwapBacked) == 0;
            bool isDirty = (flags & FolioFlags.Dirty) != 0;
            costNs += !isLazyfree ? 0 : item.Pages > 1 ? LargeDiscardNs : World.Machine.Costs.LazyfreeDiscardNs;
            if (Folios.MapCount(item.Head) > 0)
            {
                CoverageMarks.Hit(ReclaimMark.FolioStillMapped);
                _round.StillMapped += item.Pages;
                Activate(ref item);
            }
            else if (isLazyfree && isDirty)
            {
                CoverageMarks.Hit(ReclaimMark.FolioDroppableDirty);
                Activate(ref item); // RC-33: a droppable one; nothing holds it, so its put-back frees it
            }
            else if (!isLazyfree && (flags & FolioFlags.SwapCache) == 0)
            {
                Keep(ref item); // written since MADV_FREE and then unmapped by its owner: no place in swap, its put-back frees it
            }
            else if (!isLazyfree)
            {
                CoverageMarks.HitIf(!isDirty, ReclaimMark.FolioCleanInCache);
                item.Stage = isDirty ? FolioStage.Writing : FolioStage.Leaving;
            }
            else if (Folios.TransientReferences(item.Head) == 1)
            {
                CoverageMarks.Hit(ReclaimMark.FolioLazyfreeFreed);
                World.Vmstat.Add(VmCounter.PgLazyfreed, item.Pages);
                Free(ref item);
            }
            else
            {
                CoverageMarks.Hit(ReclaimMark.FolioLazyfreeHeld);
                Keep(ref item);
            }
        }

        return costNs;
    }

    /// <summary>4.6 steps 7 and 8 for swapbacked folios (RC-36).</summary>
    private IEnumerator<Wait> WriteFolios(FolioBatch batch)
    {
        if (batch.Any(FolioStage.Writing))
        {
            foreach (ref readonly FolioItem item in batch.Items)
            {
                _round.Written += item.Stage == FolioStage.Writing ? item.Pages : 0;
            }

            EmitWritten(batch);

            World.Swap.Tell(new WriteOut(batch), Self);
            yield return Wait.Answer;
            yield return Wait.Nanoseconds(Talk.Answer<WrittenOut>().CostNs);
        }

        if (batch.Any(FolioStage.Leaving))
        {
            World.Swap.Tell(new LeaveCache(batch), Self);
            yield return Wait.Answer;
            Talk.Answer<CacheLeft>();
        }

        foreach (ref FolioItem item in batch.Items)
        {
            if (item.Stage is FolioStage.Writing or FolioStage.Leaving)
            {
                Keep(ref item);
            }
            else if (item.Stage == FolioStage.Freed && Folios.Has(item.Head, FolioFlags.Locked))
            {
                Free(ref item);
            }
        }
    }

    private void EmitWritten(FolioBatch batch)
    {
        if (!World.Events.FollowsSteps)
        {
            return;
        }

        foreach (ref readonly FolioItem item in batch.Items)
        {
            if (item.Stage == FolioStage.Writing)
            {
                World.Events.EmitStep(new KernelEvent
                {
                    Time = Now,
                    Kind = KernelEventKind.FolioWritten,
                    Pfn = item.Head,
                    Amount = item.Pages,
                    By = By,
                });
            }
        }
    }

    private void Free(ref FolioItem item)
    {
        Folios.Unlock(item.Head);
        _round.Reclaimed += item.Pages;
        item.Stage = FolioStage.Freed;
    }

    private void Keep(ref FolioItem item)
    {
        Folios.Unlock(item.Head);
        item.Stage = FolioStage.Kept;
    }

    private void Activate(ref FolioItem item)
    {
        Folios.SetFlags(item.Head, FolioFlags.Active);
        World.Vmstat.Add(VmCounter.PgActivate, item.Pages);
        _round.Activated += item.Pages;
        _round.ActivatedFile += Folios.Has(item.Head, FolioFlags.SwapBacked) ? 0 : item.Pages;
        Folios.Unlock(item.Head);
        item.Stage = FolioStage.Activated;
    }
}
