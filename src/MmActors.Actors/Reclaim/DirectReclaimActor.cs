using Akka.Actor;
using Akka.Event;
using MmActors.Actors.Protocol;
using MmActors.Model.Coverage;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Reclaim;

namespace MmActors.Actors.Reclaim;

/// <summary>Reclaim in a task's own context: the slow path of its allocations, its writes to memory.* files, drop_caches
/// and MADV_PAGEOUT. One request at a time, later ones wait.</summary>
public sealed partial class DirectReclaimActor : PageReclaimActor
{
    private readonly Queue<(ReclaimRequest Request, IActorRef From)> _waiting = new();
    private readonly ReclaimCall _call = new();
    private readonly Reclaimer _reclaimer;
    private readonly int _mm;
    private Origin _cause;

    /// <summary>Creates the context of a task or kernel thread.</summary>
    /// <param name="world">The world.</param>
    /// <param name="cpu">CPU it runs on.</param>
    /// <param name="reclaimer">Whose counters it moves.</param>
    /// <param name="mm">The task's mm; 0 for a kernel thread.</param>
    public DirectReclaimActor(WorldContext world, int cpu, Reclaimer reclaimer, int mm)
        : base(world, cpu)
    {
        _reclaimer = reclaimer;
        _mm = mm;
    }

