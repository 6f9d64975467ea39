using MmActors.Model.Coverage;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>Write faults on single PTEs of one table: fresh pages (T4, T5), reuse and copy on write (UT-8, T22, T23).</summary>
internal readonly struct PteWrites(
    Mm mm, Vma vma, long range, PteTable table, PageBuffer pages, bool populate, NodeWork work)
{
    /// <summary>Stands for a range that a concurrent fault already made huge: every PTE is served.</summary>
    internal static readonly PteTable NothingToDo = new() { Present = Bits512.All, Writable = Bits512.All };

    private readonly FolioFlags _newFlags =
        (vma.Has(VmaFlags.Droppable) ? FolioFlags.None : FolioFlags.SwapBacked)
        | (populate ? FolioFlags.Referenced : FolioFlags.None);

    /// <summary>UT-8: a page this process alone maps is made writable in place. A subpage of a large folio only when
    /// it was never shared by fork.</summary>
    internal static bool CanReuse(Mm mm, int pfn) => mm.Folios.IsLarge(pfn)
        ? mm.Folios.IsLargeExclusive(mm.Folios.Head(pfn))
        : mm.Folios.PageMapCount(pfn) == 1 && !mm.Folios.Has(pfn, FolioFlags.SwapCache);

    /// <summary>Serves one PTE; false when it needs nothing any more or the pages ran out.</summary>
    internal bool Fault(int index)
    {
        if (!table.Present.Has(index))
        {
            return !table.NonPresent.Has(index) && pages.Count > 0 && MapNew(index);
        }

        if (table.Writable.Has(index))
        {
            return false;
        }

        int pfn = table.Pfns[index];
        if (!mm.Folios.IsLarge(pfn) && mm.Folios.Has(pfn, FolioFlags.SwapCache))
        {
            SwapIns.TryLeaveSwapCache(mm, pfn, references: 0, users: 0, work); // UT-8
        }

        if (!CanReuse(mm, table.Pfns[index]))
        {
            return pages.Count > 0 && Copy(index);
        }

        CoverageMarks.Hit(mm.Folios.IsLarge(pfn) ? CoverageMark.FaultReuseSubpage : CoverageMark.FaultReuse);
        table.Writable.Set(index);
        table.Dirty.Set(index);
        table.Young.Set(index);
        return true;
    }

    private bool MapNew(int index)
    {
        CoverageMarks.Hit(table.Zero.Has(index) ? CoverageMark.FaultOverZeroPage : CoverageMark.FaultNewPage);
        int pfn = pages.TakeFirst();
        byte content = ContentTag.Zero;
        Install(index, pfn, content);
        table.LastWritten[index] = content;
        table.MayBeZero.Clear(index);
        mm.RssPages++;
        return true;
    }

    private bool Copy(int index)
    {
        FolioTable folios = mm.Folios;
        int old = table.Pfns[index];
        Install(index, pages.TakeFirst(), folios.Content(old));
        bool isLarge = folios.IsLarge(old);
        CoverageMarks.Hit(isLarge ? CoverageMark.FaultCopySubpage : CoverageMark.FaultCopy);
        if (isLarge)
        {
            int head = folios.Head(old);
            folios.Get(head);
            folios.UnmapSubpage(old);
            Zapping.FinishLarge(mm, head, work);
        }
        else if (folios.UnmapSmall(old) || SwapIns.DropUnmappedCache(folios, old, 0, work))
        {
            work.Freed.Add(old);
        }

        return true;
    }

    private void Install(int index, int pfn, byte content)
    {
        mm.Folios.InitSmall(pfn, _newFlags, content);
        mm.Folios.SetMapping(pfn, mm.Family, range + ((long)index << Geometry.PageShift));
        mm.Folios.MapSmall(pfn);
        mm.Folios.Get(pfn); // SM-8: the add batch
        table.MapPage(index, pfn, young: true, dirty: true, writable: vma.Has(VmaFlags.Write));
        work.Added.Add(pfn);
    }
}
