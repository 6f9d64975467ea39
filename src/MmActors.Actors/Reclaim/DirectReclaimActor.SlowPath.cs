using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.Coverage;
using MmActors.Model.Memory;
using MmActors.Model.Reclaim;
using MmActors.Model.Units;

namespace MmActors.Actors.Reclaim;

/// <content>The slow path of an allocation that the node refused (RC-6…8, RC-60).</content>
public sealed partial class DirectReclaimActor
{
    private int _progresslessRounds;
    private bool _reclaimHelped;

    /// <summary>Base pages: reclaim and retry until there is one, or nothing is left to try; then the OOM killer.</summary>
    private IEnumerator<Wait> AllocatePagesSlowly(AllocateSlowly request, IActorRef from)
    {
        _progresslessRounds = 0;
        bool mayDrain = false;
        ChargeRetry? charge = null;
        while (true)
        {
            World.Node.Tell(new AllocatePages(request.Operation, request.Count, request.Memcg, Cpu), Self);
            yield return Wait.Answer;
            PagesAllocated answer = Talk.Answer<PagesAllocated>();
            if (answer.Pages is not null)
            {
                from.Tell(answer, Self);
                yield break;
            }

            if (answer.Refusal == Refusal.Watermark && mayDrain)
            {
                mayDrain = false;
                World.Node.Tell(new DrainFreePages(), Self);
                continue;
            }

            bool mustKill;
            if (answer.Refusal == Refusal.Limit)
            {
                ChargeStep step = NextStep(ref charge, 1, givesUpEarly: false);
                mustKill = step == ChargeStep.OomKill;
                if (step == ChargeStep.Reclaim)
                {
                    yield return Wait.For(ReclaimForCharge(answer.Group, 1));
                }
            }
            else
            {
                CoverageMarks.Hit(ReclaimMark.SlowReclaimsNode);
                yield return Wait.For(Call(target: 0, isMemcg: false, ReclaimLimits.SwapClusterMax, swappiness: null));
                mayDrain = _call.Reclaimed > 0;
                _progresslessRounds = mayDrain ? 0 : _progresslessRounds + 1;
                World.Node.Tell(new ReadZone(), Self);
                yield return Wait.Answer;
                ZoneState zone = Talk.Answer<ZoneState>();
                mustKill = _progresslessRounds > ReclaimLimits.MaxReclaimRetries
                    || (_call.Reclaimed == 0 && zone.Free + zone.Reclaimable <= zone.Marks.Min);
            }

            if (mustKill)
            {
                World.Simulation.Tell(new KillForMemory(answer.Refusal == Refusal.Limit ? answer.Group : 0), Self);
                yield return Wait.Answer;
                int victim = Talk.Answer<OomKilled>().Mm;
                if (victim == 0 || victim == request.Mm)
                {
                    from.Tell(new PagesAllocated(request.Operation, null, Refusal.Killed), Self);
                    yield break;
                }

                charge = null;
                _progresslessRounds = 0;
            }
        }
    }

    /// <summary>An order-9 page: compaction, one reclaim, compaction again for the watermark (RC-8), the retries of RC-60 for a
    /// limit; never the OOM killer.</summary>
    private IEnumerator<Wait> AllocateHugeSlowly(AllocateSlowly request, IActorRef from)
    {
        var effort = HugeEffort.FastPath;
        ChargeRetry? charge = null;
        Refusal final = Refusal.NoMemory;
        while (final == Refusal.NoMemory && effort != HugeEffort.None)
        {
            World.Node.Tell(new AllocateHuge(request.Operation, request.Memcg, Cpu), Self);
            yield return Wait.Answer;
            HugeAllocated answer = Talk.Answer<HugeAllocated>();
            if (answer.Head >= 0)
            {
                from.Tell(answer, Self);
                yield break;
            }

            if (answer.Refusal == Refusal.Limit)
            {
                ChargeStep step = NextStep(ref charge, Geometry.PtesPerTable, request.GivesUpEarly);
                final = step is ChargeStep.Fail or ChargeStep.OomKill ? Refusal.NoCharge : Refusal.NoMemory;
                if (step == ChargeStep.Reclaim)
                {
                    yield return Wait.For(ReclaimForCharge(answer.Group, Geometry.PtesPerTable));
                }

                continue;
            }

            effort = NextEffort(effort, request.GivesUpEarly);
            if (effort is HugeEffort.Compacted or HugeEffort.CompactedAgain)
            {
                yield return Wait.For(Compact(isHasty: effort == HugeEffort.Compacted || request.GivesUpEarly));
            }
            else if (effort == HugeEffort.Reclaimed)
            {
                CoverageMarks.Hit(ReclaimMark.SlowHugeReclaimsOnce);
                yield return Wait.For(Call(target: 0, isMemcg: false, ReclaimLimits.SwapClusterMax, swappiness: null, Geometry.PmdOrder));
                _reclaimHelped = _call.Reclaimed > 0 || _call.IsCompactionReady;
            }
            else if (effort == HugeEffort.Drained)
            {
                World.Node.Tell(new DrainFreePages(), Self);
            }
        }

        from.Tell(new HugeAllocated(request.Operation, -1, final), Self);
    }

    /// <summary>What is tried next after all that was tried so far.</summary>
    private HugeEffort NextEffort(HugeEffort last, bool givesUpEarly)
    {
        switch (last)
        {
            case HugeEffort.Compacted when givesUpEarly && _compactionStart is CompactionStart.Skipped or CompactionStart.Deferred:
                CoverageMarks.Hit(ReclaimMark.SlowHugeGivesUpEarly);
                return HugeEffort.None;
            case HugeEffort.Reclaimed when !_reclaimHelped:
                return HugeEffort.CompactedAgain;
            case HugeEffort.CompactedAgain:
                CoverageMarks.Hit(ReclaimMark.SlowHugeFails);
                return HugeEffort.None;
            default:
                return last + 1;
        }
    }

    private ChargeStep NextStep(ref ChargeRetry? charge, int pages, bool givesUpEarly)
    {
        long last = charge is null ? -1 : _call.Reclaimed;
        charge ??= new ChargeRetry(pages, givesUpEarly);
        ChargeStep step = charge.AfterFailure(last);
        return step == ChargeStep.DrainStocksAndRetry ? charge.AfterFailure(last) : step;
    }

    /// <summary>RC-60: one reclaim call on the over-limit subtree.</summary>
    private IEnumerator<Wait> ReclaimForCharge(int group, long pages)
    {
        World.Node.Tell(new CountMemcgEvent(group, MemcgEvent.Max), Self);
        yield return Wait.For(Call(group, isMemcg: true, ReclaimLimits.GoalFor(pages), swappiness: null));
    }

    /// <summary>How far the slow path of an order-9 request has gone.</summary>
    private enum HugeEffort
    {
        FastPath,
        Compacted,
        Reclaimed,
        Drained,
        CompactedAgain,
        None,
    }
}