    /// <inheritdoc/>
    protected override int By => _cause.By != 0 ? _cause.By : _reclaimer == Reclaimer.Khugepaged ? KernelThread.Khugepaged : _mm;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ReclaimRequest request:
                _waiting.Enqueue((request, Sender));
                StartNext();
                break;
            default:
                Talk.Resume(message);
                StartNext();
                break;
        }
    }

    private void StartNext()
    {
        while (!Talk.IsRunning && _waiting.TryDequeue(out (ReclaimRequest Request, IActorRef From) next))
        {
            _cause = next.Request.Origin;
            Talk.Start(Serve(next.Request, next.From));
        }
    }

    private IEnumerator<Wait> Serve(ReclaimRequest request, IActorRef from) => request switch
    {
        AllocateSlowly { Count: 0 } huge => AllocateHugeSlowly(huge, from),
        AllocateSlowly pages => AllocatePagesSlowly(pages, from),
        ReclaimMemory write => WriteReclaim(write, from),
        EnforceLimit { IsHigh: false } limit => LowerMax(limit.Group, from),
        EnforceLimit limit => LowerHigh(limit.Group, from),
        ReclaimHigh high => ReclaimAboveHigh(high.Group, from),
        PageOut pageOut => PageOutFolios(pageOut, from),
        _ => ShrinkAllSlabs(from),
    };

    /// <summary>One call: passes and priorities until the goal is met or nothing is left to try (RC-20).</summary>
    private IEnumerator<Wait> Call(int target, bool isMemcg, long goal, int? swappiness, int order = 0)
    {
        var control = new ReclaimControl
        {
            Origin = World.NewOrigin(OriginKind.Reclaim, By),
            Target = target,
            IsMemcg = isMemcg,
            Reclaimer = _reclaimer,
            Swappiness = swappiness,
            Goal = goal,
            Order = order,
        };
        EmitCall(KernelEventKind.ReclaimBegin, control, goal, order);
        _call.Begin(goal, isMemcg);
        int pass = 0;
        bool more = true;
        while (more)
        {
            if (pass != _call.Pass)
            {
                pass = _call.Pass;
                World.Vmstat.Add(VmCounter.AllocStall, isMemcg ? 0 : 1);
                control.ForcesDeactivation = _call.ForcesDeactivation;
                control.WalksAllGroups = _call.WalksAllMemcgs;
                control.IgnoresLow = _call.IgnoresLow;
            }

            yield return Wait.For(Step(control));
            more = _call.NextPriority();
            if (!more || pass != _call.Pass)
            {
                World.Node.Tell(new PassFinished(target), Self);
            }
        }

        if (_call.Reclaimed > 0)
        {
            World.Kswapd.Tell(new KswapdHope(), Self);
        }

        EmitCall(KernelEventKind.ReclaimEnd, control, _call.Reclaimed);
        if (World.IsLogged)
        {
            Log.Debug("reclaimed {Reclaimed} of {Goal} pages for group {Group}", _call.Reclaimed, goal, target);
        }
    }

    /// <summary>One priority. For an order-9 page nothing is reclaimed once compaction has room to make one (RC-20), and the step is
    /// repeated as long as it finds something and compaction cannot run (RC-14).</summary>
    private IEnumerator<Wait> Step(ReclaimControl control)
    {
        if (control.Order > 0)
        {
            World.Node.Tell(new ReadZone(), Self);
            yield return Wait.Answer;
            if (Talk.Answer<ZoneState>().IsReadyForHuge)
            {
                _call.NoteCompactionReady();
                yield break;
            }
        }

        control.Priority = _call.Priority;
        bool again = true;
        while (again)
        {
            long before = control.Reclaimed;
            yield return Wait.For(ShrinkNode(control));
            _call.Add(control.Reclaimed - before);
            NoteScruples(control);
            again = false;
            if (control.Order > 0 && control.Reclaimed > before)
            {
                World.Node.Tell(new ReadZone(), Self);
                yield return Wait.Answer;
                again = !Talk.Answer<ZoneState>().NeedsNoMoreForHuge;
                CoverageMarks.HitIf(again, ReclaimMark.StepRepeats);
            }
        }
    }

    private void NoteScruples(ReclaimControl control)
    {
        if (control.DeactivationSkipped)
        {
            _call.NoteSkippedDeactivation();
            control.DeactivationSkipped = false;
        }

        if (control.LowHonoured)
        {
            _call.NoteLowHonoured();
            control.LowHonoured = false;
        }
    }

    /// <summary>RC-40.</summary>
    private IEnumerator<Wait> WriteReclaim(ReclaimMemory request, IActorRef from)
    {
        var write = new ReclaimWrite(request.Pages);
        while (!write.IsDone)
        {
            if (write.IsLastRetry)
            {
                World.Node.Tell(new DrainAll(), Self);
                yield return Wait.Answer;
            }

            yield return Wait.For(Call(request.Group, isMemcg: true, write.NextGoal, request.Swappiness));
            write.Add(_call.Reclaimed);
        }

        from.Tell(new MemcgWritten(write.Failed ? Errno.Again : Errno.None, write.Reclaimed), Self);
    }

    /// <summary>RC-62: reclaims down to a lowered memory.max, in the end by killing.</summary>
    private IEnumerator<Wait> LowerMax(int group, IActorRef from)
    {
        var limit = new LimitReclaim();
        long reclaimed = 0;
        while (true)
        {
            World.Node.Tell(new ReadUsage(group), Self);
            yield return Wait.Answer;
            GroupUsage usage = Talk.Answer<GroupUsage>();
            LimitStep step = limit.Next(usage.Usage, usage.Max);
            if (step == LimitStep.Done)
            {
                break;
            }

            if (step == LimitStep.Reclaim)
            {
                yield return Wait.For(Call(group, isMemcg: true, limit.GoalFor(usage.Usage, usage.Max), swappiness: null));
                limit.Add(_call.Reclaimed);
                reclaimed += _call.Reclaimed;
                continue;
            }

            World.Node.Tell(new CountMemcgEvent(group, MemcgEvent.Oom), Self);
            World.Simulation.Tell(new KillForMemory(group), Self);
            yield return Wait.Answer;
            if (Talk.Answer<OomKilled>().Mm == 0)
            {
                break; // nobody left to kill: what remains charged stays above the limit
            }
        }

        from.Tell(new MemcgWritten(Errno.None, reclaimed), Self);
    }

    /// <summary>RC-62, last sentence: a lowered memory.high is reclaimed for, never killed for.</summary>
    private IEnumerator<Wait> LowerHigh(int group, IActorRef from)
    {
        long reclaimed = 0;
        for (int zeroCalls = 0; zeroCalls < ReclaimLimits.MaxReclaimRetries;)
        {
            World.Node.Tell(new ReadUsage(group), Self);
            yield return Wait.Answer;
            GroupUsage usage = Talk.Answer<GroupUsage>();
            if (usage.Usage <= usage.High)
            {
                break;
            }

            yield return Wait.For(Call(group, isMemcg: true, ReclaimLimits.GoalFor(usage.Usage - usage.High), swappiness: null));
            reclaimed += _call.Reclaimed;
            zeroCalls += _call.Reclaimed == 0 ? 1 : 0;
        }

        from.Tell(new MemcgWritten(Errno.None, reclaimed), Self);
    }

    /// <summary>RC-61: one call for the excess, then a sleep in proportion to what is left of it.</summary>
    private IEnumerator<Wait> ReclaimAboveHigh(int group, IActorRef from)
    {
        World.Node.Tell(new ReadUsage(group), Self);
        yield return Wait.Answer;
        GroupUsage usage = Talk.Answer<GroupUsage>();
        long excess = usage.Usage - usage.High;
        if (excess > 0)
        {
            World.Node.Tell(new CountMemcgEvent(group, MemcgEvent.High), Self);
            yield return Wait.For(Call(group, isMemcg: true, ReclaimLimits.GoalFor(excess), swappiness: null));
            CoverageMarks.HitIf(excess > _call.Reclaimed, ReclaimMark.HighPenalty);
            yield return Wait.Nanoseconds(HighPenaltyNs(excess - _call.Reclaimed, usage.High));
        }

        from.Tell(new MemcgWritten(Errno.None, excess > 0 ? _call.Reclaimed : 0), Self);
    }

    /// <summary>The kernel's overage penalty: quadratic in the relative excess, at most 2 s.</summary>
    private static double HighPenaltyNs(long excess, long high)
    {
        const double LongestNs = 2e9;
        double overage = Math.Max(0, excess) / (double)Math.Max(1, high);
        return Math.Min(LongestNs, overage * overage * 16 * LongestNs);
    }

    /// <summary>RC-41.</summary>
    private IEnumerator<Wait> PageOutFolios(PageOut request, IActorRef from)
    {
        var control = new ReclaimControl { IsMemcg = true, Reclaimer = _reclaimer, IgnoresReferences = true };
        yield return Wait.For(ShrinkFolios(control, request.Batch));
        World.Node.Tell(new FinishRound(request.Batch, -1, null, 0, 0, Cpu), Self);
        yield return Wait.Answer;
        from.Tell(new PagedOut(request.Operation), Self);
    }

    /// <summary>DS-8: every group's shrinker at priority 0, again while it makes progress.</summary>
    private IEnumerator<Wait> ShrinkAllSlabs(IActorRef from)
    {
        World.Node.Tell(new FindGroups(0, IsPartial: false), Self);
        yield return Wait.Answer;
        int[] groups = Talk.Answer<GroupsFound>().Groups;
        long freed;
        int shift = 0;
        do
        {
            freed = 0;
            foreach (int group in groups)
            {
                yield return Wait.For(CallShrinker(group, priority: 0, default));
                freed += ShrinkerSplits;
            }
        }
        while (freed >> shift++ > 1);

        from.Tell(new MemcgWritten(Errno.None, 0), Self);
    }

    private void EmitCall(KernelEventKind kind, ReclaimControl control, long amount, int order = 0) => Emit(new KernelEvent
    {
        Time = Now,
        Kind = kind,
        Mm = _mm,
        Pfn = control.Target,
        Flag = control.IsMemcg,
        Amount = amount,
        Extra = (long)_reclaimer,
        By = By,
        More = order,
        Origin = control.Origin,
        Detail = World.Events.FollowsSteps ? new EventDetail { Cause = _cause } : null,
    });
}
