using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>The full audit of a world at rest: the invariants of architecture.md section 5 over every page.</summary>
public static class WorldAudit
{
    /// <summary>Checks everything.</summary>
    /// <exception cref="InvariantException">Names the first thing that is wrong.</exception>
    public static void Check(MemoryNode node, IReadOnlyList<Mm> spaces)
    {
        FolioTable folios = node.Folios;
        var mappings = new int[folios.Pages];
        foreach (Mm mm in spaces)
        {
            ContentAudit.CheckAll(mm);
            CountMappings(mm, mappings);
        }

        long onLru = CheckLists(node);
        long held = CheckPages(node, mappings);
        if (held + node.FreePages != folios.Pages)
        {
            throw new InvariantException($"{held} pages in use and {node.FreePages} free make not {folios.Pages}");
        }

        long unlisted = held - onLru;
        long excused = node.IsolatedPages + node.PagesInAddBatches + node.InFlightPages;
        if (unlisted != excused)
        {
            throw new InvariantException(
                $"{unlisted} pages are in use but on no list; {node.IsolatedPages} are isolated, "
                + $"{node.PagesInAddBatches} in add batches, {node.InFlightPages} on their way");
        }
    }

    private static void CountMappings(Mm mm, int[] mappings)
    {
        foreach (long range in mm.MappedRanges(0, long.MaxValue - Geometry.PmdSize))
        {
            ref PmdEntry entry = ref mm.Directory.Find(range);
            if (entry.State == PmdState.Huge)
            {
                mappings[entry.Huge!.Head]++;
            }
            else if (entry.State == PmdState.Table)
            {
                CountMappings(mm.Folios, entry.Table!, mappings);
            }
        }

        if (mm.Detached is { } detached)
        {
            CountMappings(mm.Folios, detached.Table, mappings);
        }
    }

    private static void CountMappings(FolioTable folios, PteTable table, int[] mappings)
    {
        for (int index = table.Present.NextSet(0); index < Geometry.PtesPerTable; index = table.Present.NextSet(index + 1))
        {
            mappings[folios.Head(table.Pfns[index])]++;
        }
    }

    private static long CheckLists(MemoryNode node)
    {
        long total = 0;
        foreach (LruKind kind in Enum.GetValues<LruKind>())
        {
            long pages = 0;
            for (int head = node.Lru.Head(kind); head >= 0; head = node.Lru.After(head))
            {
                FolioFlags flags = node.Folios.Flags(head);
                if (LruLists.KindOf(flags) != kind || (flags & FolioFlags.Buddy) != 0)
                {
                    throw new InvariantException($"pfn {head} with flags {flags} is on {kind}");
                }

                pages += node.Folios.FolioPages(head);
            }

            if (pages != node.Lru.Pages(kind))
            {
                throw new InvariantException($"{kind} holds {pages} pages, its counter says {node.Lru.Pages(kind)}");
            }

            total += pages;
        }

        return total;
    }

    /// <summary>Compares map counts with the page tables; returns the pages that are not free.</summary>
    private static long CheckPages(MemoryNode node, int[] mappings)
    {
        FolioTable folios = node.Folios;
        long held = 0;
        for (int pfn = 0; pfn < folios.Pages;)
        {
            uint word = folios.Word(pfn);
            if ((word & (uint)FolioFlags.Buddy) != 0)
            {
                pfn += 1 << (int)(word / FolioTable.MapOne);
                continue;
            }

            int pages = folios.FolioPages(pfn);
            if (folios.MapCount(pfn) != mappings[pfn])
            {
                throw new InvariantException($"pfn {pfn}: map count {folios.MapCount(pfn)}, but {mappings[pfn]} mappings");
            }

            held += pages;
            pfn += pages;
        }

        return held;
    }
}
