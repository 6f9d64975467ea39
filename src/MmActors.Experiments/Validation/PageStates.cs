using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Experiments.Validation;

/// <summary>Page states as the recordings code them, one letter a page: none, swapped, zero page, small anonymous or lazyfree
/// pages by list and PG_referenced, pages in no list, THPs by their mapping.</summary>
internal static class PageStates
{
    public const char None = '.';

    /// <summary>The letters of so many pages from an address on.</summary>
    public static string Of(Mm mm, long start, int pages)
    {
        char[] states = new char[pages];
        for (int index = 0; index < pages; index++)
        {
            states[index] = Of(mm, start + ((long)index << Geometry.PageShift));
        }

        return new string(states);
    }

    private static char Of(Mm mm, long address)
    {
        long range = address & ~((long)Geometry.PmdSize - 1);
        ref PmdEntry entry = ref mm.Directory.Find(range);
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry))
        {
            return None;
        }

        switch (entry.State)
        {
            case PmdState.HugeZero:
                return 'Z';
            case PmdState.Huge:
                FolioFlags huge = mm.Folios.Flags(entry.Huge!.Head);
                return !huge.HasFlag(FolioFlags.SwapBacked) ? 'f' : huge.HasFlag(FolioFlags.Active) ? 'H' : 'h';
            case PmdState.Table:
                return Of(mm.Folios, entry.Table!, Geometry.PteIndex(address));
            default:
                return None;
        }
    }

    private static char Of(FolioTable folios, PteTable table, int index)
    {
        if (!table.Present.Has(index))
        {
            return table.Zero.Has(index) ? 'z' : table.NonPresent.Has(index) ? 's' : None;
        }

        int pfn = table.Pfns[index];
        FolioFlags flags = folios.Flags(folios.Head(pfn));
        bool isActive = flags.HasFlag(FolioFlags.Active);
        bool isReferenced = flags.HasFlag(FolioFlags.Referenced);
        bool isSwapBacked = flags.HasFlag(FolioFlags.SwapBacked);
        if (folios.IsLarge(pfn))
        {
            return !isSwapBacked ? 'g' : isActive ? 'P' : 'p';
        }

        return !flags.HasFlag(FolioFlags.Lru) ? 'q'
            : !isSwapBacked ? isActive ? 'L' : isReferenced ? 'm' : 'l'
            : isActive ? isReferenced ? 'R' : 'A' : isReferenced ? 'r' : 'a';
    }
}
