using System.Runtime.CompilerServices;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>The address space's part of a direct compaction: the PTE of an isolated page comes to name the page's new place
/// (migrate_pages, UT-41). In one step, so no fault ever meets the migration entry in between.</summary>
public static class Migration
{
    /// <summary>Moves those pages of the block that this mm alone maps and nobody references.</summary>
    /// <returns>Pages moved.</returns>
    public static int Move(Mm mm, CompactionBlock block)
    {
        int moved = 0;
        foreach (ref MovingPage page in block.Pages)
        {
            if (!page.IsMoved && page.Family == mm.Family && TryMove(mm, page.Old, page.New))
            {
                page.IsMoved = true;
                moved++;
            }
        }

        return moved;
    }

    private static bool TryMove(Mm mm, int from, int to)
    {
        long address = mm.Folios.Owner(from).Address;
        ref PmdEntry entry = ref mm.Directory.Find(address);
        if (Unsafe.IsNullRef(ref entry) || entry.State != PmdState.Table || !entry.Table!.Maps(Geometry.PteIndex(address), from)
            || mm.Folios.PageMapCount(from) != 1 || mm.Folios.TransientReferences(from) != 1 || !mm.Folios.TryLock(from))
        {
            return false;
        }

        if (!mm.Folios.TryMovePage(from, to))
        {
            mm.Folios.Unlock(from);
            return false;
        }

        entry.Table.Pfns[Geometry.PteIndex(address)] = to;
        return true;
    }
}
