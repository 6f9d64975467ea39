using System.Runtime.CompilerServices;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>Takes pictures of ranges for the details of the event stream; looks and changes nothing.</summary>
public static class RangeImages
{
    /// <summary>The range as it is now; a page table that a collapse has detached counts as its table.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="range">Start of the range.</param>
    /// <param name="exactShared">VR-10.</param>
    public static RangeImage Of(Mm mm, long range, bool exactShared)
    {
        if (mm.Detached is { } detached && detached.Range == range)
        {
            return OfTable(mm.Folios, detached.Table, exactShared);
        }

        ref PmdEntry entry = ref mm.Directory.Find(range);
        if (Unsafe.IsNullRef(ref entry))
        {
            return new RangeImage(null, 0, 0, 0, 0, 0, 0, -1);
        }

        return entry.State switch
        {
            PmdState.Huge => OfHuge(mm.Folios, entry.Huge!, exactShared),
            PmdState.HugeZero => new RangeImage(PmdState.HugeZero, 0, Geometry.PtesPerTable, 0, 0, 0, 0, -1),
            PmdState.Table => OfTable(mm.Folios, entry.Table!, exactShared),
            _ => new RangeImage(entry.State, 0, 0, 0, 0, 0, 0, -1),
        };
    }

    /// <summary>What a map of memory needs of the range, at a fraction of the picture's cost: only clean pages are looked up.</summary>
    public static RangeShares SharesOf(Mm mm, long range)
    {
        PteTable? table = mm.Detached is { } detached && detached.Range == range ? detached.Table : null;
        if (table is null)
        {
            ref PmdEntry entry = ref mm.Directory.Find(range);
            if (Unsafe.IsNullRef(ref entry) || entry.State is not (PmdState.Huge or PmdState.Table))
            {
                return default;
            }

            if (entry.State == PmdState.Huge)
            {
                return new RangeShares(IsHuge: true, 0, 0, 0);
            }

            table = entry.Table!;
        }

        Bits512 clean = table.Present.Without(table.Dirty);
        int lazyfree = 0;
        for (int index = clean.NextSet(0); index < Geometry.PtesPerTable; index = clean.NextSet(index + 1))
        {
            lazyfree += (mm.Folios.Flags(mm.Folios.Head(table.Pfns[index])) & FolioFlags.SwapBacked) == 0 ? 1 : 0;
        }

        return new RangeShares(IsHuge: false, table.Present.Count() - lazyfree, lazyfree, table.NonPresent.Count());
    }

    /// <summary>One PTE of the range; null when the range has no page table or the index is behind its end.</summary>
    public static PteImage? PageOf(Mm mm, long range, int index)
    {
        if (index is < 0 or >= Geometry.PtesPerTable || mm.Directory.StateOf(range) != PmdState.Table)
        {
            return null;
        }

        PteTable table = mm.Directory.Find(range).Table!;
        bool isPresent = table.Present.Has(index);
        FolioFlags flags = isPresent ? mm.Folios.Flags(mm.Folios.Head(table.Pfns[index])) : FolioFlags.None;
        return new PteImage(
            index, isPresent, table.NonPresent.Has(index), table.Zero.Has(index), table.Dirty.Has(index), flags);
    }

    private static RangeImage OfHuge(FolioTable folios, HugeMapping huge, bool exactShared)
    {
        FolioFlags flags = folios.Flags(huge.Head);
        bool isReferenced = huge.Young || (flags & (FolioFlags.Referenced | FolioFlags.Young)) != 0;
        bool isLazyfree = !huge.Dirty && (flags & FolioFlags.SwapBacked) == 0;
        return new RangeImage(
            PmdState.Huge, Geometry.PtesPerTable, 0, 0, isReferenced ? Geometry.PtesPerTable : 0,
            isLazyfree ? Geometry.PtesPerTable : 0, folios.MappedShared(huge.Head, exactShared) ? Geometry.PtesPerTable : 0,
            huge.Head);
    }

    private static RangeImage OfTable(FolioTable folios, PteTable table, bool exactShared)
    {
        int referenced = 0;
        int lazyfree = 0;
        int shared = 0;
        for (int index = table.Present.NextSet(0); index < Geometry.PtesPerTable; index = table.Present.NextSet(index + 1))
        {
            int pfn = table.Pfns[index];
            FolioFlags flags = folios.Flags(folios.Head(pfn));
            referenced += table.Young.Has(index) || (flags & (FolioFlags.Referenced | FolioFlags.Young)) != 0 ? 1 : 0;
            lazyfree += (flags & FolioFlags.SwapBacked) == 0 && !table.Dirty.Has(index) ? 1 : 0;
            shared += folios.MappedShared(pfn, exactShared) ? 1 : 0;
        }

        return new RangeImage(
            PmdState.Table, table.Present.Count(), table.Zero.Count(), table.NonPresent.Count(), referenced, lazyfree, shared, -1);
    }
}

/// <summary>How a 2 MiB range is divided, counted in PTEs; nothing is counted of a huge one.</summary>
/// <param name="IsHuge">A PMD maps an order-9 folio.</param>
/// <param name="Small">PTEs that map a page, lazyfree ones left out.</param>
/// <param name="Lazyfree">PTEs that map a clean page of a lazyfree folio.</param>
/// <param name="Swapped">Non-present PTEs.</param>
public readonly record struct RangeShares(bool IsHuge, int Small, int Lazyfree, int Swapped);
