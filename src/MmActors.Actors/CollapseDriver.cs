using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model;
using MmActors.Model.Coverage;
using MmActors.Model.Events;
using MmActors.Model.Khugepaged;
using MmActors.Model.Memory;

namespace MmActors.Actors;

/// <summary>Where a collapse attempt stands; one message per phase, with simulated time between them (khugepaged.md 2.8).</summary>
internal enum CollapsePhase
{
    /// <summary>No attempt is running.</summary>
    Idle,
    /// <summary>C1: waiting for the order-9 page; nothing is locked.</summary>
    Allocating,
    /// <summary>C1 is done; its simulated time passes (window W1).</summary>
    Allocated,
    /// <summary>C2: revalidation under mmap_lock for read.</summary>
    Rechecking,
    /// <summary>C2 is done; time passes with the lock held for read.</summary>
    Rechecked,
    /// <summary>C3: swap entries are swapped in under mmap_lock for read.</summary>
    SwappingIn,
    /// <summary>C4: waiting for mmap_lock for write (window W2).</summary>
    LockingForWrite,
    /// <summary>C5 and C6.</summary>
    Isolating,
    /// <summary>C7: 2 MiB are copied; the lock is held for write.</summary>
    Copying,
    /// <summary>C8…C10.</summary>
    Installing,
}

/// <summary>Timer of a collapse: its phase has taken its time.</summary>
internal sealed record PhaseElapsed(CollapsePhase Phase);

