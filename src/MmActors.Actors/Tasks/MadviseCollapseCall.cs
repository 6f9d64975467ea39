using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model;
using MmActors.Model.Coverage;
using MmActors.Model.Events;
using MmActors.Model.Khugepaged;
using MmActors.Model.Units;

namespace MmActors.Actors.Tasks;

/// <summary>MADV_COLLAPSE in the calling task's context (KH-43…46a): area after area and in each range after range,
/// remembering the last failure. An area that fails ends the call; a hole makes it ENOMEM after the mapped parts.</summary>
internal sealed class MadviseCollapseCall
{
    private readonly WorldContext _world;
    private readonly IActorRef _self;
    private readonly IActorRef _space;
    private readonly Action<TimeSpan, object> _after;
    private readonly Func<TimeSpan> _now;
    private readonly int _mm;
    private readonly (long Start, long End) _window;
    private readonly Action<Errno> _done;
    private readonly CollapseDriver _collapse;
    private AreasFound? _areas;
    private int _area;
    private long _range;
    private long _end;
    private RangeScanned? _scanned;
    private Origin _call;
    private ScanResult _lastFailure = ScanResult.Succeed;
    private bool _waitsForScan;

    public MadviseCollapseCall(
        WorldContext world, IActorRef self, IActorRef space, int mm, int cpu, (long Start, long End) window,
        Action<TimeSpan, object> after, Func<TimeSpan> now, Func<IActorRef> slowPath, Action<Errno> done)
    {
        _world = world;
        _self = self;
        _space = space;
        _mm = mm;
        _after = after;
        _now = now;
        _window = window;
        _done = done;
        _collapse = new CollapseDriver(world, self, after, now, isKhugepaged: false, cpu, slowPath, OnRangeFinished);
    }

    /// <summary>Finds out which areas the window covers.</summary>
    public void Begin()
    {
        _call = _world.NewOrigin(OriginKind.Call, _mm);
        _space.Tell(new FindAreas(_window.Start, _window.End), _self);
    }

    /// <summary>Takes a message of the call; false when it is none.</summary>
    public bool TryHandle(object message)
    {
        if (_collapse.TryHandle(message))
        {
            return true;
        }

        switch (message)
        {
            case AreasFound found:
                _areas = found;
                BeginArea();
                return true;
            case AllDrained:
                _after(WorldContext.Nanoseconds(_world.Machine.Costs.DrainAllNs), new BatchesDrained());
                return true;
            case BatchesDrained:
                ScanRange();
                return true;
            case RangeScanned scanned when _waitsForScan:
                OnScanned(scanned);
                return true;
            case CollapseChecked refused when _waitsForScan:
                _waitsForScan = false;
                CoverageMarks.Hit(CoverageMark.CallRevalidationFails);
                EndArea(ErrnoOf(refused.Result));
                return true;
            default:
                return false;
        }
    }

    /// <summary>KH-43: each area begins with lru_add_drain_all, unless no aligned range of it is asked for.</summary>
    private void BeginArea()
    {
        if (_area == _areas!.Areas.Count)
        {
            CoverageMarks.HitIf(_areas.HasHole, CoverageMark.CallHole);
            _done(_areas.HasHole ? Errno.NoMemory : Errno.None);
            return;
        }

        (long start, long end) = _areas.Areas[_area++];
        _range = Geometry.PmdCeiling(start);
        _end = Geometry.PmdFloor(end);
        _lastFailure = ScanResult.Succeed;
        if (_range < _end)
        {
            _world.Node.Tell(new DrainAll(), _self);
        }
        else
        {
            CoverageMarks.Hit(_world.Switches.CollapseToleratesEmptyRange
                ? CoverageMark.CallEmptyAreaAllowed : CoverageMark.CallEmptyAreaInvalid);
            EndArea(_world.Switches.CollapseToleratesEmptyRange ? Errno.None : Errno.Invalid);
        }
    }

    private void EndArea(Errno errno)
    {
        if (errno == Errno.None)
        {
            BeginArea();
        }
        else
        {
            _done(errno);
        }
    }

    private void ScanRange()
    {
        _waitsForScan = true;
        _space.Tell(new ScanForCollapse(_range, Revalidate: true), _self);
    }

    private void OnScanned(RangeScanned scanned)
    {
        _waitsForScan = false;
        _scanned = scanned;
        if (scanned.Scan.Result == ScanResult.Succeed)
        {
            _collapse.Begin(_space, _mm, scanned, _call);
        }
        else
        {
            OnRangeFinished(scanned.Scan.Result);
        }
    }

    private void OnRangeFinished(ScanResult result)
    {
        RangeScan scan = _scanned!.Scan;
        _world.Events.Emit(new KernelEvent
        {
            Time = _now(),
            Kind = KernelEventKind.ScanPmd,
            Mm = _mm,
            Address = _range,
            Status = result,
            Pfn = scan.LastPfn,
            NoneOrZero = scan.NoneOrZero,
            Unmapped = scan.Unmapped,
            Writable = scan.Writable,
            Extra = scan.HasPteTable ? scan.VisitedPtes : 1,
            Origin = scan.Result == ScanResult.Succeed ? _collapse.Origin : _call,
        });
        bool done = result is ScanResult.Succeed or ScanResult.PmdMapped;
        if (!done)
        {
            _lastFailure = result;
        }

        _range += Geometry.PmdSize;
        CoverageMarks.HitIf(result == ScanResult.PmdMapped, CoverageMark.CallAlreadyHuge);
        CoverageMarks.HitIf(!done && GoesOnAfter(result), CoverageMark.CallGoesOnAfterFailure);
        CoverageMarks.HitIf(!done && !GoesOnAfter(result), CoverageMark.CallEndsAtFailure);
        if (_range < _end && (done || GoesOnAfter(result)))
        {
            ScanRange();
        }
        else
        {
            EndArea(_lastFailure == ScanResult.Succeed ? Errno.None : ErrnoOf(_lastFailure));
        }
    }

    /// <summary>KH-45: failures that are remembered while the call goes on.</summary>
    private bool GoesOnAfter(ScanResult result) => result switch
    {
        ScanResult.PmdNull or ScanResult.PteNonPresent or ScanResult.PteUffdWp or ScanResult.PageRo
            or ScanResult.LackReferencedPage or ScanResult.PageNull or ScanResult.PageCount or ScanResult.PageLock
            or ScanResult.PageLru or ScanResult.DelPageLru => true,
        ScanResult.NoPteTable => _world.Switches.CollapseToleratesEmptyRange,
        _ => false,
    };

    private sealed record BatchesDrained;

    /// <summary>KH-46.</summary>
    private static Errno ErrnoOf(ScanResult result)
    {
        Errno errno = Translate(result);
        CoverageMarks.HitIf(errno == Errno.NoMemory, CoverageMark.CallNoMemory);
        CoverageMarks.HitIf(errno == Errno.Busy, CoverageMark.CallBusy);
        CoverageMarks.HitIf(errno == Errno.Again, CoverageMark.CallAgain);
        CoverageMarks.HitIf(errno == Errno.Invalid, CoverageMark.CallInvalid);
        return errno;
    }

    private static Errno Translate(ScanResult result) => result switch
    {
        ScanResult.AllocHugePageFail => Errno.NoMemory,
        ScanResult.CgroupChargeFail or ScanResult.ExceedNonePte => Errno.Busy,
        ScanResult.PageCount or ScanResult.PageLock or ScanResult.PageLru or ScanResult.DelPageLru => Errno.Again,
        _ => Errno.Invalid,
    };
}
