using MmActors.Actors.Protocol;
using MmActors.Model.Events;

namespace MmActors.Actors.Reclaim;

/// <content>Steps of reclaim, for those who follow them, and the call of the shrinker.</content>
public abstract partial class PageReclaimActor
{
    /// <summary>Splits of the last call of the shrinker.</summary>
    private protected long ShrinkerSplits { get; private set; }

    /// <summary>One call of the deferred split shrinker for one group.</summary>
    private protected IEnumerator<Wait> CallShrinker(int group, int priority, Origin origin)
    {
        World.Shrinker.Tell(new ShrinkSlab(group, priority, Cpu, By, origin), Self);
        yield return Wait.Answer;
        ShrinkerSplits = Talk.Answer<SlabShrunk>().Splits;
    }

    private protected void EmitStep(KernelEventKind kind, ReclaimControl control, long amount, long extra = 0)
    {
        if (World.Events.FollowsSteps)
        {
            World.Events.EmitStep(new KernelEvent
            {
                Time = Now,
                Kind = kind,
                Pfn = control.Target,
                Flag = control.IsMemcg,
                Amount = amount,
                Extra = extra,
                By = By,
                Origin = control.Origin,
            });
        }
    }
}
