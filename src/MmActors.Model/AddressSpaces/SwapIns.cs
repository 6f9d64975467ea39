using System.Runtime.CompilerServices;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>What the swap device handed back for one slot.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Pfn">The page that holds its content now.</param>
/// <param name="IsCached">The page is in the swap cache; otherwise it is fresh and belongs to the faulting process alone.</param>
/// <param name="Content">The content.</param>
/// <param name="EvictedAt">Nonresident age of the group at its eviction, −1 when not known.</param>
/// <param name="WasWorkingset">W at its eviction.</param>
/// <param name="WasRead">The data was not in the swap cache: a major fault.</param>
public readonly record struct SwappedPage(
    int Slot, int Pfn, bool IsCached, byte Content, long EvictedAt, bool WasWorkingset, bool WasRead);

/// <summary>Swap-in of the swap entries of one range (T18, UT-7).</summary>
public static class SwapIns
{
    /// <summary>The slots named by the swap entries among these pages, in address order.</summary>
    public static int[] SlotsOf(Mm mm, long range, in Bits512 pages)
    {
        ref PmdEntry entry = ref mm.Directory.Find(range);
        if (Unsafe.IsNullRef(ref entry) || entry.State != PmdState.Table)
        {
            return [];
        }

        PteTable table = entry.Table!;
        Bits512 swapped = table.NonPresent & pages;
        var slots = new int[swapped.Count()];
        int count = 0;
        for (int index = swapped.NextSet(0); index < Geometry.PtesPerTable; index = swapped.NextSet(index + 1))
        {
            slots[count++] = table.Pfns[index];
        }

        return slots;
    }

    /// <summary>The first swap entries among these pages, at most so many, and their indexes.</summary>
    public static Bits512 FirstSwapped(Mm mm, long range, in Bits512 pages, int most, out int[] indexes)
    {
        ref PmdEntry entry = ref mm.Directory.Find(range);
        bool hasTable = !Unsafe.IsNullRef(ref entry) && entry.State == PmdState.Table;
        Bits512 swapped = hasTable ? entry.Table!.NonPresent & pages : Bits512.None;
        Bits512 first = swapped & Bits512.Range(0, swapped.NthSet(most));
        indexes = new int[first.Count()];
        int count = 0;
        for (int index = first.NextSet(0); index < Geometry.PtesPerTable; index = first.NextSet(index + 1))
        {
            indexes[count++] = index;
        }

        return first;
    }

    /// <summary>Maps the pages where the range's swap entries still name their slots.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="range">Start of the range.</param>
    /// <param name="found">What was read, in address order.</param>
    /// <param name="freesCache">A write fault, or swap is more than half full: a page that is ours alone leaves the swap
    /// cache at once (UT-7).</param>
    /// <param name="unused">Receives fresh pages whose entry changed meanwhile.</param>
    /// <param name="work">Receives LRU additions and slot changes.</param>
    /// <returns>Entries that became present.</returns>
    public static int Map(
        Mm mm, long range, ReadOnlySpan<SwappedPage> found, bool freesCache, PageBuffer unused, NodeWork work)
    {
        ref PmdEntry entry = ref mm.Directory.Find(range);
        bool hasTable = !Unsafe.IsNullRef(ref entry) && entry.State == PmdState.Table;
        int mapped = 0;
        int from = 0;
        foreach (SwappedPage page in found)
        {
            int index = hasTable ? EntryOf(entry.Table!, page.Slot, from) : -1;
            if (index >= 0)
            {
                MapOne(mm, range, entry.Table!, index, page, freesCache, work);
                from = index + 1;
                mapped++;
            }
            else if (!page.IsCached)
            {
                unused.Add(page.Pfn);
            }
        }

        return mapped;
    }

    private static int EntryOf(PteTable table, int slot, int from)
    {
        for (int index = table.NonPresent.NextSet(from); index < Geometry.PtesPerTable; index = table.NonPresent.NextSet(index + 1))
        {
            if (table.Pfns[index] == slot)
            {
                return index;
            }
        }

        return -1;
    }

    private static void MapOne(
        Mm mm, long range, PteTable table, int index, in SwappedPage page, bool freesCache, NodeWork work)
    {
        FolioTable folios = mm.Folios;
        bool exclusive = table.SwapExclusive.Has(index);
        bool isLarge = page.IsCached && folios.IsLarge(page.Pfn);
        if (!page.IsCached)
        {
            folios.InitSmall(page.Pfn, FolioFlags.SwapBacked, page.Content);
            folios.SetMapping(page.Pfn, mm.Family, range + ((long)index << Geometry.PageShift));
            folios.Get(page.Pfn); // SM-8: the add batch
            work.Added.Add(page.Pfn);
            if (page.EvictedAt >= 0)
            {
                work.Refaults.Add(new Refault(page.Pfn, page.EvictedAt, page.WasWorkingset));
            }
        }

        if (isLarge)
        {
            folios.MapSubpage(page.Pfn);
            if (!exclusive)
            {
                folios.SetLargeExclusive(folios.Head(page.Pfn), false); // forked while it was swapped out
            }
        }
        else
        {
            folios.MapSmall(page.Pfn);
        }

        bool writable = exclusive && (mm.Vmas.Find(range + ((long)index << Geometry.PageShift))?.Has(VmaFlags.Write) ?? false);
        table.MapPage(index, page.Pfn, young: true, dirty: false, writable);
        mm.RssPages++;
        mm.SwapPages--;
        work.DroppedSlots.Add(page.Slot);
        if (page.IsCached && !isLarge && freesCache && exclusive)
        {
            TryLeaveSwapCache(mm, page.Pfn, references: 1, users: 1, work); // the look-up's; the entry just served
        }
    }

    /// <summary>Drops the references a look-up in the swap cache took, one a folio.</summary>
    public static void Release(FolioTable folios, PageBuffer held, NodeWork work)
    {
        foreach (int head in held.Pages)
        {
            if (folios.Put(head))
            {
                work.Freed.Add(head);
            }
        }
    }

    /// <summary>folio_free_swap: a page that nobody else uses gives up its slot; its content counts as changed again.</summary>
    /// <param name="mm">The address space that maps it.</param>
    /// <param name="pfn">A small page in the swap cache.</param>
    /// <param name="references">Transient references the caller knows of.</param>
    /// <param name="users">Entries naming the slot that the caller has given up already.</param>
    /// <param name="work">Receives the slot.</param>
    public static bool TryLeaveSwapCache(Mm mm, int pfn, int references, int users, NodeWork work)
    {
        FolioTable folios = mm.Folios;
        if (!folios.Has(pfn, FolioFlags.SwapCache) || mm.SharesSlot(pfn, users))
        {
            return false;
        }

        if (!folios.TryLeaveSwapCache(pfn, references))
        {
            return false;
        }

        work.UncachedSlots.Add(folios.SwapSlot(pfn));
        return true;
    }

    /// <summary>free_swap_cache: a written page that nobody maps any more gives up its place in the swap cache, so that its
    /// last reference goes. True when it did.</summary>
    /// <param name="folios">The page array.</param>
    /// <param name="pfn">A small page.</param>
    /// <param name="references">Transient references the caller knows of.</param>
    /// <param name="work">Receives the slot.</param>
    public static bool DropUnmappedCache(FolioTable folios, int pfn, int references, NodeWork work)
    {
        if (!folios.TryDropUnmappedCache(pfn, references))
        {
            return false;
        }

        work.UncachedSlots.Add(folios.SwapSlot(pfn));
        return true;
    }
}
