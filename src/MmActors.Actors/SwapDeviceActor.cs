using MmActors.Actors.Protocol;
using MmActors.Model.Coverage;
using MmActors.Model.Injection;
using MmActors.Model.Memory;
using MmActors.Model.Swap;
using MmActors.Model.Units;

namespace MmActors.Actors;

/// <summary>The swap device with its cache: slots, what they hold and who names them; writes, reads and their latency
/// (reclaim.md 4.8). Everybody who maps a cached page got it from here, with a reference, so leaving the cache is safe.</summary>
public sealed partial class SwapDeviceActor(WorldContext world, SwapDevice device) : MmActor(world)
{
    /// <summary>A device that stalls answers after this: what a bus reset takes, and far longer than any wait here.</summary>
    private static readonly TimeSpan StallTime = TimeSpan.FromMilliseconds(500);

    private readonly byte[] _contents = new byte[Geometry.PtesPerTable];
    private TimeSpan _idleAt;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ChangeSlots change:
                OnChange(change);
                break;
            case AssignSlots request:
                OnAssign(request.Batch);
                Sender.Tell(new SlotsAssigned(request.Batch), Self);
                break;
            case WriteOut request:
                OnWriteOut(request.Batch);
                break;
            case LeaveCache request:
                OnLeaveCache(request.Batch);
                Sender.Tell(new CacheLeft(request.Batch), Self);
                break;
            case NoteEvictions noted:
                OnEvictions(noted.Evictions);
                break;
            case ReadSlots request:
                OnRead(request);
                break;
            case ReadDone done:
                OnReadDone(done);
                break;
            case WriteDone done:
                OnWriteDone(done);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private FolioTable Folios => World.Folios;

    private void OnChange(ChangeSlots change)
    {
        foreach (int slot in change.Uncached is null ? [] : change.Uncached.Pages)
        {
            device.ClearCached(slot);
            device.TryFree(slot);
        }

        foreach (int slot in change.Dropped is null ? [] : change.Dropped.Pages)
        {
            device.DropUser(slot);
            if (!device.TryFree(slot) && device.Users(slot) == 0)
            {
                DropUnneededCache(slot);
            }
        }
    }

    /// <summary>free_swap_and_cache: nobody names the slot any more; an idle, written folio gives up its place.</summary>
    private void DropUnneededCache(int slot)
    {
        int pfn = device.Cached(slot);
        if (Folios.IsLarge(pfn) || !Folios.TryGet(pfn))
        {
            return; // a large one goes at its next reclaim
        }

        const FolioFlags Busy = FolioFlags.Writeback | FolioFlags.Locked | FolioFlags.Dirty;
        if (Folios.MapCount(pfn) == 0 && Folios.TransientReferences(pfn) == 1 && (Folios.Flags(pfn) & Busy) == 0)
        {
            Folios.ClearFlags(pfn, FolioFlags.SwapCache);
            device.ClearCached(slot);
            device.Free(slot);
        }

        if (Folios.Put(pfn))
        {
            var work = new NodeWork();
            work.Freed.Add(pfn);
            World.Node.Tell(new DoWork(work, 0, 0), Self);
        }
    }

    private void OnAssign(FolioBatch batch)
    {
        foreach (ref FolioItem item in batch.Items)
        {
            if (item.Stage != FolioStage.Reclaiming)
            {
                continue;
            }

            int memcg = Folios.Owner(item.Head).Memcg;
            bool large = Folios.IsLarge(item.Head);
            bool mayCharge = World.SwapRoom(memcg) >= item.Pages;
            int slot = -1;
            bool got = mayCharge && (large ? device.TryAllocateHuge(memcg, out slot) : device.TryAllocate(memcg, out slot));
            item.Stage = got ? FolioStage.Unmapping : FolioStage.NoSlot;
            for (int page = 0; got && page < item.Pages; page++)
            {
                device.SetCached(slot + page, item.Head + page);
            }

            if (got)
            {
                CoverageMarks.Hit(large ? ReclaimMark.FolioClusterGiven : ReclaimMark.FolioSlotGiven);
                Folios.EnterSwapCache(item.Head, slot);
            }
        }
    }

