using System.Runtime.CompilerServices;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>MADV_COLD and the first half of MADV_PAGEOUT over one 2 MiB range (UT-24, T25, T26).</summary>
public static class MadviseCold
{
    /// <summary>MADV_COLD: the pages look untouched, and active ones leave the active list.</summary>
    /// <returns>Mappings looked at.</returns>
    public static int Apply(Mm mm, long range, in Bits512 pages, NodeWork work)
    {
        SplitPartlyCovered(mm, range, pages, work);
        List<int> heads = Eligible(mm, range, pages, clearYoung: true);
        foreach (int head in heads)
        {
            if (mm.Folios.Has(head, FolioFlags.Active))
            {
                work.Deactivated.Add(head);
            }
        }

        return heads.Count;
    }

    /// <summary>MADV_PAGEOUT: takes the folios off their lists; the batch is to be reclaimed. Large folios that the call
    /// covers in part were split before, and their pages are on the LRU again.</summary>
    public static void Isolate(Mm mm, long range, in Bits512 pages, NodeWork work, FolioBatch batch)
    {
        work.DeactivatesIsolated = true;
        foreach (int head in Eligible(mm, range, pages, clearYoung: false))
        {
            if (mm.Folios.TestClearLru(head))
            {
                mm.Folios.Get(head);
                work.Isolated.Add(head);
                batch.Add(mm.Folios, head);
            }
        }
    }

    /// <summary>Splits large folios of this process alone that the call covers in part.</summary>
    public static void SplitPartlyCovered(Mm mm, long range, in Bits512 pages, NodeWork work)
    {
        ref PmdEntry entry = ref mm.Directory.Find(range);
        if (Unsafe.IsNullRef(ref entry) || pages.IsFull)
        {
            return;
        }

        if (entry.State == PmdState.Huge)
        {
            int huge = entry.Huge!.Head;
            if (mm.Folios.MapCount(huge) == 1)
            {
                Splitting.SplitFolio(mm, ref entry, huge, work);
            }

            return;
        }

        if (entry.State != PmdState.Table)
        {
            return;
        }

        int tried = -1;
        PteTable table = entry.Table!;
        Bits512 wanted = table.Present & pages;
        for (int index = wanted.NextSet(0); index < Geometry.PtesPerTable; index = wanted.NextSet(index + 1))
        {
            int pfn = table.Pfns[index];
            if (table.Present.Has(index) && mm.Folios.IsLarge(pfn) && mm.Folios.Head(pfn) != tried)
            {
                tried = mm.Folios.Head(pfn);
                Splitting.SplitFolio(mm, ref entry, tried, work);
            }
        }
    }

    /// <summary>Folios of this process alone that the call covers whole. Their referenced marks go, an active one is
    /// remembered as working set.</summary>
    private static List<int> Eligible(Mm mm, long range, in Bits512 pages, bool clearYoung)
    {
        List<int> heads = new(pages.Count());
        ref PmdEntry entry = ref mm.Directory.Find(range);
        if (Unsafe.IsNullRef(ref entry))
        {
            return heads;
        }

        if (entry.State == PmdState.Huge)
        {
            HugeMapping huge = entry.Huge!;
            if (pages.IsFull && mm.Folios.MapCount(huge.Head) == 1)
            {
                huge.Young &= !clearYoung;
                Add(mm, huge.Head, heads);
            }
        }
        else if (entry.State == PmdState.Table)
        {
            AddPtes(mm, entry.Table!, pages, clearYoung, heads);
        }

        return heads;
    }

    private static void AddPtes(Mm mm, PteTable table, in Bits512 pages, bool clearYoung, List<int> heads)
    {
        Bits512 taken = Bits512.None;
        Bits512 wanted = table.Present & pages;
        int last = -1;
        for (int index = wanted.NextSet(0); index < Geometry.PtesPerTable; index = wanted.NextSet(index + 1))
        {
            int pfn = table.Pfns[index];
            int head = mm.Folios.Head(pfn);
            bool isOurs = mm.Folios.IsLarge(pfn)
                ? pages.IsFull && mm.Folios.MapCount(head) == Geometry.PtesPerTable && wanted.IsFull
                : mm.Folios.PageMapCount(pfn) == 1;
            if (!isOurs)
            {
                continue;
            }

            taken.Set(index);
            if (head != last)
            {
                Add(mm, head, heads);
            }

            last = head;
        }

        table.Young = clearYoung ? table.Young.Without(taken) : table.Young;
    }

    private static void Add(Mm mm, int head, List<int> heads)
    {
        FolioTable folios = mm.Folios;
        folios.ClearFlags(head, FolioFlags.Referenced | FolioFlags.Young);
        folios.SetFlags(head, folios.Has(head, FolioFlags.Active) ? FolioFlags.Workingset : FolioFlags.None);
        heads.Add(head);
    }
}
