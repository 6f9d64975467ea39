using MmActors.Model.Memory;
using MmActors.Model.Swap;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>The full audit of a world at rest: the invariants of architecture.md section 5 over every page.</summary>
public static class WorldAudit
{
    /// <summary>Checks everything.</summary>
    /// <exception cref="InvariantException">Names the first thing that is wrong.</exception>
    /// <param name="node">The node.</param>
    /// <param name="spaces">Every address space that was ever made.</param>
    /// <param name="swap">The swap device, if there is one.</param>
    /// <param name="counts">Kept by whoever audits a world more than once.</param>
    public static void Check(MemoryNode node, IReadOnlyList<Mm> spaces, SwapDevice? swap = null, AuditCounts? counts = null)
    {
        counts ??= new AuditCounts();
        if (swap is not null)
        {
            SwapAudit.Check(node.Folios, spaces, swap, counts);
        }

        FolioTable folios = node.Folios;
        (long onLru, long held) = CheckSpaces(node, spaces, counts);
        if (held + node.FreePages != folios.Pages)
        {
            throw new InvariantException($"{held} pages in use and {node.FreePages} free make not {folios.Pages}");
        }

        long unlisted = held - onLru;
        long excused = node.IsolatedPages + node.PagesInAddBatches + node.InFlightPages + node.KernelPages;
        if (unlisted != excused)
        {
            throw new InvariantException(
                $"{unlisted} pages are in use but on no list; {node.IsolatedPages} are isolated, "
                + $"{node.PagesInAddBatches} in add batches, {node.InFlightPages} on their way");
        }
    }

    /// <summary>Every page of every address space, the lists, and map counts against page tables; returns the pages on LRU lists
    /// and those that are not free.</summary>
    private static (long OnLru, long Held) CheckSpaces(MemoryNode node, IReadOnlyList<Mm> spaces, AuditCounts counts)
    {
        Span<ushort> mappings = counts.Cleared(node.Folios.Pages);
        foreach (Mm mm in spaces)
        {
            ContentAudit.CheckAll(mm);
            CountMappings(mm, mappings);
        }

        return (CheckLists(node), CheckPages(node, mappings));
    }

    private static void CountMappings(Mm mm, Span<ushort> mappings)
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
                CountMappings(entry.Table!, mappings);
            }
        }

        if (mm.Detached is { } detached)
        {
            CountMappings(detached.Table, mappings);
        }
    }

    private static void CountMappings(PteTable table, Span<ushort> mappings)
    {
        for (int index = table.Present.NextSet(0); index < Geometry.PtesPerTable; index = table.Present.NextSet(index + 1))
        {
            mappings[table.Pfns[index]]++;
        }
    }

    /// <summary>Mappings of a folio. Those of an order-9 folio are counted page by page: 128 mms that map it by page tables have
    /// 65 536 together.</summary>
    private static int Sum(ReadOnlySpan<ushort> mappings)
    {
        int sum = 0;
        foreach (ushort count in mappings)
        {
            sum += count;
        }

        return sum;
    }

    private static long CheckLists(MemoryNode node)
    {
        long total = 0;
        foreach (Memcg group in node.Memcgs)
        {
            foreach (LruKind kind in Enum.GetValues<LruKind>())
            {
                total += CheckList(node.Folios, group, kind);
            }
        }

        return total;
    }

    private static long CheckList(FolioTable folios, Memcg group, LruKind kind)
    {
        long pages = 0;
        for (int head = group.Lru.Head(kind); head >= 0; head = group.Lru.After(head))
        {
            FolioFlags flags = folios.Flags(head);
            if (LruLists.KindOf(flags) != kind || (flags & FolioFlags.Buddy) != 0 || folios.Owner(head).Memcg != group.Id)
            {
                throw new InvariantException($"pfn {head} with flags {flags} is on {kind} of group '{group.Path}'");
            }

            pages += folios.FolioPages(head);
        }

        return pages == group.Lru.Pages(kind)
            ? pages
            : throw new InvariantException($"{kind} of group '{group.Path}' holds {pages} pages, counted {group.Lru.Pages(kind)}");
    }

    /// <summary>Every group is charged for the pages it and its descendants own, to the page.</summary>
    private static void CheckCharges(MemoryNode node, long[] owned)
    {
        foreach (Memcg group in node.Memcgs)
        {
            long expected = node.Memcgs.Where(other => other.IsWithin(group)).Sum(other => owned[other.Id]);
            if (group.Usage != expected)
            {
                throw new InvariantException($"group '{group.Path}' is charged {group.Usage} pages and owns {expected}");
            }
        }
    }

    /// <summary>Compares map counts with the page tables; returns the pages that are not free.</summary>
    private static long CheckPages(MemoryNode node, Span<ushort> mappings)
    {
        FolioTable folios = node.Folios;
        long held = 0;
        var owned = new long[node.Memcgs.Count];
        for (int pfn = 0; pfn < folios.Pages;)
        {
            uint word = folios.Word(pfn);
            if (FolioTable.FreePages(word) is > 0 and var free)
            {
                pfn += free;
                continue;
            }

            int pages = folios.FolioPages(pfn);
            int found = Sum(mappings.Slice(pfn, pages));
            if (folios.MapCount(pfn) != found)
            {
                throw new InvariantException($"pfn {pfn}: map count {folios.MapCount(pfn)}, but {found} mappings");
            }

            held += pages;
            owned[folios.Owner(pfn).Memcg] += pages;
            pfn += pages;
        }

        owned[0] -= node.KernelPages;
        CheckCharges(node, owned);
        return held;
    }
}
