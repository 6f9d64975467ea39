using System.Runtime.CompilerServices;
using MmActors.Model.Memory;
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

    /// <summary>mprotect: write bits go when an area loses VM_WRITE; exclusive dirty pages of an area that regains it
    /// are made writable at once, the others at their next write fault.</summary>
    public static void ApplyWriteBits(Mm mm, long start, long end)
    {
        foreach (long range in mm.MappedRanges(start, end))
        {
            Vma? vma = mm.Vmas.FindAbove(Math.Max(range, start));
            if (vma is null || vma.Start >= Math.Min(end, range + Geometry.PmdSize))
            {
                continue;
            }

            ref PmdEntry entry = ref mm.Directory.Find(range);
            bool writable = vma.Has(VmaFlags.Write);
            Bits512 pages = Windows.PagesOf(range, Math.Max(start, vma.Start), Math.Min(end, vma.End));
            if (entry.State == PmdState.Huge && !writable)
            {
                entry.Huge!.Writable = false;
            }
            else if (entry.State == PmdState.Table && !writable)
            {
                entry.Table!.Writable = entry.Table.Writable.Without(pages);
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
