using MmActors.Actors.Protocol;
using MmActors.Model.Events;

namespace MmActors.Actors.Reclaim;

/// <content>Phases of reclaim, for those who derive durations. Several contexts reclaim at once, and the kernel's events do
/// not say which of them speaks: a phase carries the name of its context.</content>
public abstract partial class PageReclaimActor
{
    private EventDetail? _name;

    /// <summary>Splits of the last call of the shrinker.</summary>
    private protected long ShrinkerSplits { get; private set; }

    /// <summary>One call of the deferred split shrinker for one group.</summary>
    private protected IEnumerator<Wait> CallShrinker(int group, int priority)
    {
        Tell(KernelEventKind.ShrinkerBegin, group, priority, 0);
        World.Shrinker.Tell(new ShrinkSlab(group, priority, Cpu, By), Self);
        yield return Wait.Answer;
        SlabShrunk shrunk = Talk.Answer<SlabShrunk>();
        ShrinkerSplits = shrunk.Splits;
        Tell(KernelEventKind.ShrinkerEnd, group, shrunk.Splits, shrunk.Scanned);
    }

    private protected void Tell(KernelEventKind kind, int group, long amount, long extra, int mm = 0, bool isMemcg = false)
    {
        if (World.Events.FollowsPhases)
        {
            World.Events.EmitPhase(new KernelEvent
            {
                Time = Now,
                Kind = kind,
                Mm = mm,
                Pfn = group,
                Flag = isMemcg,
                Amount = amount,
                Extra = extra,
                Detail = _name ??= new EventDetail { Name = Self.Path.ToStringWithoutAddress() },
            });
        }
    }
}
