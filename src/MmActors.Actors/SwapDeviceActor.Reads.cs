using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Injection;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Actors;

/// <content>Swapping in.</content>
public sealed partial class SwapDeviceActor
{
    /// <summary>When somebody comes back who found too many others at a page; where reading takes time, that is on top.</summary>
    private static readonly TimeSpan CrowdedTime = TimeSpan.FromMicroseconds(1);

    /// <summary>UT-7: what is cached is handed out as it is; the rest is read. A device that takes time reads into the swap
    /// cache; a synchronous one only when several processes name the slot.</summary>
    private void OnRead(ReadSlots request)
    {
        List<SwappedPage> found = new(request.Slots.Length);
        List<int> reading = [];
        var held = new PageBuffer();
        var added = new NodeWork();
        bool hasFailed = false;
        bool isCrowded = false;
        double costNs = 0;
        for (int index = 0; index < request.Slots.Length; index++)
        {
            int slot = request.Slots[index];
            if (!device.IsAllocated(slot) || device.Users(slot) == 0)
            {
                continue; // given up meanwhile
            }

            if (device.Cached(slot) >= 0)
            {
                // A folio that is no longer in the cache was mapped by another fault meanwhile; the entry that asked is gone,
                // and the word that the slot may be freed is on its way.
                if (TryCached(slot, held, out bool isFull) is { } cached)
                {
                    found.Add(cached);
                }

                isCrowded |= isFull;

                continue;
            }

            bool hasIo = !device.IsInZeroMap(slot);
            if (hasIo && World.Strikes(FaultPoint.SwapReadError))
            {
                hasFailed = true;
                continue;
            }

            World.Vmstat.Add(VmCounter.PswpIn, hasIo ? 1 : 0);
            costNs += hasIo ? CostOf(1) : 0;
            bool throughCache = !device.IsSynchronous || device.Users(slot) > 1;
            SwappedPage page = ReadOne(request, index, throughCache, added);
            if (throughCache && hasIo && !device.IsSynchronous)
            {
                Folios.SetFlags(page.Pfn, FolioFlags.Locked); // nobody else knows it yet
                reading.Add(page.Pfn);
                if (!request.MayWait)
                {
                    continue;
                }
            }

            if (page.IsCached)
            {
                Folios.Get(page.Pfn); // the look-up's, dropped when it is mapped
                held.Add(page.Pfn);
            }

            found.Add(page);
        }

        Finish(request, found, held, reading, added, costNs, hasFailed, isCrowded);
    }

    private void Finish(
        ReadSlots request, List<SwappedPage> found, PageBuffer held, List<int> reading, NodeWork added, double costNs,
        bool hasFailed, bool isCrowded)
    {
        if (!added.IsEmpty)
        {
            World.Node.Tell(new DoWork(added, request.Cpu, 0), Self);
        }

        bool waits = reading.Count > 0;
        var reply = new SlotsRead(
            request.Operation, found, request.Pages, held, waits && !request.MayWait, device.IsMoreThanHalfFull)
        {
            HasFailed = hasFailed,
        };
        TimeSpan delay = waits ? QueueIo(costNs) : WorldContext.Nanoseconds(costNs);
        delay += World.Strikes(FaultPoint.SwapStall) ? StallTime : TimeSpan.Zero;
        delay += isCrowded ? CrowdedTime : TimeSpan.Zero;
        if (waits && !request.MayWait)
        {
            Sender.Tell(reply, Self);
            After(delay, new ReadDone(reading, null, Sender));
        }
        else
        {
            After(delay, new ReadDone(reading, reply, Sender));
        }
    }

    /// <summary>Takes the slot's folio from the swap cache, unless it is leaving; it is held once for the mapper, however many of its pages are
    /// asked for.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="held">What is held for that mapper.</param>
    /// <param name="isFull">So many others map it at this moment that this one has to ask again.</param>
    private SwappedPage? TryCached(int slot, PageBuffer held, out bool isFull)
    {
        int pfn = device.Cached(slot);
        int head = Folios.Head(pfn);
        bool isHeld = held.Pages.Contains(head);
        isFull = !isHeld && Folios.IsCrowded(head);
        if (isFull)
        {
            return null;
        }

        if (!isHeld && !Folios.TryGet(head))
        {
            return null;
        }

        if (Folios.Has(head, FolioFlags.SwapCache) && Folios.SwapSlot(head) + (pfn - head) == slot)
        {
            if (!isHeld)
            {
                held.Add(head);
            }

            return new SwappedPage(slot, pfn, true, Folios.Content(pfn), -1, false, WasRead: false);
        }

        if (!isHeld && Folios.Put(head))
        {
            throw new InvariantException($"pfn {head} lost its last reference in a swap cache look-up");
        }

        return null;
    }

    private SwappedPage ReadOne(ReadSlots request, int index, bool throughCache, NodeWork added)
    {
        int slot = request.Slots[index];
        int pfn = request.Pages.TakeFirst();
        byte content = device.Content(slot);
        bool hasShadow = device.TryGetShadow(slot, out long age, out bool workingset);
        if (!throughCache)
        {
            return new SwappedPage(slot, pfn, false, content, hasShadow ? age : -1, workingset, WasRead: true);
        }

        Folios.InitSmall(pfn, FolioFlags.SwapBacked, content);
        Folios.SetMapping(pfn, request.Family, request.Range + ((long)request.Indexes[index] << Geometry.PageShift));
        Folios.EnterSwapCache(pfn, slot);
        Folios.ClearFlags(pfn, FolioFlags.Dirty);
        Folios.Get(pfn); // SM-8: the add batch
        device.SetCached(slot, pfn);
        added.Added.Add(pfn);
        if (hasShadow)
        {
            added.Refaults.Add(new Refault(pfn, age, workingset));
        }

        return new SwappedPage(slot, pfn, true, content, -1, false, WasRead: true);
    }

    private void OnReadDone(ReadDone done)
    {
        foreach (int pfn in done.Pages)
        {
            Folios.Unlock(pfn);
        }

        if (done.Reply is not null)
        {
            done.ReplyTo.Tell(done.Reply, Self);
        }
    }

    private sealed record ReadDone(List<int> Pages, SlotsRead? Reply, IActorRef ReplyTo);
}
