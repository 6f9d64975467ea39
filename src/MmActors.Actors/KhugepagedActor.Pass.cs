using Akka.Event;
using MmActors.Actors.Protocol;
using MmActors.Model;
using MmActors.Model.Coverage;
using MmActors.Model.Events;
using MmActors.Model.Khugepaged;
using MmActors.Model.Units;

namespace MmActors.Actors;

/// <content>One pass and its VISITs: budget, cursor, charges (KH-4…KH-18).</content>
public sealed partial class KhugepagedActor
{
    private long _budget;
    private long _progress;
    private int _heads;
    private bool _allocWaited;
    private ScanResult _lastResult;

    private long _visitBudget;
    private long _visitProgress;
    private RangeScanned? _range;
    private Origin _visit;

    /// <summary>KH-4: drains the LRU batches and samples pages_to_scan.</summary>
    private void BeginPass()
    {
        _state = ThreadState.Running;
        _budget = World.Thp.PagesToScan;
        _progress = 0;
        _heads = 0;
        _allocWaited = false;
        _lastResult = ScanResult.Fail;
        Emit(new KernelEvent { Time = Now, Kind = KernelEventKind.PassBegin, Amount = _budget });
        World.Node.Tell(new DrainAll(), Self);
    }

    /// <summary>One turn of the loop of KH-4.</summary>
    private void Turn()
    {
        if (_slots.Cursor is null)
        {
            _heads++;
        }

        if (HasWork && _heads < 2)
        {
            BeginVisit();
        }
        else
        {
            _progress = _budget;
            AfterVisit();
        }
    }

    /// <summary>KH-4.4 and KH-4.5.</summary>
    private void AfterVisit()
    {
        if (_progress >= _budget)
        {
            EndPass();
        }
        else if (_lastResult != ScanResult.AllocHugePageFail)
        {
            Turn();
        }
        else if (_allocWaited)
        {
            CoverageMarks.Hit(CoverageMark.PassEndsAtSecondFailure);
            EndPass();
        }
        else
        {
            CoverageMarks.Hit(CoverageMark.PassAllocSleep);
            _allocWaited = true;
            _state = ThreadState.AllocSleeping;
            SleepFor(World.Thp.AllocSleepMillisecs);
        }
    }

    private void EndPass()
    {
        Emit(new KernelEvent { Time = Now, Kind = KernelEventKind.PassEnd, Amount = _progress });
        if (World.IsLogged)
        {
            Log.Debug("pass ends: {Progress} of {Budget} pages", _progress, _budget);
        }

        WaitAfterPass();
    }

    /// <summary>KH-11, KH-12.</summary>
    private void BeginVisit()
    {
        _lastResult = ScanResult.Fail;
        _visitBudget = _budget - _progress;
        _visitProgress = 0;
        MmSlots<Akka.Actor.IActorRef>.Slot slot = _slots.Begin();
        _visit = World.NewOrigin(OriginKind.Visit, KernelThread.Khugepaged);
        if (World.Events.FollowsSteps)
        {
            World.Events.EmitStep(new KernelEvent
            {
                Time = Now,
                Kind = KernelEventKind.VisitBegin,
                Mm = slot.Mm,
                Amount = _visitBudget,
                Origin = _visit,
            });
        }

        slot.Space.Tell(new BeginVisit(_slots.Address, _visit), Self);
    }

    private void OnVisitRefused()
    {
        CoverageMarks.Hit(CoverageMark.VisitLockRefused);
        LeaveMm(freeSlot: _slots.Cursor!.IsExiting);
    }

    private void OnVisitEnded(VisitEnded ended)
    {
        if (_visitProgress == 0)
        {
            _visitProgress = 1; // KH-13
        }

        _visitProgress += ended.SkippedVmas;
        if (ended.RanOffTheEnd || ended.IsExiting)
        {
            LeaveMm(ended.IsExiting);
        }
        else
        {
            EndVisit(ended.IsDisabled);
        }
    }

    /// <summary>KH-18: the cursor moves on.</summary>
    private void LeaveMm(bool freeSlot)
    {
        MmSlots<Akka.Actor.IActorRef>.Slot slot = _slots.Cursor!;
        bool fullScan = _slots.Leave(freeSlot);
        if (fullScan)
        {
            CoverageMarks.Hit(CoverageMark.VisitFullScan);
            _counters.CountFullScan();
            if (World.IsLogged)
            {
                Log.Info("full scan {Number} ends", _counters.FullScans);
            }
        }

        EmitVisit(slot.Mm, fullScan);
        if (freeSlot)
        {
            CoverageMarks.Hit(CoverageMark.VisitFreesSlot);
            Emit(new KernelEvent { Time = Now, Kind = KernelEventKind.SlotFreed, Mm = slot.Mm });
            slot.Space.Tell(new ExitedSlotGone(), Self);
        }

        FinishVisit();
    }

