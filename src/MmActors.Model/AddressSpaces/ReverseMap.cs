using System.Runtime.CompilerServices;
using MmActors.Model.Coverage;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>What a reference walk found in one mm (RC-25).</summary>
public enum AgeOutcome
{
    /// <summary>This mm does not map the folio.</summary>
    NotMapped,
    /// <summary>Mapped; not accessed since the last walk.</summary>
    Old,
    /// <summary>Mapped and accessed; the accessed bits are cleared now.</summary>
    Young,
    /// <summary>The walk gives up: the mm is exiting and the page is its alone.</summary>
    Contended,
}

/// <summary>How unmapping a folio in one mm ended (RC-28…35).</summary>
public enum UnmapOutcome
{
    /// <summary>Nothing (more) of the folio is mapped here.</summary>
    Done,
    /// <summary>A dirty page or an unexpected reference ended the walk; the rest stays mapped, here and in later mms.</summary>
    Stopped,
}

/// <summary>rmap walks over one address space, for reclaim: ageing and unmapping of a folio by its address.</summary>
public static class ReverseMap
{
    /// <summary>Whether this mm maps any page of the folio at its address.</summary>
    public static bool Maps(Mm mm, int head, long address)
    {
        ref PmdEntry entry = ref mm.Directory.Find(address);
        return !Unsafe.IsNullRef(ref entry)
            && (entry.State == PmdState.Huge ? entry.Huge!.Head == head : entry.State == PmdState.Table && Maps(mm, entry.Table!, head, address));
    }

    /// <summary>folio_referenced in one mm: collects and clears the accessed bits of all its mappings here.</summary>
    public static AgeOutcome Age(Mm mm, int head)
    {
        long address = mm.Folios.Owner(head).Address;
        ref PmdEntry entry = ref mm.Directory.Find(address);
        if (Unsafe.IsNullRef(ref entry))
        {
            return AgeOutcome.NotMapped;
        }

        if (mm.IsExiting && mm.Folios.Has(head, FolioFlags.SwapBacked) && mm.Folios.MapCount(head) == 1)
        {
            return AgeOutcome.Contended;
        }

        if (entry.State == PmdState.Huge)
        {
            HugeMapping huge = entry.Huge!;
            if (huge.Head != head)
            {
                return AgeOutcome.NotMapped;
            }

            bool young = huge.Young;
            huge.Young = false;
            return young ? AgeOutcome.Young : AgeOutcome.Old;
        }

        if (entry.State != PmdState.Table)
        {
            return AgeOutcome.NotMapped;
        }

        if (!mm.Folios.IsLarge(head))
        {
            return AgePte(entry.Table!, Geometry.PteIndex(address), head);
        }

        Bits512 mapped = entry.Table!.MappingsOf(head);
        bool anyYoung = !(mapped & entry.Table.Young).IsEmpty;
        entry.Table.Young = entry.Table.Young.Without(mapped);
        return mapped.IsEmpty ? AgeOutcome.NotMapped : anyYoung ? AgeOutcome.Young : AgeOutcome.Old;
    }

    /// <summary>Whether every mapping of the folio here is clean; for <see cref="Injection.PlantedBug.LostRedirty"/>.</summary>
    public static bool LooksClean(Mm mm, int head) => TableOf(mm, head) is { } table
        && (table.MappingsOf(head) & table.Dirty).IsEmpty;

    /// <summary>Overlooks what was written; for <see cref="Injection.PlantedBug.LostRedirty"/>.</summary>
    public static void OverlookWrites(Mm mm, int head)
    {
        if (TableOf(mm, head) is { } table)
        {
            table.Dirty = table.Dirty.Without(table.MappingsOf(head));
        }
    }

    private static PteTable? TableOf(Mm mm, int head)
    {
        ref PmdEntry entry = ref mm.Directory.Find(mm.Folios.Owner(head).Address);
        return Unsafe.IsNullRef(ref entry) || mm.Folios.IsLarge(head) ? null : entry.Table;
    }

    private static AgeOutcome AgePte(PteTable table, int index, int head)
    {
        if (!table.Maps(index, head))
        {
            return AgeOutcome.NotMapped;
        }

        bool young = table.Young.Has(index);
        table.Young.Clear(index);
        return young ? AgeOutcome.Young : AgeOutcome.Old;
    }

