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

    /// <summary>mprotect: write bits go when an area loses VM_WRITE; in an area that regains it they come back page by
    /// page, at the next write fault.</summary>
    public static void ApplyWriteBits(Mm mm, long start, long end)
    {
        for (int index = mm.Vmas.IndexAbove(start); index < mm.Vmas.Areas.Count && mm.Vmas.Areas[index].Start < end; index++)
        {
            Vma vma = mm.Vmas.Areas[index];
            if (!vma.Has(VmaFlags.Write))
            {
                WriteProtect(mm, Math.Max(start, vma.Start), Math.Min(end, vma.End));
            }
        }
    }

    private static void WriteProtect(Mm mm, long start, long end)
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
