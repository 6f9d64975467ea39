using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>fork's copy of an address space (UT-14, T21): pages are shared, both sides lose the write bit, the child's
/// copies are old.</summary>
public static class Forking
{
    /// <summary>Fills an empty child from its parent, whose mmap_lock is held for write.</summary>
    /// <param name="parent">The forking address space.</param>
    /// <param name="child">The empty one.</param>
    /// <param name="work">Receives the swap slots that both name now.</param>
    public static void Copy(Mm parent, Mm child, NodeWork work)
    {
        child.Placement = parent.Placement.Copy();
        child.ThpDisabled = parent.ThpDisabled;
        child.Family = parent.Family;
        child.Memcg = parent.Memcg;
        child.FilePages = parent.FilePages;
        child.ResidualYoungFraction = parent.ResidualYoungFraction; // KH-29: the monitor watches memory, not processes
        foreach (Vma vma in parent.Vmas.Areas)
        {
            Vma copy = vma.With(vma.Start, vma.End);
            copy.HasAnonVma &= !vma.Has(VmaFlags.Droppable); // wipe-on-fork: empty until the child faults a page in
            child.Vmas.Insert(copy);
        }

        foreach (long key in parent.Directory.PageKeys)
        {
            PmdEntry[] page = parent.Directory.PageAt(key);
            for (int slot = 0; slot < page.Length; slot++)
            {
                long range = (key << Geometry.PudShift) + ((long)slot << Geometry.PmdShift);
                Bits512 wiped = DroppablePages(parent, range);
                if (page[slot].State != PmdState.None && !wiped.IsFull)
                {
                    CopyEntry(parent, child, wiped, ref page[slot], ref child.Directory.Ensure(range), work);
                }
            }
        }
    }

    /// <summary>Pages of the range that lie in a droppable area: those are wiped on fork.</summary>
    private static Bits512 DroppablePages(Mm parent, long range)
    {
        Bits512 pages = Bits512.None;
        foreach (Vma vma in parent.Vmas.Overlapping(range, range + Geometry.PmdSize))
        {
            if (vma.Has(VmaFlags.Droppable))
            {
                pages |= Windows.PagesOf(range, vma.Start, vma.End);
            }
        }

        return pages;
    }

    private static void CopyEntry(
        Mm parent, Mm child, in Bits512 wiped, ref PmdEntry from, ref PmdEntry to, NodeWork work)
    {
        child.CountTable(1);
        switch (from.State)
        {
            case PmdState.Huge:
                CopyHuge(parent, child, from.Huge!, ref to);
                break;
            case PmdState.Table:
                to = new PmdEntry { State = PmdState.Table, Table = CopyTable(parent, child, from.Table!, ~wiped, work) };
                break;
            default:
                to = from;
                break;
        }
    }

    private static void CopyHuge(Mm parent, Mm child, HugeMapping huge, ref PmdEntry to)
    {
        huge.Writable = false;
        parent.Folios.SharePmd(huge.Head);
        parent.Folios.SetLargeExclusive(huge.Head, false);
        var copy = new HugeMapping { Head = huge.Head, Young = false, Dirty = huge.Dirty, Writable = false };
        Span<byte> written = stackalloc byte[Geometry.PtesPerTable];
        huge.CopyWritten(written);
        copy.TakeWritten(written);
        copy.MayBeZero = huge.MayBeZero;
        to = new PmdEntry { State = PmdState.Huge, Huge = copy };
        child.HugeRanges++;
        child.RssPages += Geometry.PtesPerTable;
    }

    private static PteTable CopyTable(Mm parent, Mm child, PteTable table, in Bits512 pages, NodeWork work)
    {
        FolioTable folios = parent.Folios;
        PteTable copy = child.NewTable();
        copy.Present = table.Present & pages;
        copy.Zero = table.Zero & pages;
        copy.NonPresent = table.NonPresent & pages;
        copy.Dirty = table.Dirty & pages;
        copy.MayBeZero = table.MayBeZero & pages;
        copy.Pfns = table.Pfns;
        table.Writable = table.Writable.Without(pages);
        table.SwapExclusive = table.SwapExclusive.Without(pages);
        for (int index = copy.NonPresent.NextSet(0); index < Geometry.PtesPerTable; index = copy.NonPresent.NextSet(index + 1))
        {
            parent.Swap?.AddUser(table.Pfns[index]);
        }

        if (pages.IsFull)
        {
            copy.LastWritten = table.LastWritten;
        }

        for (int index = pages.IsFull ? Geometry.PtesPerTable : pages.NextSet(0); index < Geometry.PtesPerTable; index = pages.NextSet(index + 1))
        {
            copy.LastWritten[index] = table.LastWritten[index];
        }

        for (int index = copy.Present.NextSet(0); index < Geometry.PtesPerTable; index = copy.Present.NextSet(index + 1))
        {
            int pfn = table.Pfns[index];
            if (folios.IsLarge(pfn))
            {
                folios.MapSubpage(pfn);
                folios.SetLargeExclusive(folios.Head(pfn), false);
            }
            else
            {
                folios.MapSmall(pfn);
            }
        }

        child.RssPages += copy.Present.Count();
        child.SwapPages += copy.NonPresent.Count();
        return copy;
    }
}
