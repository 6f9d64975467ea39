using MmActors.Actors.Protocol;
using MmActors.Model.Coverage;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Reclaim;

namespace MmActors.Actors.Reclaim;

/// <summary>A context in which pages are reclaimed: kswapd, or a task that needs memory, whose slow path this is
/// (reclaim.md). One behaviour: priorities, lists, folios; what begins and ends it differs. It owns the scan control and
/// the folios it has isolated, and asks the owners of everything else.</summary>
public abstract partial class PageReclaimActor : MmActor
{
    private readonly FolioBatch _batch = new();
    private readonly LruVisit _visit = new();
    private readonly List<int> _families = [];
    private RoundCounts _round;

    /// <summary>Creates the context.</summary>
    /// <param name="world">The world.</param>
    /// <param name="cpu">CPU it runs on: only that one's LRU batches are drained by its rounds (RC-40).</param>
    protected PageReclaimActor(WorldContext world, int cpu)
        : base(world)
    {
        Cpu = cpu;
        Talk = new Conversation(After);
    }

    private protected Conversation Talk { get; }

    /// <summary>The CPU this context runs on.</summary>
    protected int Cpu { get; }

    /// <summary>Whose context it is: an mm or a <see cref="KernelThread"/>.</summary>
    protected abstract int By { get; }

    /// <summary>One priority step over the target's groups (RC-14).</summary>
    private protected IEnumerator<Wait> ShrinkNode(ReclaimControl control)
    {
        long scanned = control.Scanned;
        long reclaimed = control.Reclaimed;
        EmitStep(KernelEventKind.PriorityBegin, control, control.Priority);
        bool isPartial = !control.IsKswapd && !control.WalksAllGroups;
        World.Node.Tell(new FindGroups(control.Target, isPartial), Self);
        yield return Wait.Answer;
        foreach (int group in Talk.Answer<GroupsFound>().Groups)
        {
            yield return Wait.For(VisitGroup(control, group));
            if (isPartial && control.Reclaimed >= control.Goal)
            {
                World.Node.Tell(new WalkStopped(control.Target, group), Self);
                break;
            }
        }

        EmitStep(KernelEventKind.PriorityEnd, control, control.Reclaimed - reclaimed, control.Scanned - scanned);
    }

    /// <summary>One visit of a group's lruvec, its ageing, and its shrinker (RC-19, RC-18, DS-8).</summary>
    private IEnumerator<Wait> VisitGroup(ReclaimControl control, int group)
    {
        World.Node.Tell(new PlanScan(RequestFor(control, group)), Self);
        yield return Wait.Answer;
        ScanPlanned planned = Talk.Answer<ScanPlanned>();
        ScanPlan plan = planned.Plan;
        control.LowHonoured |= plan.ByLow && !control.IgnoresLow;
        control.CacheTrimSeen |= plan.IsCacheTrim;
        if (plan.Skipped)
        {
            CoverageMarks.Hit(ReclaimMark.GroupProtected);
            yield break;
        }

        bool alwaysContinues = !control.IsMemcg && !control.IsKswapd && control.Priority == ReclaimLimits.DefPriority;
        _visit.Begin(plan.Amounts, control.Goal, alwaysContinues);
        while (_visit.TryNext(out LruKind list, out int pages))
        {
            if (list is LruKind.InactiveAnon or LruKind.InactiveFile)
            {
                yield return Wait.For(ShrinkInactive(control, group, list, pages));
                _visit.Add(_round.Reclaimed);
            }
            else if (list == LruKind.ActiveAnon ? plan.MayDeactivateAnon : plan.MayDeactivateFile)
            {
                yield return Wait.For(ShrinkActive(control, group, list, pages));
            }
            else
            {
                CoverageMarks.Hit(ReclaimMark.ActiveSkipped);
                control.DeactivationSkipped = true;
            }
        }

        if (World.HasSwap && planned.InactiveAnonIsLow)
        {
            CoverageMarks.Hit(ReclaimMark.AgeingAtVisitEnd);
            yield return Wait.For(ShrinkActive(control, group, LruKind.ActiveAnon, ReclaimLimits.SwapClusterMax));
        }

        yield return Wait.For(CallShrinker(group, control.Priority, control.Origin));
    }

    /// <summary>RC-18, last sentence: kswapd ages the anon lists of every group before each priority step.</summary>
    private protected IEnumerator<Wait> AgeAnon(ReclaimControl control)
    {
        if (!World.HasSwap)
        {
            yield break;
        }

        World.Node.Tell(new FindGroups(control.Target, IsPartial: false), Self);
        yield return Wait.Answer;
        foreach (int group in Talk.Answer<GroupsFound>().Groups)
        {
            World.Node.Tell(new PlanScan(RequestFor(control, group)), Self);
            yield return Wait.Answer;
            if (Talk.Answer<ScanPlanned>().InactiveAnonIsLow)
            {
                yield return Wait.For(ShrinkActive(control, group, LruKind.ActiveAnon, ReclaimLimits.SwapClusterMax));
            }
        }
    }

