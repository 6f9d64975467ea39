using Akka.Actor;
using MmActors.Actors.Operations;
using MmActors.Actors.Protocol;
using MmActors.Actors.Reclaim;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Injection;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Actors;

/// <content>The address space's side of reclaim: rmap walks, splits, the slow path of its own allocations, and the OOM
/// killer's reaping. None of the walks takes mmap_lock (khugepaged.md 2.8).</content>
public sealed partial class AddressSpaceActor
{
    private readonly Dictionary<int, IActorRef> _slowPaths = [];

    /// <summary>The reclaim context of the task that runs on this CPU, made when first needed.</summary>
    internal IActorRef SlowPath(int cpu)
    {
        if (!_slowPaths.TryGetValue(cpu, out IActorRef? context))
        {
            context = Context.ActorOf(
                Props.Create<DirectReclaimActor>(World, cpu, Reclaimer.Direct, Mm.Id), $"reclaim-{cpu}");
            _slowPaths.Add(cpu, context);
        }

        return context;
    }

    private void OnReclaim(object message)
    {
        switch (message)
        {
            case AgeFolios age:
                SortedDictionary<long, RangeImage>? beforeAgeing = FollowedRanges(age.Batch, FolioStage.Ageing);
                OnAge(age.Batch);
                EmitWalk(beforeAgeing, FolioStage.Ageing);
                Sender.Tell(new FoliosWalked(age.Batch), Self);
                break;
            case UnmapFolios unmap:
                SortedDictionary<long, RangeImage>? beforeUnmap = FollowedRanges(unmap.Batch, FolioStage.Unmapping);
                OnUnmap(unmap.Batch, unmap.Cpu);
                EmitWalk(beforeUnmap, FolioStage.Unmapping);
                Sender.Tell(new FoliosWalked(unmap.Batch), Self);
                break;
            case MovePages move:
                Migration.Move(Mm, move.Block);
                Sender.Tell(new PagesMoved(), Self);
                break;
            case SplitFolioOf split:
                Sender.Tell(OnSplit(split), Self);
                break;
            case FilledByFork filled:
                SendWork(new NodeWork(), filled.Cpu, 0); // its page tables
                break;
            case ReapMemory:
                OnReap();
                break;
            case GrantDue:
                GrantWaiters();
                break;
            case LastMessage:
                Stop();
                break;
            default:
                OnKhugepaged(message);
                break;
        }
    }

    private void OnAge(FolioBatch batch)
    {
        foreach (ref FolioItem item in batch.Items)
        {
            if (item.Stage != FolioStage.Ageing || item.Family != Mm.Family)
            {
                continue;
            }

            item.LookedClean = Mm.Folios.Planted == PlantedBug.LostRedirty && ReverseMap.LooksClean(Mm, item.Head);
            AgeOutcome outcome = ReverseMap.Age(Mm, item.Head);
            item.YoungMappings += (byte)(outcome == AgeOutcome.Young ? 1 : 0);
            item.IsContended |= outcome == AgeOutcome.Contended;
            if (outcome is AgeOutcome.Young or AgeOutcome.Old
                && Mm.Folios.ClearFlags(item.Head, FolioFlags.Young) != 0 && outcome == AgeOutcome.Old)
            {
                item.YoungMappings++; // Y counts like an accessed bit (RC-25)
            }
        }
    }

    private void OnUnmap(FolioBatch batch, int cpu)
    {
        var work = new NodeWork();
        foreach (ref FolioItem item in batch.Items)
        {
            if (item.Stage == FolioStage.Unmapping && item.Family == Mm.Family && !item.IsStopped)
            {
                if (item.LookedClean)
                {
                    ReverseMap.OverlookWrites(Mm, item.Head);
                }

                item.IsStopped = ReverseMap.Unmap(Mm, item.Head, work) == UnmapOutcome.Stopped;
            }
        }

        SendWork(work, cpu, 0);
    }

