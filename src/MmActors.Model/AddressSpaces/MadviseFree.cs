using System.Runtime.CompilerServices;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>MADV_FREE over one 2 MiB range (UT-20…22, T8, T10, T11).</summary>
public static class MadviseFree
{
    /// <summary>Frees pages of the range.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="range">Start of the range.</param>
    /// <param name="pages">Pages the call covers.</param>
    /// <param name="work">Receives the folios to mark lazyfree.</param>
    /// <returns>PTEs looked at.</returns>
    public static int Apply(Mm mm, long range, in Bits512 pages, NodeWork work)
    {
        ref PmdEntry entry = ref mm.Directory.Find(range);
        if (Unsafe.IsNullRef(ref entry))
        {
            return 0;
        }

        if (entry.State == PmdState.Huge)
        {
            if (pages.IsFull)
            {
                FreeHuge(mm, entry.Huge!, work);
                return 1;
            }

            HugeMapping huge = entry.Huge!;
            bool split = mm.Folios.MapCount(huge.Head) == 1
                && Splitting.SplitFolio(mm, ref entry, huge.Head, work) == SplitOutcome.Done;
            if (!split)
            {
                return 1;
            }
        }

        return entry.State == PmdState.Table ? FreePtes(mm, ref entry, pages, work) : 0;
    }

    /// <summary>T10: the whole THP becomes lazyfree, unless it is shared or its lock is taken (UT-21).</summary>
    private static void FreeHuge(Mm mm, HugeMapping huge, NodeWork work)
    {
        FolioTable folios = mm.Folios;
        if (folios.MapCount(huge.Head) != 1 || !folios.TryLock(huge.Head))
        {
            return;
        }

        folios.ClearFlags(huge.Head, FolioFlags.Dirty);
        folios.Unlock(huge.Head);
        huge.Young = false;
        huge.Dirty = false;
        huge.MayBeZero = Bits512.All;
        work.Lazyfree.Add(huge.Head);
    }

    private static int FreePtes(Mm mm, ref PmdEntry entry, in Bits512 pages, NodeWork work)
    {
        PteTable table = entry.Table!;
        Bits512 swapped = table.NonPresent & pages;
        Zapping.DropSwap(mm, table, swapped, work);
        table.NonPresent = table.NonPresent.Without(swapped);
        table.SwapExclusive = table.SwapExclusive.Without(swapped);
        table.MayBeZero |= swapped;
        Bits512 freed = Bits512.None;
        int large = -1;
        Bits512 present = table.Present & pages;
        for (int index = present.NextSet(0); index < Geometry.PtesPerTable; index = present.NextSet(index + 1))
        {
            if (!table.Present.Has(index))
            {
                continue;
            }

            int pfn = table.Pfns[index];
            if (mm.Folios.IsLarge(pfn))
            {
                int head = mm.Folios.Head(pfn);
                if (head != large)
                {
                    large = head;
                    FreeLarge(mm, ref entry, head, pages, work, ref freed);
                    index = mm.Folios.IsLarge(pfn) ? index : index - 1;
                }
            }
            else if (FreeSmall(mm, pfn, work))
            {
                freed.Set(index);
                work.Lazyfree.Add(pfn);
            }
        }

        table.Young = table.Young.Without(freed);
        table.Dirty = table.Dirty.Without(freed);
        table.MayBeZero |= freed;
        return present.Count();
    }

    /// <summary>A PTE-mapped order-9 folio: as a unit when the call covers all its mappings here, else it is split.</summary>
    private static void FreeLarge(
        Mm mm, ref PmdEntry entry, int head, in Bits512 pages, NodeWork work, ref Bits512 freed)
    {
        PteTable table = entry.Table!;
        Bits512 mapped = Bits512.None;
        for (int index = table.Present.NextSet(0); index < Geometry.PtesPerTable; index = table.Present.NextSet(index + 1))
        {
            if ((uint)(table.Pfns[index] - head) < Geometry.PtesPerTable)
            {
                mapped.Set(index);
            }
        }

        bool covered = mapped.IsFull && pages.IsFull;
        if (!covered)
        {
            if (mm.Folios.MapCount(head) == mapped.Count())
            {
                Splitting.SplitFolio(mm, ref entry, head, work);
            }

            return;
        }

        if ((mm.Folios.Flags(head) & (FolioFlags.Dirty | FolioFlags.SwapCache)) != 0)
        {
            bool inSwapCache = mm.Folios.Has(head, FolioFlags.SwapCache); // slots and folio are given up only at its next reclaim
            if (inSwapCache || mm.Folios.MapCount(head) != Geometry.PtesPerTable || !mm.Folios.TryLock(head))
            {
                return;
            }

            mm.Folios.ClearFlags(head, FolioFlags.Dirty);
            mm.Folios.Unlock(head);
        }

        freed |= mapped;
        work.Lazyfree.Add(head);
    }

    /// <summary>Whether a small folio may become lazyfree: a dirty or swap-cached one must be ours alone (UT-20).</summary>
    private static bool FreeSmall(Mm mm, int pfn, NodeWork work)
    {
        FolioTable folios = mm.Folios;
        if ((folios.Flags(pfn) & (FolioFlags.Dirty | FolioFlags.SwapCache)) == 0)
        {
            return true;
        }

        if (!folios.TryLock(pfn))
        {
            return false;
        }

        bool alone = folios.PageMapCount(pfn) == 1 && !folios.Has(pfn, FolioFlags.Writeback)
            && !(folios.Has(pfn, FolioFlags.SwapCache) && mm.SharesSlot(pfn, own: 0));
        if (alone)
        {
            if (folios.ClearFlags(pfn, FolioFlags.Dirty | FolioFlags.SwapCache).HasFlag(FolioFlags.SwapCache))
            {
                work.UncachedSlots.Add(folios.SwapSlot(pfn));
            }
        }

        folios.Unlock(pfn);
        return alone;
    }
}