/// <summary>The collapse of one range as a conversation with its address space and the node. khugepaged has one; so has
/// a task that calls MADV_COLLAPSE.</summary>
/// <param name="world">The world.</param>
/// <param name="self">The actor that drives.</param>
/// <param name="after">How it sets a timer.</param>
/// <param name="now">Its clock.</param>
/// <param name="isKhugepaged">False for MADV_COLLAPSE.</param>
/// <param name="cpu">CPU it runs on.</param>
/// <param name="slowPath">Its reclaim context, for an allocation or charge that the node refuses (KH-34, KH-35).</param>
/// <param name="finished">Called with the result of the range.</param>
internal sealed class CollapseDriver(
    WorldContext world, IActorRef self, Action<TimeSpan, object> after, Func<TimeSpan> now, bool isKhugepaged, int cpu,
    Func<IActorRef> slowPath, Action<ScanResult> finished)
{
    private RangeScanned? _scanned;

    private IActorRef _space = ActorRefs.Nobody;
    private int _mm;
    private int _newHead;
    private int _pmdPage;
    private Origin _cause;

    /// <summary>Where the attempt stands.</summary>
    public CollapsePhase Phase { get; private set; }

    /// <summary>The attempt under way, or the last one.</summary>
    public Origin Origin { get; private set; }

    /// <summary>C1: begins the collapse of a range whose scan succeeded and whose lock was dropped.</summary>
    /// <param name="space">The address space.</param>
    /// <param name="mm">Its number.</param>
    /// <param name="scanned">The range.</param>
    /// <param name="cause">The VISIT or call it is part of.</param>
    public void Begin(IActorRef space, int mm, RangeScanned scanned, Origin cause)
    {
        _cause = cause;
        Origin = world.NewOrigin(OriginKind.Collapse, isKhugepaged ? KernelThread.Khugepaged : mm);
        _space = space;
        _mm = mm;
        _scanned = scanned;
        Phase = CollapsePhase.Allocating;
        Enter(CollapseStep.Alloc, now());
        world.Node.Tell(new AllocateHuge(0, scanned.Memcg, cpu), self);
    }

    private long Address => _scanned!.Address;

    /// <summary>Takes a message of the conversation; false when it is none.</summary>
    public bool TryHandle(object message)
    {
        switch (message)
        {
            case HugeAllocated allocated when Phase == CollapsePhase.Allocating:
                OnAllocated(allocated);
                return true;
            case PhaseElapsed elapsed when elapsed.Phase == Phase:
                OnElapsed();
                return true;
            case RangeSwappedIn swapped when Phase == CollapsePhase.SwappingIn:
                OnSwappedIn(swapped.Result);
                return true;
            case CollapseChecked check when Phase is CollapsePhase.Rechecking or CollapsePhase.LockingForWrite:
                OnChecked(check);
                return true;
            case RangeIsolated isolated when Phase == CollapsePhase.Isolating:
                OnIsolated(isolated.Outcome);
                return true;
            case HugeInstalled installed when Phase == CollapsePhase.Installing:
                OnInstalled(installed.Result);
                return true;
            default:
                return false;
        }
    }

    private void OnAllocated(HugeAllocated allocated)
    {
        _newHead = allocated.Head;
        bool mayReclaim = !isKhugepaged || world.Thp.KhugepagedDefrag;
        if (_newHead < 0 && mayReclaim && allocated.Refusal is Refusal.Watermark or Refusal.Limit)
        {
            CoverageMarks.Hit(CoverageMark.AllocateSlowly);
            slowPath().Tell(new AllocateSlowly(0, 0, _scanned!.Memcg, 0) { Origin = Origin }, self);
            return;
        }

        if (_newHead < 0)
        {
            bool uncharged = allocated.Refusal is Refusal.Limit or Refusal.NoCharge; // KH-31: the page itself was there
            world.Vmstat.Add(uncharged ? VmCounter.ThpCollapseAlloc : VmCounter.ThpCollapseAllocFailed);
            ScanResult failure = uncharged ? ScanResult.CgroupChargeFail : ScanResult.AllocHugePageFail;
            CoverageMarks.Hit(ScanStage.Allocate, failure);
            Finish(failure);
            return;
        }

        CoverageMarks.Hit(ScanStage.Allocate, ScanResult.Succeed);
        world.Vmstat.Add(VmCounter.ThpCollapseAlloc);
        Wait(CollapsePhase.Allocated, world.Machine.Costs.HugeAllocNs);
    }

    private void OnElapsed()
    {
        switch (Phase)
        {
            case CollapsePhase.Allocated:
                Phase = CollapsePhase.Rechecking;
                Enter(CollapseStep.Recheck, now());
                _space.Tell(new RecheckRange(Address, isKhugepaged, Origin), self);
                break;
            case CollapsePhase.Rechecked when _scanned!.Scan.Unmapped > 0:
                Phase = CollapsePhase.SwappingIn;
                Enter(CollapseStep.SwapIn, now());
                _space.Tell(new SwapInRange(Address, _scanned.Scan.Referenced, isKhugepaged, Origin), self);
                break;
            case CollapsePhase.Rechecked:
                LockForWrite();
                break;
            case CollapsePhase.Copying:
                Phase = CollapsePhase.Installing;
                Enter(CollapseStep.Install, now());
                _space.Tell(new InstallHuge(_newHead, Origin), self);
                break;
            default:
                throw new InvariantException($"a collapse in phase {Phase} has no timer");
        }
    }

    private void LockForWrite()
    {
        Phase = CollapsePhase.LockingForWrite;
        Enter(CollapseStep.LockWait, now());
        _space.Tell(new LockRangeForWrite(Address, isKhugepaged, _pmdPage, Origin), self);
    }

    private void OnSwappedIn(ScanResult result)
    {
        CoverageMarks.Hit(ScanStage.SwapIn, result);
        if (result == ScanResult.Succeed)
        {
            LockForWrite();
        }
        else
        {
            FailWithPage(result);
        }
    }

    private void OnChecked(CollapseChecked check)
    {
        CoverageMarks.Hit(Phase == CollapsePhase.Rechecking ? ScanStage.Recheck : ScanStage.Relock, check.Result);
        if (check.Result != ScanResult.Succeed)
        {
            FailWithPage(check.Result);
        }
        else if (Phase == CollapsePhase.Rechecking)
        {
            _pmdPage = check.PmdPage;
            Wait(CollapsePhase.Rechecked, world.Machine.Costs.VisitNs);
        }
        else
        {
            Phase = CollapsePhase.Isolating;
            Enter(CollapseStep.Isolate, now());
            _space.Tell(new IsolateRange(Address, isKhugepaged, Origin), self);
        }
    }

    private void OnIsolated(IsolateOutcome outcome)
    {
        if (outcome.Result != ScanResult.Succeed)
        {
            FailWithPage(outcome.Result);
        }
        else
        {
            CoverageMarks.HitIf(outcome.NoneOrZero > _scanned!.Scan.NoneOrZero, CoverageMark.RaceHolesFilled);
            Enter(CollapseStep.Copy, now() + WorldContext.Nanoseconds(world.Machine.Costs.IsolateNs));
            Wait(CollapsePhase.Copying, world.Machine.Costs.IsolateNs + world.Machine.Costs.CopyNs);
        }
    }

    private void OnInstalled(ScanResult result)
    {
        if (result != ScanResult.Succeed)
        {
            FailWithPage(result);
        }
        else
        {
            Finish(ScanResult.Succeed);
        }
    }

    private void FailWithPage(ScanResult result)
    {
        world.Node.Tell(new ReturnHuge(_newHead, cpu), self);
        Finish(result);
    }

    private void Finish(ScanResult result)
    {
        Phase = CollapsePhase.Idle;
        world.Events.Emit(new KernelEvent
        {
            Time = now(),
            Kind = KernelEventKind.CollapseHugePage,
            Mm = _mm,
            Address = Address,
            Status = result,
            Flag = isKhugepaged,
            Origin = Origin,
        });
        finished(result);
    }

    private void Enter(CollapseStep step, TimeSpan time)
    {
        if (world.Events.FollowsSteps)
        {
            world.Events.EmitStep(new KernelEvent
            {
                Time = time,
                Kind = KernelEventKind.CollapseStep,
                Mm = _mm,
                Address = Address,
                Flag = isKhugepaged,
                Amount = (long)step,
                Origin = Origin,
                Detail = step == CollapseStep.Alloc ? new EventDetail { Cause = _cause } : null,
            });
        }
    }

    private void Wait(CollapsePhase phase, double nanoseconds)
    {
        Phase = phase;
        after(WorldContext.Nanoseconds(nanoseconds), new PhaseElapsed(phase));
    }
}
