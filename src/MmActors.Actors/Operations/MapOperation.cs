using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;

namespace MmActors.Actors.Operations;

/// <summary>mmap: adds the area under mmap_lock for write; with MAP_POPULATE the pages are faulted in before the call
/// returns, after the lock was dropped and taken for read (UT-12, UT-13).</summary>
internal sealed class MapOperation(AddressSpaceActor space, IActorRef replyTo, int cpu, Vma area, string region, bool populate)
    : MmOperation(space, replyTo, cpu)
{
    private readonly IActorRef _replyTo = replyTo;

    /// <inheritdoc/>
    protected override LockMode Mode => LockMode.Write;

    /// <inheritdoc/>
    protected override void Start()
    {
        long start = area.Start;
        long end = area.End;
        Mm.Vmas.Insert(area);
        Space.EmitForSpace(KernelEventKind.Mapped, region, start, end - start, flag: populate);
        Space.RegisterIfEligible(start, end);
        Cost = WorldContext.Nanoseconds(Space.Costs.SyscallNs);
        AfterCost(() => End(start, end));
    }

    private void End(long start, long end)
    {
        if (!populate)
        {
            Finish(Errno.None, start);
            return;
        }

        Space.Release(Mode);
        new PopulateOperation(Space, _replyTo, Cpu, start, end, Stalled).Begin();
    }
}
