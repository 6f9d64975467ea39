using MmActors.Actors.Operations;
using MmActors.Actors.Protocol;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Coverage;
using MmActors.Model.Events;
using MmActors.Model.Injection;
using MmActors.Model.Khugepaged;
using MmActors.Model.Memory;

namespace MmActors.Actors;

/// <content>The address space's side of khugepaged's protocol: VISITs, scans and the phases of a collapse.</content>
public sealed partial class AddressSpaceActor
{
    private Collapse? _collapse;
    private Origin _visit;

    private void OnKhugepaged(object message)
    {
        switch (message)
        {
            case BeginVisit visit:
                OnBeginVisit(visit);
                break;
            case ContinueVisit visit:
                ScanNext(visit.Address, isWithinVisit: true);
                break;
            case StopVisit:
                Release(LockMode.Read, _visit);
                break;
            case FindAreas find:
                Sender.Tell(AreasOf(find.Start, find.End), Self);
                break;
            case ScanForCollapse scan:
                new ScanForCollapseOperation(this, Sender, scan).Begin();
                break;
            case RecheckRange recheck:
                new RecheckOperation(this, Sender, recheck.Address, recheck.IsKhugepaged, LockMode.Read, null) { Origin = recheck.Origin }.Begin();
                break;
            case LockRangeForWrite relock:
                Release(LockMode.Read);
                new RecheckOperation(this, Sender, relock.Address, relock.IsKhugepaged, LockMode.Write, relock.PmdPage)
                {
                    Origin = relock.Origin,
                }.Begin();
                break;
            case SwapInRange swapIn:
                new SwapInOperation(this, Sender, swapIn) { Origin = swapIn.Origin }.BeginLocked();
                break;
            case IsolateRange isolate:
                OnIsolate(isolate);
                break;
            case InstallHuge install:
                OnInstall(install);
                break;
            case ExitedSlotGone:
                Mm.IsRegistered = false;
                StopWhenExited();
                break;
            case SmapsQuery query:
                Sender.Tell(new SmapsReply(Mm.Id, query.Tag, Mm.Smaps()), Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnBeginVisit(BeginVisit visit)
    {
        if (!Lock.TryAcquire(LockMode.Read))
        {
            Sender.Tell(new VisitRefused(Mm.Id), Self);
        }
        else
        {
            (_visit, LockUser) = (visit.Origin, visit.Origin);
            ScanFirst(visit.Address);
        }
    }

    private void ScanFirst(long address)
    {
        if (Mm.IsClosedToKhugepaged)
        {
            CoverageMarks.Hit(CoverageMark.VisitClosedMm);
            EndVisit(0, ranOffTheEnd: true);
        }
        else
        {
            ScanNext(address, isWithinVisit: false);
        }
    }

    private void ScanNext(long address, bool isWithinVisit)
    {
        WalkStep step = VisitWalk.Next(Mm, address, Thp, isWithinVisit);
        if (step.Outcome != WalkOutcome.Range)
        {
            EndVisit(step.SkippedVmas, ranOffTheEnd: step.Outcome == WalkOutcome.EndOfMm);
            return;
        }

        RangeScan scan = ScanRange(step.Address, isKhugepaged: true);
        Sender.Tell(new RangeScanned(step.Address, step.SkippedVmas, scan, Mm.Memcg), Self);
    }

    private AreasFound AreasOf(long start, long end)
    {
        List<(long, long)> areas = [];
        long covered = start;
        bool hasHole = false;
        foreach (Vma vma in Mm.Vmas.Overlapping(start, end))
        {
            hasHole |= vma.Start > covered;
            covered = Math.Min(end, vma.End);
            areas.Add((Math.Max(start, vma.Start), covered));
        }

        return new AreasFound(areas, hasHole || covered < end);
    }

    private void EndVisit(int skippedVmas, bool ranOffTheEnd)
    {
        var ended = new VisitEnded(skippedVmas, Mm.IsExiting, Mm.ThpDisabled, ranOffTheEnd);
        Release(LockMode.Read, _visit);
        Sender.Tell(ended, Self);
    }

    internal RangeScan ScanRange(long range, bool isKhugepaged)
    {
        ScanResult found = PmdLookup.Find(Mm, range, World.Switches);
        if (found != ScanResult.Succeed)
        {
            var nothing = RangeScan.WithoutTable(found);
            EmitLook(range, nothing, isKhugepaged);
            return nothing;
        }

        RangeScan scan = RangeScanner.Scan(Mm.Folios, Mm.Directory.Find(range).Table!, LimitsFor(range, isKhugepaged));
        ScanCounters.Count(Mm.Vmstat, scan.Result);
        EmitLook(range, scan, isKhugepaged);
        return scan;
    }

    internal ScanResult Recheck(long range, bool isKhugepaged)
    {
        ScanResult result = Revalidation.Check(Mm, range, Thp, isKhugepaged, out _);
        return result == ScanResult.Succeed ? PmdLookup.Find(Mm, range, World.Switches) : result;
    }

    private ScanLimits LimitsFor(long range, bool isKhugepaged)
    {
        Vma vma = Mm.Vmas.FindAbove(range)!;
        return ScanLimits.For(
            Thp, World.Switches, World.Lazyfree, vma.Has(VmaFlags.Droppable), vma.Has(VmaFlags.UffdArmed), isKhugepaged);
    }

    /// <summary>C5 and C6, with mmap_lock held for write.</summary>
    private void OnIsolate(IsolateRange request)
    {
        _collapse = Collapse.Detach(Mm, request.Address);
        var work = new NodeWork();
        IsolateOutcome outcome = _collapse.Isolate(LimitsFor(request.Address, request.IsKhugepaged), work);
        ScanCounters.Count(Mm.Vmstat, outcome.Result);
        SendWork(work, 0, 0);
        Emit(new KernelEvent
        {
            Time = Now,
            Kind = KernelEventKind.CollapseIsolate,
            Mm = Mm.Id,
            Address = request.Address,
            Status = outcome.Result,
            Flag = request.IsKhugepaged,
            Pfn = outcome.LastPfn,
            Referenced = outcome.Referenced,
            NoneOrZero = outcome.NoneOrZero,
            Writable = outcome.Writable,
            Origin = request.Origin,
            Detail = DetailOf(request.Address, EndsAtPage(outcome.Result), outcome.VisitedPtes),
        });
        if (outcome.Result != ScanResult.Succeed)
        {
            _collapse = null;
            if (Mm.Folios.Planted == PlantedBug.ForgottenWaiters)
            {
                Lock.Release(LockMode.Write);
            }
            else
            {
                Release(LockMode.Write, request.Origin);
            }
        }

        Sender.Tell(new RangeIsolated(outcome), Self);
    }

    /// <summary>C7…C10.</summary>
    private void OnInstall(InstallHuge request)
    {
        Collapse collapse = _collapse ?? throw new InvariantException($"mm {Mm.Id}: nothing is being collapsed");
        _collapse = null;
        var work = new NodeWork();
        ScanResult copied = collapse.CheckCopy();
        if (copied == ScanResult.Succeed)
        {
            collapse.Install(Mm.Vmas.FindAbove(collapse.Range)!, request.Head, Thp, work);
            EmitDetail(KernelEventKind.Installed, collapse.Range, 0);
        }
        else
        {
            collapse.RollBack(work);
        }

        new FinishInstallOperation(this, Sender, work, copied) { Origin = request.Origin }.BeginLocked();
    }
}