    /// <summary>try_to_unmap in one mm. A lazyfree folio is discarded PTE by PTE unless it turns out dirty or referenced,
    /// which makes it swapbacked again; a swapbacked one is in the swap cache, and its PTEs become swap entries.</summary>
    public static UnmapOutcome Unmap(Mm mm, int head, NodeWork work)
    {
        long address = mm.Folios.Owner(head).Address;
        ref PmdEntry entry = ref mm.Directory.Find(address);
        if (Unsafe.IsNullRef(ref entry) || (entry.State == PmdState.Huge && entry.Huge!.Head != head))
        {
            return UnmapOutcome.Done;
        }

        if (entry.State == PmdState.Huge)
        {
            CoverageMarks.Hit(ReclaimMark.UnmapSplitsPmd);
            Splitting.SplitPmd(mm, ref entry); // RC-28
        }

        if (entry.State != PmdState.Table)
        {
            return UnmapOutcome.Done;
        }

        PteTable table = entry.Table!;
        if (!mm.Folios.IsLarge(head))
        {
            int only = Geometry.PteIndex(address);
            return !table.Maps(only, head) || UnmapPte(mm, table, only, head, work) ? UnmapOutcome.Done : UnmapOutcome.Stopped;
        }

        Bits512 mapped = table.MappingsOf(head);
        bool queued = false;
        for (int index = mapped.NextSet(0); index < Geometry.PtesPerTable; index = mapped.NextSet(index + 1))
        {
            if (!UnmapPte(mm, table, index, head, work))
            {
                CoverageMarks.Hit(
                    index == mapped.NextSet(0) ? ReclaimMark.UnmapStopsAtFirst : ReclaimMark.UnmapStopsLater);
                return UnmapOutcome.Stopped;
            }

            if (!queued && !mm.Folios.Has(head, FolioFlags.SwapCache))
            {
                queued = true;
                NotePartial(mm, head, work);
            }
        }

        return UnmapOutcome.Done;
    }

    /// <summary>RC-34: the first PTE removed makes the folio partially mapped, though its freeing may follow at once.</summary>
    private static void NotePartial(Mm mm, int head, NodeWork work)
    {
        if (Zapping.NotePartialUnmap(mm, head))
        {
            work.PartiallyMapped.Add(head);
        }
    }

    private static bool UnmapPte(Mm mm, PteTable table, int index, int head, NodeWork work)
    {
        FolioTable folios = mm.Folios;
        int pfn = table.Pfns[index];
        if (table.Dirty.Has(index))
        {
            folios.SetFlags(head, FolioFlags.Dirty); // RC-30
        }

        FolioFlags flags = folios.Flags(head);
        if ((flags & FolioFlags.SwapBacked) == 0)
        {
            bool discards = folios.TransientReferences(head) == 1
                && ((flags & FolioFlags.Dirty) == 0 || IsDroppable(mm, head));
            if (!discards)
            {
                CoverageMarks.Hit(
                    folios.TransientReferences(head) == 1 ? ReclaimMark.UnmapMeetsDirty : ReclaimMark.UnmapMeetsReference);
                folios.SetFlags(head, IsDroppable(mm, head) ? FolioFlags.None : FolioFlags.SwapBacked); // RC-31
                return false;
            }

            CoverageMarks.Hit(
                (flags & FolioFlags.Dirty) == 0 ? ReclaimMark.UnmapDiscards : ReclaimMark.UnmapDiscardsDirtyDroppable);
            table.ClearPte(index);
            if ((flags & FolioFlags.Dirty) != 0)
            {
                table.MayBeZero.Set(index); // droppable; where it is not, MADV_FREE has said so already, or a write is lost
            }
        }
        else
        {
            CoverageMarks.Hit(ReclaimMark.UnmapSwapEntry);
            int slot = folios.SwapSlot(head) + (pfn - head);
            table.MapSwap(index, slot); // RC-35
            mm.SwapPages++;
            mm.Swap?.AddUser(slot);
        }

        mm.RssPages--;
        if (folios.IsLarge(head))
        {
            folios.UnmapSubpage(pfn);
        }
        else
        {
            folios.UnmapSmall(pfn);
        }

        return true;
    }

    private static bool IsDroppable(Mm mm, int head) =>
        mm.Vmas.Find(mm.Folios.Owner(head).Address)?.Has(VmaFlags.Droppable) ?? false;

    private static bool Maps(Mm mm, PteTable table, int head, long address) =>
        mm.Folios.IsLarge(head) ? !table.MappingsOf(head).IsEmpty : table.Maps(Geometry.PteIndex(address), head);
}
