using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Actors.Operations;

/// <summary>MAP_POPULATE and MADV_POPULATE_WRITE: write-faults every page of a window, range by range, and drains the
/// CPU's LRU batches at the end (UT-13, SM-16). mmap_lock is held for read all the time.</summary>
/// <param name="space">The address space.</param>
/// <param name="replyTo">Who called.</param>
/// <param name="cpu">CPU of the caller.</param>
/// <param name="start">First address of the window.</param>
/// <param name="end">First address behind it.</param>
/// <param name="stalledBefore">Time the same call waited for mmap_lock before, as an mmap that populates does.</param>
internal sealed class PopulateOperation(
    AddressSpaceActor space, IActorRef replyTo, int cpu, long start, long end, TimeSpan stalledBefore)
    : FaultingOperation(space, replyTo, cpu)
{
    private long _range = Geometry.PmdFloor(start);

    public override void OnWorkDone()
    {
        Cost = WorldContext.Nanoseconds(Space.Costs.SyscallNs);
        AfterCost(() => Finish(
            new MmDone(Errno.None, start, TimeSpan.Zero, Stalled + stalledBefore) { AboveHigh = AboveHigh }));
    }

    /// <inheritdoc/>
    protected override void Start() => NextRange();

    private void NextRange()
    {
        if (_range >= end)
        {
            Send(new NodeWork { DrainFirst = true }, wait: true);
            return;
        }

        var access = new Access(_range, Windows.PagesOf(_range, start, end), true, 0, false);
        _range += Geometry.PmdSize;
        Current = new RangeFaults(Space, this, access, populate: true);
        Continue(Current.Advance());
    }

    /// <inheritdoc/>
    protected override void Continue(FaultProgress progress)
    {
        if (progress == FaultProgress.Done)
        {
            long range = _range - Geometry.PmdSize;
            Space.EmitDetail(KernelEventKind.Populated, range, Windows.PagesOf(range, start, end).Count());
            Cost = WorldContext.Nanoseconds(Current!.CostNs);
            AfterCost(NextRange);
        }
        else if (progress == FaultProgress.Segfault)
        {
            Finish(Errno.NoMemory);
        }
        else if (progress is FaultProgress.OutOfMemory or FaultProgress.ReadError)
        {
            Finish(TouchOperation.Killed(progress, _range));
        }
    }
}
