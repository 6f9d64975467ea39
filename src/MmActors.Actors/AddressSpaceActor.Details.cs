using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Khugepaged;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Actors;

/// <content>Details for whoever follows a range of this address space: what was done to it, and what it held afterwards.
/// Nothing of this happens when nobody follows one.</content>
public sealed partial class AddressSpaceActor
{
    private const long EndOfAddresses = long.MaxValue;

    /// <summary>The range's image, or null when nobody follows it.</summary>
    internal EventDetail? DetailOf(long range) => Follows(range)
        ? new EventDetail { Image = ImageOf(range) }
        : null;

    /// <summary>Something was done to one range.</summary>
    internal void EmitDetail(
        KernelEventKind kind, long range, long amount, long extra = 0, bool flag = false, int referenced = 0)
    {
        if (Follows(range))
        {
            World.Events.EmitDetail(new KernelEvent
            {
                Time = Now,
                Kind = kind,
                Mm = Mm.Id,
                Address = range,
                Amount = amount,
                Extra = extra,
                Flag = flag,
                Referenced = referenced,
                Detail = new EventDetail { Image = ImageOf(range) },
            });
        }
    }

    /// <summary>Something was done to the pages of a window, whatever ranges they lie in.</summary>
    internal void EmitWindow(KernelEventKind kind, long start, long end, long extra = 0, bool flag = false)
    {
        if (!World.Events.Follows(Mm.Id, start, end))
        {
            return;
        }

        for (long range = Geometry.PmdFloor(start); range < end; range += Geometry.PmdSize)
        {
            EmitDetail(kind, range, Windows.PagesOf(range, start, end).Count(), extra, flag);
        }
    }

    /// <summary>Something happened to the address space as a whole.</summary>
    internal void EmitForSpace(
        KernelEventKind kind, string? name = null, long address = 0, long amount = 0, long extra = 0, bool flag = false) =>
        World.Events.EmitDetail(new KernelEvent
        {
            Time = Now,
            Kind = kind,
            Mm = Mm.Id,
            Address = address,
            Amount = amount,
            Extra = extra,
            Flag = flag,
            Detail = name is null ? null : new EventDetail { Name = name },
        });

    /// <summary>Whether somebody wants to know what happens to this range.</summary>
    internal bool Follows(long range) => World.Events.Follows(Mm.Id, range, range + Geometry.PmdSize);

    private RangeImage ImageOf(long range) => RangeImages.Of(Mm, range, World.Switches.ExactMappedShared);

    private void EmitTouch(in Access access) =>
        EmitDetail(KernelEventKind.Touched, access.Range, access.Pages.Count(), flag: access.IsWrite);

    /// <summary>fork: first the names, so that whoever follows the child knows its mm, then what the child got.</summary>
    internal void EmitFork(Mm child, string name)
    {
        EmitForSpace(KernelEventKind.Forked, name, amount: child.Id);
        if (!World.Events.Follows(child.Id, 0, EndOfAddresses))
        {
            return;
        }

        foreach (long range in child.MappedRanges(0, EndOfAddresses - Geometry.PmdSize))
        {
            if (World.Events.Follows(child.Id, range, range + Geometry.PmdSize))
            {
                World.Events.EmitDetail(new KernelEvent
                {
                    Time = Now,
                    Kind = KernelEventKind.Inherited,
                    Mm = child.Id,
                    Address = range,
                    Detail = new EventDetail { Image = RangeImages.Of(child, range, World.Switches.ExactMappedShared) },
                });
            }
        }
    }

    private void EmitRandomReads(RandomReads reads)
    {
        long bytes = (long)reads.Pages << Geometry.PageShift;
        if (World.Events.Follows(Mm.Id, reads.Start, reads.Start + bytes))
        {
            EmitForSpace(KernelEventKind.RandomReads, address: reads.Start, amount: bytes, extra: reads.Accesses);
        }
    }

    /// <summary>The PTE at which a loop ended early.</summary>
    private EventDetail? DetailOf(long range, bool endedEarly, int visited) => DetailOf(range) is { } detail
        ? detail with { Page = endedEarly ? RangeImages.PageOf(Mm, range, visited - 1) : null }
        : null;

    private void EmitLook(long range, in RangeScan scan, bool isKhugepaged)
    {
        if (DetailOf(range, EndsAtPage(scan.Result), scan.VisitedPtes) is { } detail)
        {
            World.Events.EmitDetail(new KernelEvent
            {
                Time = Now,
                Kind = KernelEventKind.Looked,
                Mm = Mm.Id,
                Address = range,
                Flag = isKhugepaged,
                Detail = detail,
            });
        }
    }

    /// <summary>Whether a single PTE decided, not a count over all of them or the lack of a table (KH 2.7, 2.9).</summary>
    private static bool EndsAtPage(Model.ScanResult result) => result is Model.ScanResult.ExceedNonePte
        or Model.ScanResult.ExceedSwapPte or Model.ScanResult.ExceedSharedPte or Model.ScanResult.PteNonPresent
        or Model.ScanResult.PteUffdWp or Model.ScanResult.PageLazyfree or Model.ScanResult.PageLru
        or Model.ScanResult.PageLock or Model.ScanResult.PageCount or Model.ScanResult.DelPageLru;

    /// <summary>Pictures of the followed ranges that a walk of reclaim is about to change; null when there are none.</summary>
    private SortedDictionary<long, RangeImage>? FollowedRanges(FolioBatch batch, FolioStage stage)
    {
        if (!World.Events.Follows(Mm.Id, 0, EndOfAddresses))
        {
            return null;
        }

        SortedDictionary<long, RangeImage> images = [];
        foreach (ref FolioItem item in batch.Items)
        {
            long range = Geometry.PmdFloor(Mm.Folios.Owner(item.Head).Address);
            if (item.Stage == stage && item.Family == Mm.Family && Follows(range))
            {
                images.TryAdd(range, ImageOf(range));
            }
        }

        return images;
    }

    /// <summary>What the walk did to them.</summary>
    private void EmitWalk(SortedDictionary<long, RangeImage>? before, FolioStage stage)
    {
        if (before is null)
        {
            return;
        }

        foreach ((long range, RangeImage was) in before)
        {
            RangeImage now = ImageOf(range);
            if (stage == FolioStage.Ageing && now.Referenced < was.Referenced)
            {
                EmitDetail(KernelEventKind.Aged, range, was.Referenced - now.Referenced);
            }
            else if (stage == FolioStage.Unmapping && now.Present < was.Present)
            {
                int swapped = now.Swapped - was.Swapped;
                EmitDetail(KernelEventKind.Reclaimed, range, swapped, was.Present - now.Present - swapped);
            }
        }
    }
}
