using MmActors.Model.Memory;
using MmActors.Model.Swap;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>The part of the full audit that concerns swap: every slot is named by as many entries as it counts, the swap
/// cache and its folios agree, and what was swapped out is what was last written (invariants 2 and 4).</summary>
public static class SwapAudit
{
    /// <summary>Checks a world at rest.</summary>
    /// <param name="folios">The page array.</param>
    /// <param name="spaces">Every address space that was ever made.</param>
    /// <param name="swap">The device.</param>
    /// <param name="counts">Room for one count per slot.</param>
    /// <exception cref="InvariantException">Names the first thing that is wrong.</exception>
    public static void Check(FolioTable folios, IReadOnlyList<Mm> spaces, SwapDevice swap, AuditCounts counts)
    {
        swap.Check();
        Span<ushort> users = counts.Cleared(swap.Slots);
        foreach (Mm mm in spaces)
        {
            long entries = 0;
            foreach (long range in mm.MappedRanges(0, long.MaxValue - Geometry.PmdSize))
            {
                ref PmdEntry entry = ref mm.Directory.Find(range);
                if (entry.State == PmdState.Table)
                {
                    CheckTable(folios, mm, range, entry.Table!, swap, users);
                    entries += entry.Table!.NonPresent.Count();
                }
            }

            if (entries != mm.SwapPages)
            {
                throw new InvariantException($"mm {mm.Id}: page tables hold {entries} swap entries; counted {mm.SwapPages}");
            }

            if (mm.Detached is { } detached)
            {
                CheckTable(folios, mm, detached.Range, detached.Table, swap, users);
            }
        }

        int used = 0;
        for (int slot = 0; slot < swap.Slots && used < swap.UsedSlots; slot++)
        {
            if (swap.IsAllocated(slot))
            {
                used++;
                CheckSlot(folios, swap, slot, users[slot]);
            }
        }
    }

    private static void CheckTable(FolioTable folios, Mm mm, long range, PteTable table, SwapDevice swap, Span<ushort> users)
    {
        for (int index = table.NonPresent.NextSet(0); index < Geometry.PtesPerTable; index = table.NonPresent.NextSet(index + 1))
        {
            int slot = table.Pfns[index];
            if (!swap.IsAllocated(slot))
            {
                throw new InvariantException($"mm {mm.Id} range {range:x} page {index}: its swap slot {slot} is free");
            }

            users[slot]++;
            int cached = swap.Cached(slot);
            byte held = cached >= 0 ? folios.Content(cached) : swap.Content(slot);
            if (held != table.LastWritten[index] && !(table.MayBeZero.Has(index) && held == ContentTag.Zero))
            {
                throw new InvariantException(
                    $"mm {mm.Id} range {range:x} page {index}: swapped out as {held}, but {table.LastWritten[index]} was written");
            }
        }
    }

    private static void CheckSlot(FolioTable folios, SwapDevice swap, int slot, int users)
    {
        if (swap.Users(slot) != users)
        {
            throw new InvariantException($"swap slot {slot} counts {swap.Users(slot)} users, {users} entries name it");
        }

        int pfn = swap.Cached(slot);
        if (pfn < 0)
        {
            return;
        }

        int head = folios.Head(pfn);
        if (!folios.Has(head, FolioFlags.SwapCache) || folios.SwapSlot(head) + (pfn - head) != slot)
        {
            throw new InvariantException($"swap slot {slot} says pfn {pfn} caches it, which is not so");
        }
    }
}
