using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Actors.Reclaim;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Coverage;
using MmActors.Model.Events;
using MmActors.Model.Injection;
using MmActors.Model.Memory;
using MmActors.Model.Reclaim;
using MmActors.Model.Units;

namespace MmActors.Actors;

/// <summary>The deferred split queues and their shrinker (deferred-split.md): one FIFO and one nr_deferred per memory
/// cgroup. New THPs and partially mapped ones wait here; under pressure they are looked at once, and split or dropped.</summary>
public sealed class DeferredSplitShrinkerActor : MmActor
{
    private readonly DeferredSplitQueues _queues;
    private readonly Queue<(ShrinkSlab Request, IActorRef From)> _waiting = new();
    private readonly Conversation _talk;
    private readonly byte[] _contents = new byte[Geometry.PtesPerTable];

    /// <summary>Takes ownership of the queues.</summary>
    public DeferredSplitShrinkerActor(WorldContext world, DeferredSplitQueues queues)
        : base(world)
    {
        _queues = queues;
        _talk = new Conversation(After);
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case QueueForSplit request:
                Enqueue(request.Tracked);
                Enqueue(request.PartiallyMapped);
                break;
            case LeaveSplitQueue leaving:
                _queues.Remove(leaving.Head);
                break;
            case ShrinkSlab request:
                _waiting.Enqueue((request, Sender));
                StartNext();
                break;
            default:
                _talk.Resume(message);
                StartNext();
                break;
        }
    }

    private void Enqueue(PageBuffer? heads)
    {
        foreach (int head in heads is null ? [] : heads.Pages)
        {
            // Freed before the news of its queueing came, it is not queued: the word that it has left may have overtaken it.
            if (World.Folios.Has(head, FolioFlags.DeferredQueued))
            {
                _queues.Of(World.Folios.Owner(head).Memcg).Add(head);
            }
        }
    }

    private void StartNext()
    {
        while (!_talk.IsRunning && _waiting.TryDequeue(out (ShrinkSlab Request, IActorRef From) next))
        {
            if (_queues.Of(next.Request.Group).Length == 0)
            {
                CoverageMarks.Hit(ReclaimMark.QueueEmpty);
                next.From.Tell(new SlabShrunk(0, 0), Self); // DS-8: not even a trace line
            }
            else
            {
                _talk.Start(Shrink(next.Request, next.From));
            }
        }
    }

    /// <summary>DS-9: how much, in calls of at most 128.</summary>
    private IEnumerator<Wait> Shrink(ShrinkSlab request, IActorRef from)
    {
        DeferredSplitQueue queue = _queues.Of(request.Group);
        long objects = queue.Length;
        long deferred = queue.TakeDeferred();
        var amount = new SlabScan(objects, deferred, request.Priority);
        EmitBegin(request, objects, deferred, amount);
        int splits = 0;
        while (amount.TryNext(out int scan))
        {
            List<int> picked = Pick(queue, scan);
            int before = splits;
            for (int index = picked.Count - 1; index >= 0; index--)
            {
                int head = picked[index]; // DS-13: last picked first
                bool partial = World.Folios.Has(head, FolioFlags.PartiallyMapped);
                bool underused = !partial && IsUnderused(head, out double costNs);
                yield return Wait.Nanoseconds(partial ? 0 : _testNs);
                bool split = false;
                bool locked = (partial || underused) && World.Folios.TryLock(head);
                CoverageMarks.HitIf((partial || underused) && !locked, ReclaimMark.EntryLocked);
                if (locked)
                {
                    yield return Wait.For(Split(head, request.Cpu));
                    split = _splitSucceeded;
                }

                splits += split ? 1 : 0;
                CoverageMarks.HitIf(split, partial ? ReclaimMark.EntryPartialSplit : ReclaimMark.EntryUnderusedSplit);
                CoverageMarks.HitIf(locked && !split, ReclaimMark.EntrySplitFails);
                World.Vmstat.Add(VmCounter.ThpUnderusedSplitPage, split && underused ? 1 : 0);
                EmitWalk(request, head, partial, underused, split ? Geometry.PtesPerTable - _alive : -1);
                if (!split)
                {
                    Settle(queue, head, partial);
                }
            }

            if (splits == before && queue.Length == 0)
            {
                amount.Stop(); // DS-15
                break;
            }

            amount.Accept();
        }

        World.Vmstat.Add(VmCounter.SlabsScanned, amount.Scanned);
        queue.Deferred += amount.NewDeferred();
        EmitShrink(request, objects, deferred, amount, splits);
        from.Tell(new SlabShrunk(splits, amount.Scanned), Self);
    }

    private bool _splitSucceeded;
    private double _testNs;
    private int _alive;

    /// <summary>DS-12: takes entries from the head of the queue, each with a reference; one that is being freed leaves.</summary>
    private List<int> Pick(DeferredSplitQueue queue, int most)
    {
        List<int> picked = [];
        foreach (int head in queue.TakeFirst(most))
        {
            if (!World.Folios.TryGet(head))
            {
                CoverageMarks.Hit(ReclaimMark.EntryBeingFreed);
            }
            else if (World.Folios.IsLarge(head))
            {
                picked.Add(head);
            }
            else if (World.Folios.Put(head)) // freed and used again before the word that it left the queue arrived here
            {
                FreeFolio(head);
            }
        }

        return picked;
    }

    private void FreeFolio(int head)
    {
        var work = new NodeWork();
        work.Freed.Add(head);
        World.Node.Tell(new DoWork(work, 0, 0), Self);
    }

    /// <summary>DS-16…18: without any lock.</summary>
    private bool IsUnderused(int head, out double costNs)
    {
        World.Folios.CopyContent(head, _contents);
        bool underused = UnderusedTest.IsUnderused(_contents, World.Thp.MaxPtesNone, out int examined);
        int zeros = _contents.AsSpan(0, examined).Count(ContentTag.Zero);
        _testNs = costNs = (zeros * World.Machine.Costs.ZeroTestNs) + ((examined - zeros) * World.Machine.Costs.NonzeroTestNs);
        return underused;
    }

    /// <summary>DS-13.3: the address space that maps the locked folio splits it.</summary>
    private IEnumerator<Wait> Split(int head, int cpu)
    {
        _splitSucceeded = false;
        int family = World.Folios.Owner(head).Family;
        SplitOutcome? outcome = null;
        foreach (IActorRef space in World.Families[family])
        {
            if (!World.Families.TryAsk(family, space, new SplitFolioOf(head, SplitHold.LockAndReference, cpu), Self))
            {
                continue;
            }

            yield return Wait.Answer;
            FolioSplitDone done = _talk.Answer<FolioSplitDone>();
            outcome = done.Outcome;
            _alive = done.Alive.Count();
            if (outcome is not null)
            {
                break;
            }
        }

        _splitSucceeded = outcome == SplitOutcome.Done;
        if (_splitSucceeded)
        {
            yield return Wait.Nanoseconds(World.Machine.Costs.FolioSplitNs);
        }
        else
        {
            World.Folios.Unlock(head);
        }
    }

    /// <summary>DS-14: what was not split leaves for good, unless it is partially mapped.</summary>
    private void Settle(DeferredSplitQueue queue, int head, bool wasPartial)
    {
        bool isPartial = wasPartial || World.Folios.Has(head, FolioFlags.PartiallyMapped);
        CoverageMarks.Hit(isPartial ? ReclaimMark.EntryRequeued : ReclaimMark.EntryDropped);
        if (isPartial)
        {
            queue.Add(head);
        }
        else
        {
            World.Folios.ClearFlags(head, FolioFlags.DeferredQueued);
        }

        if (World.Folios.Put(head))
        {
            CoverageMarks.Hit(ReclaimMark.EntryLastReference);
            if (World.Folios.Planted == PlantedBug.QueuedAfterFree)
            {
                World.Folios.ClearFlags(head, FolioFlags.DeferredQueued);
            }
            else
            {
                queue.Remove(head);
            }

            FreeFolio(head);
        }
    }

    private void EmitWalk(ShrinkSlab request, int head, bool partial, bool underused, int pagesFreed) => Emit(new KernelEvent
    {
        Time = Now,
        Kind = KernelEventKind.DeferredSplit,
        Mm = request.Group,
        By = request.By,
        Pfn = head,
        Flag = pagesFreed >= 0,
        Amount = Math.Max(0, pagesFreed),
        Referenced = partial ? 1 : 0,
        NoneOrZero = underused ? 1 : 0,
    });

    private void EmitBegin(ShrinkSlab request, long objects, long deferred, SlabScan amount)
    {
        if (World.Events.FollowsSteps)
        {
            World.Events.EmitStep(new KernelEvent
            {
                Time = Now,
                Kind = KernelEventKind.ShrinkSlabBegin,
                Mm = request.Group,
                Pfn = request.Priority,
                Address = objects,
                Referenced = (int)deferred,
                NoneOrZero = (int)amount.Delta,
                Amount = amount.Total,
                By = request.By,
                Origin = request.Origin,
            });
        }
    }

    private void EmitShrink(ShrinkSlab request, long objects, long deferred, SlabScan amount, int splits) => Emit(new KernelEvent
    {
        Time = Now,
        Kind = KernelEventKind.ShrinkSlab,
        Mm = request.Group,
        Pfn = request.Priority,
        Address = objects,
        Referenced = (int)deferred,
        NoneOrZero = (int)amount.Delta,
        Unmapped = splits,
        Amount = amount.Total,
        Extra = amount.NewDeferred(),
        By = request.By,
        Origin = request.Origin,
        More = (int)amount.Scanned,
    });
}
