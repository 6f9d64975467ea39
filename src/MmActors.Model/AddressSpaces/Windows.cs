using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>Cuts a byte window into its 2 MiB ranges.</summary>
public static class Windows
{
    /// <summary>Pages of the range that the window [start, end) covers at least in part.</summary>
    public static Bits512 PagesOf(long range, long start, long end)
    {
        long first = Math.Max(start, range) - range;
        long behind = Math.Min(end, range + Geometry.PmdSize) - range;
        return behind <= first
            ? Bits512.None
            : Bits512.Range((int)(first >> Geometry.PageShift), (int)((behind + Geometry.PageSize - 1) >> Geometry.PageShift));
    }

    /// <summary>Pages of the range touched at start, start + stride, … below end; every page up to the last touch
    /// for a stride of at most one page.</summary>
    public static Bits512 PagesTouched(long range, long start, long end, long stride)
    {
        if (end <= start)
        {
            return Bits512.None;
        }

        if (stride <= Geometry.PageSize)
        {
            long step = Math.Max(stride, 1);
            return PagesOf(range, start, start + ((end - 1 - start) / step * step) + 1);
        }

        Bits512 pages = Bits512.None;
        long behind = Math.Min(end, range + Geometry.PmdSize);
        long first = start >= range ? start : start + ((range - start + stride - 1) / stride * stride);
        for (long address = first; address < behind; address += stride)
        {
            pages.Set(Geometry.PteIndex(address));
        }

        return pages;
    }
}
