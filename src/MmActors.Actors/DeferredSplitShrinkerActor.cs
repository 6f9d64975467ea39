using MmActors.Actors.Protocol;
using MmActors.Model.Memory;

namespace MmActors.Actors;

/// <summary>The deferred split queue (DS-1…7): new THPs and partially mapped ones wait here in order. The shrinker that
/// walks it belongs to reclaim.</summary>
public sealed class DeferredSplitShrinkerActor(WorldContext world, DeferredSplitQueue queue) : MmActor(world)
{
    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case QueueForSplit request:
                foreach (int head in request.Tracked is null ? [] : request.Tracked.Pages)
                {
                    queue.Add(head);
                }

                foreach (int head in request.PartiallyMapped is null ? [] : request.PartiallyMapped.Pages)
                {
                    queue.Add(head);
                }

                break;
            case LeaveSplitQueue leaving:
                queue.Remove(leaving.Head);
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
