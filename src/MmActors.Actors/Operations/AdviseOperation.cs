using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Actors.Operations;

/// <summary>MADV_FREE, MADV_DONTNEED and MADV_COLD: range by range under mmap_lock for read; a hole gives ENOMEM after the mapped
/// parts were done (user-tasks.md 5.4). All drain the CPU's LRU batches first (SM-16).</summary>
internal sealed class AdviseOperation(
    AddressSpaceActor space, IActorRef replyTo, int cpu, long start, long end, Advice advice)
    : MmOperation(space, replyTo, cpu)
{
    private Errno _errno;
    private long _pages;

    /// <inheritdoc/>
    protected override LockMode Mode => LockMode.Read;

    public override void OnWorkDone() => FinishAfterCost(_errno, last: () =>
        Space.EmitMadvise(start, advice, _errno, BeganAt, _pages));

    /// <inheritdoc/>
    protected override void Start()
    {
        double costNs = Space.Costs.SyscallNs;
        Space.SendWork(new NodeWork { DrainFirst = true }, Cpu, 0);
        for (long range = Geometry.PmdFloor(start); range < end; range += Geometry.PmdSize)
        {
            Bits512 pages = MappedPages(Mm, range, start, end, out bool hasHole);
            _errno = hasHole ? Errno.NoMemory : _errno;
            if (pages.IsEmpty)
            {
                continue;
            }

            _pages += pages.Count();
            if (advice == Advice.Free)
            {
                Space.MoveYoungBits(range);
            }

            var work = new NodeWork();
            costNs += advice switch
            {
                Advice.Free => MadviseFree.Apply(Mm, range, pages, work) * Space.Costs.MadvFreePteNs,
                Advice.Cold => MadviseCold.Apply(Mm, range, pages, work) * Space.Costs.MadvFreePteNs,
                _ => Zapping.Zap(Mm, range, pages, work) * Space.Costs.MadvDontNeedPteNs,
            };
            costNs += work.SplitCount * Space.Costs.FolioSplitNs;
            if (Space.Follows(range))
            {
                Space.EmitDetail(
                    KernelEventKind.Advised, range, pages.Count(), (long)advice, referenced: work.LazyfreePages(Mm.Folios));
            }

            Space.SendWork(work, Cpu, 0);
        }

        Cost = WorldContext.Nanoseconds(costNs);
        Send(new NodeWork(), wait: true);
    }

    /// <summary>Pages of the range that the call covers and some area maps; a hole makes it ENOMEM in the end.</summary>
    internal static Bits512 MappedPages(Mm mm, long range, long start, long end, out bool hasHole)
    {
        Bits512 wanted = Windows.PagesOf(range, start, end);
        Bits512 mapped = Bits512.None;
        foreach (Vma vma in mm.Vmas.Overlapping(range, range + Geometry.PmdSize))
        {
            mapped |= Windows.PagesOf(range, vma.Start, vma.End);
        }

        hasHole = (wanted & mapped) != wanted;
        return wanted & mapped;
    }
}
