using System.Runtime.CompilerServices;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>Page-table consequences of VMA changes.</summary>
public static class VmaBoundaries
{
    /// <summary>UT-25: a VMA boundary inside a huge PMD splits that PMD.</summary>
    public static void SplitHugeAt(Mm mm, long address)
    {
        if ((address & (Geometry.PmdSize - 1)) == 0)
        {
            return;
        }

        ref PmdEntry entry = ref mm.Directory.Find(address);
        if (Unsafe.IsNullRef(ref entry))
        {
            return;
        }

        if (entry.State == PmdState.Huge)
        {
            Splitting.SplitPmd(mm, ref entry);
        }
        else if (entry.State == PmdState.HugeZero)
        {
            Splitting.SplitHugeZero(mm, ref entry);
        }
    }

    /// <summary>UT-25: as <see cref="SplitHugeAt"/>, when the area around the address gets other flags. One that has them
    /// already is left whole, so its huge mappings stay.</summary>
    public static void SplitHugeWhereChanged(Mm mm, long address, Func<VmaFlags, VmaFlags> change)
    {
        if (mm.Vmas.Find(address) is { } area && area.Start < address && change(area.Flags) != area.Flags)
        {
            SplitHugeAt(mm, address);
        }
    }

    /// <summary>mprotect to read-only: the write bits of the window go. They come back page by page, at write faults.</summary>
    public static void RemoveWriteBits(Mm mm, long start, long end)
    {
        foreach (long range in mm.MappedRanges(start, end))
        {
            ref PmdEntry entry = ref mm.Directory.Find(range);
            if (entry.State == PmdState.Huge)
            {
                entry.Huge!.Writable = false;
            }
            else if (entry.State == PmdState.Table)
            {
                entry.Table!.Writable = entry.Table.Writable.Without(Windows.PagesOf(range, start, end));
            }
        }
    }

    /// <summary>Drops the areas of [start, end) and the page tables no other area needs (free_pgtables).</summary>
    public static void Unmap(Mm mm, long start, long end)
    {
        SplitHugeAt(mm, start);
        SplitHugeAt(mm, end);
        mm.Vmas.Remove(start, end);
        int next = mm.Vmas.IndexAbove(start);
        long floor = next > 0 ? mm.Vmas.Areas[next - 1].End : 0;
        long ceiling = next < mm.Vmas.Areas.Count ? mm.Vmas.Areas[next].Start : long.MaxValue - Geometry.PmdSize;
        foreach (long range in mm.MappedRanges(start, end))
        {
            if (range >= floor && range + Geometry.PmdSize <= ceiling)
            {
                Zapping.FreeTable(mm, range);
            }
        }

        mm.Directory.Trim(floor, ceiling);
    }
}
