using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Khugepaged;
using MmActors.Model.Units;

namespace MmActors.Actors.Tasks;

/// <summary>MADV_COLLAPSE in the calling task's context (KH-43…46a): range after range, remembering the last failure.</summary>
internal sealed class MadviseCollapseCall
{
    private readonly WorldContext _world;
    private readonly IActorRef _self;
    private readonly IActorRef _space;
    private readonly Func<TimeSpan> _now;
    private readonly int _mm;
    private readonly long _end;
    private readonly Action<Errno> _done;
    private readonly CollapseDriver _collapse;
    private long _range;
    private RangeScan _scan;
    private ScanResult _lastFailure = ScanResult.Succeed;
    private bool _waitsForScan;

    public MadviseCollapseCall(
        WorldContext world, IActorRef self, IActorRef space, int mm, (long Start, long End) window,
        Action<TimeSpan, object> after, Func<TimeSpan> now, Action<Errno> done)
    {
        _world = world;
        _self = self;
        _space = space;
        _mm = mm;
        _now = now;
        _range = Geometry.PmdCeiling(window.Start);
        _end = Geometry.PmdFloor(window.End);
        _done = done;
        _collapse = new CollapseDriver(world, self, after, now, isKhugepaged: false, OnRangeFinished);
    }

    /// <summary>Begins with lru_add_drain_all.</summary>
    public void Begin()
    {
        if (_range >= _end)
        {
            _done(_world.Switches.CollapseToleratesEmptyRange ? Errno.None : Errno.Invalid);
            return;
        }

        _world.Node.Tell(new DrainAll(), _self);
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
            case AllDrained:
                ScanRange();
                return true;
            case RangeScanned scanned when _waitsForScan:
                OnScanned(scanned.Scan);
                return true;
            case CollapseChecked refused when _waitsForScan:
                _waitsForScan = false;
                _done(ErrnoOf(refused.Result));
                return true;
            default:
                return false;
        }
    }

    private void ScanRange()
    {
        _waitsForScan = true;
        _space.Tell(new ScanForCollapse(_range, Revalidate: true), _self);
    }

    private void OnScanned(RangeScan scan)
    {
        _waitsForScan = false;
        _scan = scan;
        if (scan.Result == ScanResult.Succeed)
        {
            _collapse.Begin(_space, _mm, _range);
        }
        else
        {
            OnRangeFinished(scan.Result);
        }
    }

    private void OnRangeFinished(ScanResult result)
    {
        _world.Events.Emit(new KernelEvent
        {
            Time = _now(),
            Kind = KernelEventKind.ScanPmd,
            Mm = _mm,
            Address = _range,
            Status = result,
            Pfn = _scan.LastPfn,
            NoneOrZero = _scan.NoneOrZero,
            Unmapped = _scan.Unmapped,
            Writable = _scan.Writable,
            Extra = _scan.HasPteTable ? _scan.VisitedPtes : 1,
        });
        bool done = result is ScanResult.Succeed or ScanResult.PmdMapped;
        if (!done)
        {
            _lastFailure = result;
        }

        _range += Geometry.PmdSize;
        if (_range < _end && (done || GoesOnAfter(result)))
        {
            ScanRange();
        }
        else
        {
            _done(_lastFailure == ScanResult.Succeed ? Errno.None : ErrnoOf(_lastFailure));
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

    /// <summary>KH-46.</summary>
    private static Errno ErrnoOf(ScanResult result) => result switch
    {
        ScanResult.AllocHugePageFail => Errno.NoMemory,
        ScanResult.CgroupChargeFail or ScanResult.ExceedNonePte => Errno.Busy,
        ScanResult.PageCount or ScanResult.PageLock or ScanResult.PageLru or ScanResult.DelPageLru => Errno.Again,
        _ => Errno.Invalid,
    };
}
