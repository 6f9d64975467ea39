using MmActors.Actors.Protocol;
using MmActors.Model.Memory;

namespace MmActors.Actors;

/// <summary>The memory node: zone lock and lru_lock. Owns free blocks, LRU order and per-CPU batches; everybody else
/// asks it by message. Reclaim will ask it too.</summary>
public sealed class MemoryNodeActor(WorldContext world, MemoryNode node) : MmActor(world)
{
    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case DoWork work:
                OnWork(work);
                break;
            case AllocatePages request:
                OnAllocatePages(request);
                break;
            case AllocateHuge request:
                Sender.Tell(new HugeAllocated(request.Operation, node.TryAllocateHuge(out int head) ? head : -1), Self);
                break;
            case ReturnPages returned:
                node.Return(returned.Pages.Pages);
                break;
            case ReturnHuge returned:
                node.ReturnHuge(returned.Head);
                break;
            case DrainAll:
                node.DrainAll();
                TellLeftSplitQueue();
                Sender.Tell(new AllDrained(), Self);
                break;
            default:
                Unhandled(message);
                break;
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

    private void OnAllocatePages(AllocatePages request)
    {
        var pages = new PageBuffer();
        bool allocated = node.TryAllocatePages(pages.Reserve(request.Count));
        Sender.Tell(new PagesAllocated(request.Operation, allocated ? pages : null), Self);
    }
}