    /// <summary>The VISIT ends inside its mm: the cursor stays, unless the mm began to exit meanwhile or, with VR-7, was
    /// found THP-disabled (KH-18).</summary>
    private void EndVisit(bool isClosed)
    {
        bool isExiting = _slots.Cursor!.IsExiting;
        if (isExiting || (isClosed && World.Switches.LeavesDisabledMmAtOnce))
        {
            LeaveMm(freeSlot: isExiting);
        }
        else
        {
            EmitVisit(_slots.Cursor.Mm, fullScan: false);
            FinishVisit();
        }
    }

    private void FinishVisit()
    {
        _progress += _visitProgress;
        AfterVisit();
    }

    private void EmitVisit(int mm, bool fullScan) => Emit(new KernelEvent
    {
        Time = Now,
        Kind = KernelEventKind.Visit,
        Mm = mm,
        Amount = _visitProgress,
        Extra = _visitBudget,
        Writable = fullScan,
        Origin = _visit,
    });

    /// <summary>A range was scanned: its simulated time passes, with mmap_lock held.</summary>
    private void OnRangeScanned(RangeScanned scanned)
    {
        var costs = World.Machine.Costs;
        double costNs = (scanned.SkippedVmas * costs.SkipVmaNs) + scanned.Scan.CostNs(costs);
        if (_visitProgress == 0)
        {
            _visitProgress = 1; // KH-13
            costNs += costs.VisitNs;
        }

        _visitProgress += scanned.SkippedVmas;
        _range = scanned;
        After(WorldContext.Nanoseconds(costNs), new RangeTimeElapsed());
    }

    private void OnRangeTimeElapsed()
    {
        if (_range!.Scan.Result == ScanResult.Succeed)
        {
            _slots.Cursor!.Space.Tell(new StopVisit(), Self); // C0
            _collapse.Begin(_slots.Cursor!.Space, _slots.Cursor.Mm, _range, _visit);
        }
        else
        {
            OnRangeFinished(_range.Scan.Result);
        }
    }

    /// <summary>KH-14.4: counts, charges, and decides whether the VISIT goes on.</summary>
    private void OnRangeFinished(ScanResult result)
    {
        RangeScanned range = _range!;
        _lastResult = result;
        _slots.Address = range.Address + Geometry.PmdSize;
        int charge = World.Charge.Charge(range.Scan);
        _visitProgress += charge;
        if (result == ScanResult.Succeed)
        {
            _counters.CountCollapse();
        }

        Emit(ScanPmd(range, result, charge));
        if (World.Events.Follows(_slots.Cursor!.Mm, range.Address, range.Address + Geometry.PmdSize))
        {
            long left = _budget - _progress - _visitProgress;
            World.Events.EmitDetail(ScanPmd(range, result, charge) with
            {
                Kind = KernelEventKind.Charged,
                Amount = left,
                Extra = _budget,
            });
        }

        if (World.IsLogged && range.Scan.Result == ScanResult.Succeed)
        {
            Log.Debug("collapse of {Address:x} in mm {Mm}: {Status}", range.Address, _slots.Cursor!.Mm, result.Text());
        }

        bool lockDropped = range.Scan.Result == ScanResult.Succeed;
        if (lockDropped)
        {
            CoverageMarks.Hit(CoverageMark.VisitLockDropped);
            EndVisit(isClosed: result == ScanResult.AnyProcess);
        }
        else if (_visitProgress >= _visitBudget)
        {
            CoverageMarks.Hit(CoverageMark.VisitBudgetSpent);
            _slots.Cursor!.Space.Tell(new StopVisit(), Self);
            EndVisit(isClosed: false);
        }
        else
        {
            _slots.Cursor!.Space.Tell(new ContinueVisit(_slots.Address), Self);
        }
    }

    private KernelEvent ScanPmd(RangeScanned range, ScanResult result, int charge) => new()
    {
        Time = Now,
        Kind = KernelEventKind.ScanPmd,
        Mm = _slots.Cursor!.Mm,
        Address = range.Address,
        Status = result,
        Flag = true,
        Pfn = range.Scan.LastPfn,
        Referenced = range.Scan.Referenced,
        NoneOrZero = range.Scan.NoneOrZero,
        Unmapped = range.Scan.Unmapped,
        Writable = range.Scan.Writable,
        Amount = charge,
        Extra = range.Scan.HasPteTable ? range.Scan.VisitedPtes : 1,
        Origin = range.Scan.Result == ScanResult.Succeed ? _collapse.Origin : _visit,
    };
}