    private void OnWriteOut(FolioBatch batch)
    {
        double costNs = 0;
        List<int> underWay = [];
        foreach (ref FolioItem item in batch.Items)
        {
            if (item.Stage != FolioStage.Writing)
            {
                continue;
            }

            if (World.Strikes(FaultPoint.SwapWriteError))
            {
                continue; // still dirty, in the cache and in memory
            }

            bool hasIo = Store(item);
            CoverageMarks.Hit(
                !hasIo ? ReclaimMark.FolioAllZero
                : device.IsSynchronous ? ReclaimMark.FolioWrittenAtOnce : ReclaimMark.FolioWrittenLater);
            Folios.ClearFlags(item.Head, FolioFlags.Dirty);
            costNs += hasIo ? CostOf(item.Pages) : 0;
            if (device.IsSynchronous || !hasIo)
            {
                item.Stage = FolioStage.Leaving;
            }
            else
            {
                Folios.SetFlags(item.Head, FolioFlags.Writeback);
                Folios.Get(item.Head);
                underWay.Add(item.Head);
            }
        }

        if (underWay.Count > 0)
        {
            TimeSpan stall = World.Strikes(FaultPoint.SwapStall) ? StallTime : TimeSpan.Zero;
            After(QueueIo(costNs) + stall, new WriteDone(underWay));
        }

        Sender.Tell(new WrittenOut(batch, costNs), Self);
    }

    /// <summary>A disk serves one request after the other: how long until this one is complete.</summary>
    private TimeSpan QueueIo(double serviceNs)
    {
        TimeSpan begin = _idleAt > Now ? _idleAt : Now;
        _idleAt = begin + WorldContext.Nanoseconds(serviceNs);
        return _idleAt - Now + WorldContext.Nanoseconds(World.Machine.Costs.SwapLatencyNs);
    }

    /// <summary>CM-50: a THP is written in one go, at half the price of its pages.</summary>
    private double CostOf(int pages)
    {
        double pageNs = device.IsSynchronous ? World.Machine.Costs.SwapRamPageNs : World.Machine.Costs.SwapDiskPageNs;
        return pages * pageNs * (pages > 1 ? 0.5 : 1);
    }

    /// <summary>RC-36: stores the content; false when all of it is zero, which takes no I/O.</summary>
    private bool Store(in FolioItem item)
    {
        int slot = Folios.SwapSlot(item.Head);
        bool anyNonzero = false;
        for (int page = 0; page < item.Pages; page++)
        {
            _contents[page] = Folios.Content(item.Head + page);
            anyNonzero |= _contents[page] != ContentTag.Zero;
        }

        device.StoreFolio(slot, _contents.AsSpan(0, item.Pages));
        World.Vmstat.Add(VmCounter.PswpOut, anyNonzero ? item.Pages : 0);
        World.Vmstat.Add(VmCounter.ThpSwpOut, anyNonzero && item.Pages > 1 ? 1 : 0);
        return anyNonzero;
    }

    private void OnWriteDone(WriteDone done)
    {
        var ended = new PageBuffer();
        foreach (int head in done.Heads)
        {
            Folios.ClearFlags(head, FolioFlags.Writeback);
            ended.Add(head);
        }

        World.Node.Tell(new WritebackEnded(ended), Self);
    }

    private void OnLeaveCache(FolioBatch batch)
    {
        foreach (ref FolioItem item in batch.Items)
        {
            const FolioFlags Busy = FolioFlags.Dirty | FolioFlags.Writeback;
            if (item.Stage != FolioStage.Leaving || Folios.MapCount(item.Head) > 0
                || Folios.TransientReferences(item.Head) != 1 || (Folios.Flags(item.Head) & Busy) != 0)
            {
                CoverageMarks.HitIf(item.Stage == FolioStage.Leaving, ReclaimMark.FolioCacheBusy);
                continue;
            }

            int slot = Folios.SwapSlot(item.Head);
            Folios.ClearFlags(item.Head, FolioFlags.SwapCache);
            for (int page = 0; page < item.Pages; page++)
            {
                device.ClearCached(slot + page);
                device.TryFree(slot + page);
            }

            CoverageMarks.Hit(ReclaimMark.FolioCacheLeft);
            item.Stage = FolioStage.Freed;
        }
    }

    private void OnEvictions(List<Eviction> evictions)
    {
        foreach (Eviction eviction in evictions)
        {
            for (int page = 0; page < eviction.Pages; page++)
            {
                if (device.IsAllocated(eviction.Slot + page))
                {
                    device.SetShadow(eviction.Slot + page, eviction.Age, eviction.WasWorkingset);
                }
            }
        }
    }

    private sealed record WriteDone(List<int> Heads);
}