    private FolioSplitDone OnSplit(SplitFolioOf request)
    {
        long address = Mm.Folios.Owner(request.Head).Address;
        if (!ReverseMap.Maps(Mm, request.Head, address))
        {
            return new FolioSplitDone(null, Bits512.None);
        }

        var work = new NodeWork();
        SplitOutcome outcome = Splitting.SplitFolio(
            Mm, ref Mm.Directory.Find(address), request.Head, work, request.Hold);
        Bits512 alive = outcome == SplitOutcome.Done ? ~work.Splits[^1].Freed : Bits512.None;
        SendWork(work, request.Cpu, 0);
        if (outcome == SplitOutcome.Done)
        {
            EmitDetail(
                KernelEventKind.Split, Geometry.PmdFloor(address), alive.Count(), flag: request.Hold == SplitHold.LockAndReference);
        }

        return new FolioSplitDone(outcome, alive);
    }

    /// <summary>A refused allocation goes on in the slow path, unless it may not reclaim or was there already.</summary>
    private void OnPages(PagesAllocated answer)
    {
        MmOperation operation = Pending(answer.Operation);
        if (answer.Pages is not null)
        {
            operation.AboveHigh = answer.Group;
            operation.OnPages(answer.Pages);
        }
        else if (answer.Refusal is Refusal.Watermark or Refusal.Limit)
        {
            var request = (AllocatePages)operation.NodeRequest!;
            Await(operation);
            SlowPath(operation.CallerCpu).Tell(
                new AllocateSlowly(request.Operation, request.Count, request.Memcg, Mm.Id) { Origin = OriginOf(operation) }, Self);
        }
        else
        {
            operation.OnOutOfMemory();
        }
    }

    private void OnHuge(HugeAllocated answer)
    {
        MmOperation operation = Pending(answer.Operation);
        if (answer.Head < 0 && answer.Refusal is Refusal.Watermark or Refusal.Limit && operation.MayReclaim)
        {
            Await(operation);
            SlowPath(operation.CallerCpu).Tell(
                new AllocateSlowly(answer.Operation, 0, Mm.Memcg, Mm.Id, operation.GivesUpEarly) { Origin = OriginOf(operation) }, Self);
        }
        else
        {
            operation.OnHuge(answer.Head, answer.Refusal);
        }
    }

    /// <summary>RC-70: the victim's private pages are zapped whatever it is doing; its faults fail from now on. A range that
    /// is being collapsed goes at its exit.</summary>
    private void OnReap()
    {
        Mm.IsOomVictim = true;
        SmapsFigures before = Mm.Smaps();
        foreach (long range in Mm.MappedRanges(0, long.MaxValue - Geometry.PmdSize))
        {
            var work = new NodeWork();
            Zapping.Zap(Mm, range, Bits512.All, work);
            SendWork(work, 0, 0);
            EmitDetail(KernelEventKind.Unmapped, range, Geometry.PtesPerTable, flag: true);
        }

        Sender.Tell(new MemoryReaped(Mm.Id, before), Self);
    }

    internal void EmitSwapIn(long range, int pages) =>
        Emit(new KernelEvent
        {
            Time = Now,
            Kind = KernelEventKind.SwapIn,
            Mm = Mm.Id,
            Address = range,
            Amount = pages,
            Detail = DetailOf(range),
        });

    internal void EmitCollapseSwapIn(SwapInRange request, int pages, Model.ScanResult result) => Emit(new KernelEvent
    {
        Time = Now,
        Kind = KernelEventKind.CollapseSwapin,
        Mm = Mm.Id,
        Address = request.Address,
        Status = result,
        Flag = request.IsKhugepaged,
        Referenced = request.Referenced,
        Amount = pages,
        Origin = request.Origin,
        Detail = DetailOf(request.Address),
    });

    /// <summary>A fork child's address space is filled: it belongs to this family.</summary>
    internal void ChildCopied(IActorRef childSpace, int cpu)
    {
        World.Families.Add(Mm.Family, childSpace);
        childSpace.Tell(new FilledByFork(cpu), Self);
    }
}
