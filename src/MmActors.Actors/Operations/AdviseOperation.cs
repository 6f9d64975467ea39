using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Actors.Operations;

/// <summary>MADV_FREE and MADV_DONTNEED: range by range under mmap_lock for read; a hole gives ENOMEM after the mapped
/// parts were done (user-tasks.md 5.4). Both drain the CPU's LRU batches first (SM-16).</summary>
internal sealed class AdviseOperation(
    AddressSpaceActor space, IActorRef replyTo, int cpu, long start, long end, Advice advice)
    : MmOperation(space, replyTo, cpu)
{
    private Errno _errno;

    /// <inheritdoc/>
    protected override LockMode Mode => LockMode.Read;

    public override void OnWorkDone() => FinishAfterCost(_errno, last: () => Space.EmitMadvise(start, advice, _errno));

    /// <inheritdoc/>
    protected override void Start()
    {
        double costNs = Space.Costs.SyscallNs;
        Space.SendWork(new NodeWork { DrainFirst = true }, Cpu, 0);
        for (long range = Geometry.PmdFloor(start); range < end; range += Geometry.PmdSize)
        {
            Bits512 pages = MappedPages(range);
            if (pages.IsEmpty)
            {
                continue;
            }

            if (advice == Advice.Free)
            {
                Space.MoveYoungBits(range);
            }

            var work = new NodeWork();
            costNs += advice == Advice.Free
                ? MadviseFree.Apply(Mm, range, pages, work) * Space.Costs.MadvFreePteNs
                : Zapping.Zap(Mm, range, pages, work) * Space.Costs.MadvDontNeedPteNs;
            costNs += work.SplitCount * Space.Costs.FolioSplitNs;
            Space.SendWork(work, Cpu, 0);
        }

        Cost = WorldContext.Nanoseconds(costNs);
        Send(new NodeWork(), wait: true);
    }

    private Bits512 MappedPages(long range)
    {
        Bits512 wanted = Windows.PagesOf(range, start, end);
        Bits512 mapped = Bits512.None;
        foreach (Vma vma in Mm.Vmas.Overlapping(range, range + Geometry.PmdSize))
        {
            mapped |= Windows.PagesOf(range, vma.Start, vma.End);
        }

        _errno = (wanted & mapped) == wanted ? _errno : Errno.NoMemory;
        return wanted & mapped;
    }
}
