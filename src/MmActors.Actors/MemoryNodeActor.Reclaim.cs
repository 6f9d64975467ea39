using MmActors.Actors.Protocol;
using MmActors.Model.Memory;
using MmActors.Model.Settings;

namespace MmActors.Actors;

/// <content>What reclaim contexts and the files of memory cgroups ask of the node.</content>
public sealed partial class MemoryNodeActor
{
    /// <summary>Where the last partial walk over a target's groups stopped (RC-14).</summary>
    private readonly SortedDictionary<int, int> _walkPositions = [];

    private void OnReclaim(object message)
    {
        switch (message)
        {
            case PlanScan plan:
                Sender.Tell(
                    new ScanPlanned(node.PlanScan(plan.Request), node.InactiveAnonIsLow(node.Memcgs[plan.Request.Group])), Self);
                break;
            case IsolateFolios request:
                OnIsolate(request);
                break;
            case FinishRound round:
                OnFinishRound(round);
                break;
            case FindGroups find:
                Sender.Tell(new GroupsFound(GroupsOf(find)), Self);
                break;
            case WalkStopped stopped:
                _walkPositions[stopped.Target] = stopped.Group;
                break;
            case PassFinished pass:
                Memcg target = node.Memcgs[pass.Target];
                target.ActivationsAtLastPass = target.StaleActivations;
                break;
            case WritebackEnded ended:
                OnWritebackEnded(ended);
                break;
            case ReclaimActive active:
                node.IsReclaimActive = active.IsActive;
                break;
            case DrainFreePages:
                node.DrainFreePages();
                break;
            case ReadZone:
                bool swapHasRoom = node.SwapHasRoom();
                Sender.Tell(
                    new ZoneState(
                        node.ZoneFreePages, node.Marks, node.ReclaimablePages(swapHasRoom), node.IsReadyForHuge,
                        node.NeedsNoMoreForHuge(swapHasRoom)),
                    Self);
                break;
            case BeginCompaction begin:
                node.RunOn(begin.Cpu);
                CompactionStart start = node.BeginCompaction(begin.IsHasty, out CompactionBlock? block);
                Sender.Tell(new CompactionBegun(start, block), Self);
                break;
            case FinishCompaction finish:
                node.RunOn(finish.Cpu);
                Sender.Tell(new CompactionFinished(node.FinishCompaction(finish.Block, finish.IsHasty)), Self);
                break;
            default:
                OnFile(message);
                break;
        }
    }

    private void OnFile(object message)
    {
        switch (message)
        {
            case ReadUsage read:
                Memcg group = node.Memcgs[read.Group];
                Sender.Tell(new GroupUsage(group.Usage, group.Limits.MaxPages, group.Limits.HighPages), Self);
                break;
            case SetLimit limit:
                Memcg limited = node.Memcgs[limit.Group];
                limited.Limits = MemcgFiles.Write(limited.Limits, limit.File, limit.Pages);
                Sender.Tell(new LimitSet(limit.Group), Self);
                break;
            case CountMemcgEvent counted:
                node.Memcgs[counted.Group].Count(counted.Kind);
                break;
            case FlushStatistics:
                node.FlushStatistics();
                break;
            case ApplyVmSettings vm:
                node.Apply(vm.Settings);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnIsolate(IsolateFolios request)
    {
        node.Drain(request.Cpu);
        TellLeftSplitQueue();
        (int scanned, int taken) = node.Isolate(node.Memcgs[request.Group], request.List, request.Pages, request.Batch);
        Sender.Tell(new FoliosIsolated(request.Batch, scanned, taken), Self);
    }

    private void OnFinishRound(FinishRound round)
    {
        node.RunOn(round.Cpu);
        var back = new PageBuffer();
        List<Eviction>? evictions = null;
        foreach (ref readonly FolioItem item in round.Batch.Items)
        {
            if (item.Stage == FolioStage.Split)
            {
                continue;
            }

            if (item.Stage == FolioStage.Freed)
            {
                if (node.Folios.Has(item.Head, FolioFlags.SwapBacked))
                {
                    (evictions ??= new List<Eviction>(round.Batch.Count)).Add(Evict(item));
                }
            }
            else if (item.Stage == FolioStage.Activated)
            {
                node.Memcgs[node.Folios.Owner(item.Head).Memcg].Age(item.Pages);
            }

            back.Add(item.Head);
        }

        if (evictions is not null)
        {
            World.Swap.Tell(new NoteEvictions(evictions), Self);
        }

        if (round.Group < 0)
        {
            node.PutBackThroughBatch(round.Cpu, back.Pages);
        }
        else
        {
            node.PutBack(back.Pages);
        }

        if (round.IsFile is { } file)
        {
            node.Memcgs[round.Group].NoteRound(file, round.PagesWritten, round.ScannedMinusReclaimed);
        }

        TellLeftSplitQueue();
        Sender.Tell(new RoundFinished(), Self);
    }

    /// <summary>RC-38: an evicted page leaves behind when it went, on its group's clock of evictions and activations.</summary>
    private Eviction Evict(in FolioItem item)
    {
        Memcg group = node.Memcgs[node.Folios.Owner(item.Head).Memcg];
        var eviction = new Eviction(
            node.Folios.SwapSlot(item.Head), item.Pages, group.NonresidentAge, node.Folios.Has(item.Head, FolioFlags.Workingset));
        group.Age(item.Pages);
        return eviction;
    }

    private void OnWritebackEnded(WritebackEnded ended)
    {
        node.RunOn(0); // the device's interrupt
        node.EndWriteback(ended.Heads.Pages);
        foreach (int head in ended.Heads.Pages)
        {
            if (node.Folios.Put(head))
            {
                node.FreeAll([head]);
            }
        }

        TellLeftSplitQueue();
    }

    private int[] GroupsOf(FindGroups find)
    {
        int[] groups = node.Subtree(find.Target);
        if (!find.IsPartial || !_walkPositions.Remove(find.Target, out int last))
        {
            return groups;
        }

        int[] rest = [.. groups.SkipWhile(group => group != last).Skip(1)];
        return rest.Length > 0 ? rest : groups;
    }
}
