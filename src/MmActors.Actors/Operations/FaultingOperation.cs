using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;

namespace MmActors.Actors.Operations;

/// <summary>An operation that faults pages in range by range, under mmap_lock for read: whatever the faults of the present range
/// wait for goes on with them.</summary>
internal abstract class FaultingOperation(AddressSpaceActor space, IActorRef replyTo, int cpu) : MmOperation(space, replyTo, cpu)
{
    /// <inheritdoc/>
    protected override LockMode Mode => LockMode.Read;

    /// <summary>The range whose faults are under way.</summary>
    protected RangeFaults? Current { get; set; }

    public override void OnPages(PageBuffer pages) => Continue(Current!.OnPages(pages, Cpu));

    public override void OnHuge(int head, Refusal refusal) => Continue(Current!.OnHuge(head, refusal));

    public override void OnOutOfMemory() => Continue(Current!.OnOutOfMemory(Cpu));

    public override void OnSlotsRead(SlotsRead read) => Continue(Current!.OnSlotsRead(read, Cpu));

    protected override void OnElapsed() => Continue(Current!.OnZeroed(Cpu));

    /// <summary>The present range has come so far.</summary>
    protected abstract void Continue(FaultProgress progress);
}
