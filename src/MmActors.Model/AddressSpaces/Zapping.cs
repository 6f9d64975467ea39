using System.Runtime.CompilerServices;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>Removal of mappings: MADV_DONTNEED, munmap and exit (T12, T13, UT-23, UT-30).</summary>
public static class Zapping
{
    /// <summary>Zaps pages of one range; the page table stays.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="range">Start of the 2 MiB range.</param>
    /// <param name="pages">Pages to zap.</param>
    /// <param name="work">Receives the folios to free.</param>
    /// <returns>PTEs (or 512 for a huge mapping) that held something.</returns>
    public static int Zap(Mm mm, long range, in Bits512 pages, NodeWork work)
    {
        ref PmdEntry entry = ref mm.Directory.Find(range);
        if (Unsafe.IsNullRef(ref entry) || entry.State == PmdState.None)
        {
            return 0;
        }

        if (entry.State == PmdState.Huge && pages.IsFull)
        {
            ZapHuge(mm, ref entry, work);
            return Geometry.PtesPerTable;
        }

        if (entry.State == PmdState.HugeZero)
        {
            if (pages.IsFull)
            {
                entry = default;
                mm.CountTable(-1);
                return 1;
            }

            Splitting.SplitHugeZero(mm, ref entry);
        }

        PteTable table = entry.State == PmdState.Huge ? Splitting.SplitPmd(mm, ref entry) : entry.Table!;
        return ZapTable(mm, table, pages, work);
    }

    /// <summary>Frees the page table of a range that was zapped whole (free_pgtables).</summary>
    public static void FreeTable(Mm mm, long range)
    {
        ref PmdEntry entry = ref mm.Directory.Find(range);
        if (!Unsafe.IsNullRef(ref entry) && entry.State == PmdState.Table)
        {
            PteTable table = entry.Table!;
            entry = default;
            mm.CountTable(-1);
            mm.Recycle(table);
        }
    }

    /// <summary>DS-4: after mappings of a large folio were removed, notes that it is partially mapped now. Returns
    /// true when it became so.</summary>
    public static bool NotePartialUnmap(Mm mm, int head)
    {
        FolioTable folios = mm.Folios;
        if ((folios.Flags(head) & (FolioFlags.LargeMapped | FolioFlags.SwapCache)) != FolioFlags.LargeMapped
            || folios.PmdMapCount(head) > 0 || !HasUnmappedSubpage(folios, head))
        {
            return false;
        }

        if (!folios.TryMarkPartiallyMapped(head))
        {
            return false;
        }

        mm.Vmstat.Add(VmCounter.ThpDeferredSplitPage);
        return true;
    }

    private static void ZapHuge(Mm mm, ref PmdEntry entry, NodeWork work)
    {
        int head = entry.Huge!.Head;
        entry = default;
        mm.CountTable(-1);
        mm.RssPages -= Geometry.PtesPerTable;
        mm.HugeRanges--;
        mm.Folios.Get(head);
        mm.Folios.UnmapPmd(head);
        FinishLarge(mm, head, work);
    }

    private static int ZapTable(Mm mm, PteTable table, in Bits512 pages, NodeWork work)
    {
        FolioTable folios = mm.Folios;
        Bits512 present = table.Present & pages;
        int lastLarge = -1;
        for (int index = present.NextSet(0); index < Geometry.PtesPerTable; index = present.NextSet(index + 1))
        {
            int pfn = table.Pfns[index];
            int head = folios.Head(pfn);
            bool isLarge = folios.IsLarge(pfn);
            if (lastLarge >= 0 && head != lastLarge)
            {
                FinishLarge(mm, lastLarge, work);
                lastLarge = -1;
            }

            if (isLarge && lastLarge < 0)
            {
                folios.Get(head);
                lastLarge = head;
            }

            if (isLarge)
            {
                folios.UnmapSubpage(pfn);
            }
            else if (folios.UnmapSmall(pfn) || SwapIns.DropUnmappedCache(folios, pfn, 0, work))
            {
                work.Freed.Add(head);
            }
        }

        if (lastLarge >= 0)
        {
            FinishLarge(mm, lastLarge, work);
        }

        int held = ((table.Present | table.Zero | table.NonPresent) & pages).Count();
        DropSwap(mm, table, table.NonPresent & pages, work);
        mm.RssPages -= present.Count();
        ClearPtes(table, pages);
        return held;
    }

    /// <summary>Hands over the slots that these swap entries name; the entries themselves are the caller's.</summary>
    internal static void DropSwap(Mm mm, PteTable table, in Bits512 entries, NodeWork work)
    {
        mm.SwapPages -= entries.Count();
        for (int index = entries.NextSet(0); index < Geometry.PtesPerTable; index = entries.NextSet(index + 1))
        {
            work.DroppedSlots.Add(table.Pfns[index]);
        }
    }

    private static void ClearPtes(PteTable table, in Bits512 pages)
    {
        table.Present = table.Present.Without(pages);
        table.Zero = table.Zero.Without(pages);
        table.NonPresent = table.NonPresent.Without(pages);
        table.Young = table.Young.Without(pages);
        table.Dirty = table.Dirty.Without(pages);
        table.Writable = table.Writable.Without(pages);
        table.UffdWp = table.UffdWp.Without(pages);
        table.SwapExclusive = table.SwapExclusive.Without(pages);
        table.MayBeZero = table.MayBeZero.Without(pages);
        for (int index = pages.NextSet(0); index < Geometry.PtesPerTable; index = pages.NextSet(index + 1))
        {
            table.LastWritten[index] = ContentTag.Zero;
        }
    }

    /// <summary>Mappings of a large folio were removed under a reference, so that nobody frees it, and another uses it, before it is
    /// looked at; drops that reference.</summary>
    internal static void FinishLarge(Mm mm, int head, NodeWork work)
    {
        if (NotePartialUnmap(mm, head))
        {
            work.PartiallyMapped.Add(head);
        }

        if (mm.Folios.Put(head))
        {
            work.Freed.Add(head);
        }
    }

    private static bool HasUnmappedSubpage(FolioTable folios, int head)
    {
        for (int pfn = head; pfn < head + Geometry.PtesPerTable; pfn++)
        {
            if (folios.PageMapCount(pfn) == 0)
            {
                return true;
            }
        }

        return false;
    }
}
