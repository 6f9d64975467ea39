using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Actors.Operations;

/// <summary>MADV_PAGEOUT: range by range, the folios are isolated here and reclaimed in the caller's context whatever their
/// age (RC-41, UT-24). mmap_lock is held for read all the time.</summary>
internal sealed class PageOutOperation(AddressSpaceActor space, IActorRef replyTo, int cpu, long start, long end)
    : MmOperation(space, replyTo, cpu)
{
    private readonly FolioBatch _batch = new();
    private long _range = Geometry.PmdFloor(start);
    private Errno _errno;
    private bool _splitDone;

    /// <inheritdoc/>
    protected override LockMode Mode => LockMode.Read;

    /// <summary>A range is done: the next one.</summary>
    public override void OnWorkDone() => NextRange();

    /// <inheritdoc/>
    protected override void Start()
    {
        Space.SendWork(new NodeWork { DrainFirst = true }, Cpu, Id);
        Space.Await(this);
    }

    private void NextRange()
    {
        for (; _range < end; _range += Geometry.PmdSize, _splitDone = false)
        {
            Bits512 pages = AdviseOperation.MappedPages(Mm, _range, start, end, out bool hasHole);
            _errno = hasHole ? Errno.NoMemory : _errno;
            if (!_splitDone && TrySplit(pages))
            {
                return;
            }

            var work = new NodeWork();
            _batch.Clear();
            MadviseCold.Isolate(Mm, _range, pages, work, _batch);
            if (_batch.Count > 0)
            {
                Space.SendWork(work, Cpu, 0);
                Space.Await(this);
                Space.SlowPath(Cpu).Tell(new PageOut(Id, _batch), Space.Address);
                _range += Geometry.PmdSize;
                _splitDone = false;
                return;
            }
        }

        Cost = WorldContext.Nanoseconds(Space.Costs.SyscallNs);
        FinishAfterCost(_errno, last: () => Space.EmitMadvise(start, Advice.PageOut, _errno));
    }

    /// <summary>Splits what the call covers in part; the pages can be isolated once they are on the LRU again.</summary>
    private bool TrySplit(in Bits512 pages)
    {
        _splitDone = true;
        var work = new NodeWork();
        MadviseCold.SplitPartlyCovered(Mm, _range, pages, work);
        if (work.SplitCount == 0)
        {
            return false;
        }

        Send(work, wait: true);
        return true;
    }
}