    private ScanRequest RequestFor(ReclaimControl control, int group) => new(
        control.Target, group, control.Priority, control.Swappiness ?? World.Vm.Swappiness, MaySwap: true,
        World.SwapRoom(control.Target), control.ForcesDeactivation, control.CacheTrimOff, control.IsMemcg,
        HonoursLow: !control.IgnoresLow);

    /// <summary>One round of an inactive list (RC-21, RC-22).</summary>
    private IEnumerator<Wait> ShrinkInactive(ReclaimControl control, int group, LruKind list, int pages)
    {
        _round = default;
        _batch.Clear();
        World.Node.Tell(new IsolateFolios(group, list, pages, Cpu, _batch), Self);
        yield return Wait.Answer;
        FoliosIsolated isolated = Talk.Answer<FoliosIsolated>();
        EmitIsolated(group, list, pages, isolated);
        bool isFile = list == LruKind.InactiveFile;
        CountScan(control, isFile, isolated.Scanned);
        if (isolated.Taken == 0)
        {
            EmitRound(control, group, list, pages, isolated.Scanned);
            yield break;
        }

        yield return Wait.For(ShrinkFolios(control, _batch));
        World.Node.Tell(
            new FinishRound(_batch, group, isFile, _round.Written, isolated.Scanned - _round.Reclaimed, Cpu), Self);
        yield return Wait.Answer;
        control.Scanned += isolated.Taken;
        control.Reclaimed += _round.Reclaimed;
        CountSteal(control, isFile, _round.Reclaimed);
        EmitRound(control, group, list, pages, isolated.Scanned);
    }

    /// <summary>One round of an active list: everything goes to the inactive one (RC-23).</summary>
    private IEnumerator<Wait> ShrinkActive(ReclaimControl control, int group, LruKind list, int pages)
    {
        _batch.Clear();
        World.Node.Tell(new IsolateFolios(group, list, pages, Cpu, _batch), Self);
        yield return Wait.Answer;
        FoliosIsolated isolated = Talk.Answer<FoliosIsolated>();
        EmitIsolated(group, list, pages, isolated);
        World.Vmstat.Add(VmCounter.PgRefill, control.IsMemcg ? 0 : isolated.Scanned);
        if (_batch.Count > 0)
        {
            foreach (ref FolioItem item in _batch.Items)
            {
                item.Stage = FolioStage.Ageing;
            }

            yield return Wait.For(Walk(_batch, FolioStage.Ageing));
            yield return Wait.Nanoseconds(_batch.Count * World.Machine.Costs.LruScanPageNs);
            foreach (ref FolioItem item in _batch.Items)
            {
                World.Folios.ClearFlags(item.Head, FolioFlags.Active);
                World.Folios.SetFlags(item.Head, FolioFlags.Workingset);
                item.Stage = FolioStage.Kept;
            }

            CoverageMarks.Hit(ReclaimMark.ActiveRound);
            World.Vmstat.Add(VmCounter.PgDeactivate, isolated.Taken);
            World.Node.Tell(new FinishRound(_batch, group, null, 0, 0, Cpu), Self);
            yield return Wait.Answer;
        }

        Emit(new KernelEvent
        {
            Time = Now,
            Kind = KernelEventKind.ShrinkActive,
            Mm = group,
            Pfn = control.Priority,
            Address = (long)list,
            Amount = isolated.Scanned,
            Extra = isolated.Taken,
            By = By,
        });
    }

    private void EmitIsolated(int group, LruKind list, int requested, FoliosIsolated isolated)
    {
        if (World.Events.FollowsSteps)
        {
            World.Events.EmitStep(new KernelEvent
            {
                Time = Now,
                Kind = KernelEventKind.LruIsolate,
                Mm = group,
                Address = ((long)requested << 8) | (long)list,
                Amount = isolated.Scanned,
                Extra = isolated.Taken,
                By = By,
            });
        }
    }

    private void CountScan(ReclaimControl control, bool isFile, long pages)
    {
        World.Vmstat.Add(control.ScanCounter, control.IsMemcg ? 0 : pages);
        World.Vmstat.Add(isFile ? VmCounter.PgScanFile : VmCounter.PgScanAnon, pages);
    }

    private void CountSteal(ReclaimControl control, bool isFile, long pages)
    {
        World.Vmstat.Add(control.StealCounter, control.IsMemcg ? 0 : pages);
        World.Vmstat.Add(isFile ? VmCounter.PgStealFile : VmCounter.PgStealAnon, pages);
    }

    private void EmitRound(ReclaimControl control, int group, LruKind list, int requested, int scanned) => Emit(new KernelEvent
    {
        Time = Now,
        Kind = KernelEventKind.ShrinkInactive,
        Mm = group,
        Pfn = control.Priority,
        Address = ((long)requested << 8) | (long)list,
        Referenced = (int)_round.Referenced,
        NoneOrZero = (int)_round.Activated,
        Unmapped = (int)_round.StillMapped,
        Amount = scanned,
        Extra = _round.Reclaimed,
        By = By,
        More = (int)_round.ActivatedFile,
    });

    /// <summary>What a round did, in pages; the columns of its trace line.</summary>
    private struct RoundCounts
    {
        public long Reclaimed;
        public long Referenced;
        public long Activated;
        public long ActivatedFile;
        public long StillMapped;
        public long Written;
    }
}
