using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
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
    private bool _isWithReclaim;

    /// <inheritdoc/>
    protected override LockMode Mode => LockMode.Read;

    /// <summary>The isolated folios are off their lists: reclaim may have them. Otherwise a range is done, or was split:
    /// the next one.</summary>
    public override void OnWorkDone()
    {
        if (_batch.Count == 0 || _isWithReclaim)
        {
            _isWithReclaim = false;
            _batch.Clear();
            NextRange();
            return;
        }

        _isWithReclaim = true;
        Space.Await(this);
        Space.SlowPath(Cpu).Tell(new PageOut(Id, _batch) { Origin = Space.OriginOf(this) }, Space.Address);
    }

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
            if (!_splitDone)
            {
                Space.EmitDetail(KernelEventKind.Advised, _range, pages.Count(), (long)Advice.PageOut);
            }

            if (!_splitDone && TrySplit(pages))
            {
                return;
            }

            var work = new NodeWork();
            MadviseCold.Isolate(Mm, _range, pages, work, _batch);
            if (_batch.Count > 0)
            {
                _range += Geometry.PmdSize;
                _splitDone = false;
                Send(work, wait: true);
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
