using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Actors.Operations;

/// <summary>Calls that change VMAs under mmap_lock for write: MADV_(NO)HUGEPAGE, mprotect, prctl.</summary>
internal sealed class AreaOperation(
    AddressSpaceActor space, IActorRef replyTo, int cpu, IReadOnlyList<(long Start, long End)> windows,
    Func<VmaFlags, VmaFlags> change, bool removesWrite, Action<Errno> done) : MmOperation(space, replyTo, cpu)
{
    /// <inheritdoc/>
    protected override LockMode Mode => LockMode.Write;

    /// <inheritdoc/>
    protected override void Start()
    {
        Errno errno = Errno.None;
        foreach ((long start, long end) in windows)
        {
            VmaBoundaries.SplitHugeWhereChanged(Mm, start, change);
            VmaBoundaries.SplitHugeWhereChanged(Mm, end, change);
            errno = Mm.Vmas.Change(start, end, change) ? errno : Errno.NoMemory;
            if (removesWrite)
            {
                VmaBoundaries.RemoveWriteBits(Mm, start, end);
            }
        }

        done(errno);
        Cost = WorldContext.Nanoseconds(Space.Costs.SyscallNs * Math.Max(1, windows.Count));
        FinishAfterCost(errno);
    }
}

/// <summary>munmap and exit: zap, free page tables and (munmap) drop the VMAs, under mmap_lock for write (UT-30, UT-31).</summary>
internal sealed class UnmapOperation(
    AddressSpaceActor space, IActorRef replyTo, int cpu, long start, long end, bool isExit) : MmOperation(space, replyTo, cpu)
{
    /// <inheritdoc/>
    protected override LockMode Mode => LockMode.Write;

    public override void OnWorkDone() => FinishAfterCost(last: isExit ? Space.OnExited : null);

    /// <inheritdoc/>
    protected override void Start()
    {
        double costNs = Space.Costs.SyscallNs;
        Space.SendWork(new NodeWork { DrainFirst = true }, Cpu, 0);
        foreach (long range in Mm.MappedRanges(start, end))
        {
            var work = new NodeWork();
            costNs += Zapping.Zap(Mm, range, Windows.PagesOf(range, start, end), work) * Space.Costs.MadvDontNeedPteNs;
            Space.SendWork(work, Cpu, 0);
        }

        VmaBoundaries.Unmap(Mm, start, end);
        if (!isExit)
        {
            Space.EmitWindow(KernelEventKind.Unmapped, start, end);
        }

        Cost = WorldContext.Nanoseconds(costNs);
        Send(new NodeWork(), wait: true);
    }
}

/// <summary>fork: copies the address space under mmap_lock for write (UT-14, UT-15). Copying an entry is priced like looking
/// at it in a scan.</summary>
internal sealed class ForkOperation(AddressSpaceActor space, IActorRef replyTo, int cpu, Mm child, IActorRef childSpace, string childName)
    : MmOperation(space, replyTo, cpu)
{
    /// <inheritdoc/>
    protected override LockMode Mode => LockMode.Write;

    /// <inheritdoc/>
    protected override void Start()
    {
        var work = new NodeWork();
        Forking.Copy(Mm, child, work);
        Space.SendWork(work, Cpu, 0);
        Space.ChildCopied(childSpace, Cpu);
        Space.EmitFork(child, childName);
        if (Mm.IsRegistered)
        {
            Space.Announce(child, childSpace);
        }

        long entries = Mm.RssPages - ((long)Mm.HugeRanges * (Geometry.PtesPerTable - 1));
        Cost = WorldContext.Nanoseconds(Space.Costs.SyscallNs + (entries * Space.Costs.ScanPresentPteNs));
        FinishAfterCost();
    }
}
