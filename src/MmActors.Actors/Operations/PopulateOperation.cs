using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Actors.Operations;

/// <summary>MAP_POPULATE and MADV_POPULATE_WRITE: write-faults every page of a window, range by range, and drains the
/// CPU's LRU batches at the end (UT-13, SM-16).</summary>
internal sealed class PopulateOperation(AddressSpaceActor space, IActorRef replyTo, int cpu, long start, long end)
    : MmOperation(space, replyTo, cpu)
{
    private long _range = Geometry.PmdFloor(start);
    private double _costNs;
    private RangeFaults? _current;

    /// <inheritdoc/>
    protected override LockMode Mode => LockMode.Read;

    public override void OnPages(PageBuffer? pages) => Continue(_current!.OnPages(pages, Cpu));

    public override void OnHuge(int head) => Continue(_current!.OnHuge(head));

    public override void OnElapsed() => Continue(_current!.OnZeroed(Cpu));

    public override void OnWorkDone()
    {
        Cost = WorldContext.Nanoseconds(_costNs + Space.Costs.SyscallNs);
        Finish(Errno.None, start);
    }

    /// <inheritdoc/>
    protected override void Start() => Continue(FaultProgress.Done);

    private void Continue(FaultProgress progress)
    {
        while (progress == FaultProgress.Done)
        {
            _costNs += _current?.CostNs ?? 0;
            if (_range >= end)
            {
                Send(new NodeWork { DrainFirst = true }, wait: true);
                return;
            }

            var access = new Access(_range, Windows.PagesOf(_range, start, end), true, 0, false);
            _range += Geometry.PmdSize;
            _current = new RangeFaults(Space, this, access, populate: true);
            progress = _current.Advance();
        }

        if (progress == FaultProgress.Segfault)
        {
            Finish(Errno.NoMemory);
        }
        else if (progress == FaultProgress.OutOfMemory)
        {
            Finish(TouchOperation.Killed(progress, _range));
        }
    }
}
