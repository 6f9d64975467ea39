using MmActors.Actors.Protocol;
using MmActors.Model.Costs;
using MmActors.Model.Memory;

namespace MmActors.Actors;

/// <summary>The memory node: zone lock and lru_lock. Owns free blocks, LRU order, per-CPU batches and what memory cgroups
/// are charged; everybody else asks it by message.</summary>
public sealed partial class MemoryNodeActor(WorldContext world, MemoryNode node) : MmActor(world)
{
    private readonly StatisticsWorker _worker = new(world.Machine.Hz, world.Uptime);
    private TimeSpan? _nextFlush;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        FlushWhenDue();
        switch (message)
        {
            case DoWork work:
                OnWork(work);
                break;
            case AllocatePages request:
                OnAllocatePages(request);
                break;
            case AllocateHuge request:
                OnAllocateHuge(request);
                break;
            case ReturnPages returned:
                node.RunOn(returned.Cpu);
                node.Return(returned.Pages.Pages);
                break;
            case ReturnHuge returned:
                node.RunOn(returned.Cpu);
                node.ReturnHuge(returned.Head);
                break;
            case DrainAll:
                node.DrainAll();
                TellLeftSplitQueue();
                Sender.Tell(new AllDrained(), Self);
                break;
            default:
                OnReclaim(message);
                break;
        }
    }

    /// <summary>The lists change only here, so a flush before the first change after it was due sees them as they were
    /// then.</summary>
    private void FlushWhenDue()
    {
        _nextFlush ??= _worker.After(TimeSpan.Zero);
        if (Now >= _nextFlush)
        {
            node.FlushStatistics();
            _nextFlush = _worker.After(Now);
        }
    }

    private void OnWork(DoWork request)
    {
        (PageBuffer? tracked, PageBuffer? partiallyMapped) = request.Work.Queued;
        if (tracked is not null || partiallyMapped is not null)
        {
            World.Shrinker.Tell(new QueueForSplit(tracked, partiallyMapped), Self);
        }

        request.Work.Execute(node, request.Cpu);
        TellLeftSplitQueue();
        if (request.Operation != 0)
        {
            Sender.Tell(new WorkDone(request.Operation), Self);
        }
    }

    private void TellLeftSplitQueue()
    {
        foreach (int head in node.TakeLeftSplitQueue())
        {
            World.Shrinker.Tell(new LeaveSplitQueue(head), Self);
        }
    }

    /// <summary>RC-6: first against low; then kswapd is woken and min is enough.</summary>
    private void OnAllocatePages(AllocatePages request)
    {
        node.RunOn(request.Cpu);
        var pages = new PageBuffer();
        AllocationOutcome outcome = node.Allocate(pages, request.Count, request.Memcg, node.Marks.Low);
        if (!outcome.IsGranted && outcome.Limiting is null)
        {
            World.Kswapd.Tell(new WakeKswapd(0), Self);
            outcome = node.Allocate(pages, request.Count, request.Memcg, node.Marks.Min);
        }

        int group = outcome.IsGranted
            ? node.Memcgs[request.Memcg].FirstAboveHigh()?.Id ?? 0 : outcome.Limiting?.Id ?? 0;
        Sender.Tell(
            new PagesAllocated(request.Operation, outcome.IsGranted ? pages : null, RefusalOf(outcome), group), Self);
    }

    /// <summary>RC-6: a THP allocation does not wake kswapd.</summary>
    private void OnAllocateHuge(AllocateHuge request)
    {
        node.RunOn(request.Cpu);
        AllocationOutcome outcome = node.AllocateHuge(request.Memcg, node.Marks.Min, out int head);
        Sender.Tell(new HugeAllocated(request.Operation, head, RefusalOf(outcome), outcome.Limiting?.Id ?? 0), Self);
    }

    private static Refusal RefusalOf(AllocationOutcome outcome) =>
        outcome.IsGranted ? Refusal.None : outcome.Limiting is null ? Refusal.Watermark : Refusal.Limit;
}
