using MmActors.Model.AddressSpaces;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Actors.Tasks;

/// <summary>A mapped region of a task.</summary>
internal readonly record struct Region(long Start, long Bytes)
{
    /// <summary>Aligned 2 MiB ranges inside; the unaligned head and tail are never huge (KH-22).</summary>
    public int Ranges => (int)Math.Max(0, (Geometry.PmdFloor(Start + Bytes) - Geometry.PmdCeiling(Start)) >> Geometry.PmdShift);

    /// <summary>Addresses of a window of the region.</summary>
    public (long Start, long End) Window(RegionSpan span)
    {
        long from = Start + span.Offset.Bytes;
        return (from, span.Length is { } length ? from + length.Bytes : Start + Bytes);
    }
}

/// <summary>A walk over a window, one 2 MiB range at a time.</summary>
internal sealed class RangeWalk(long start, long end, long stride, byte? value)
{
    private readonly bool _firstBytes = ((start | stride) & (Geometry.PageSize - 1)) == 0 && stride > 0;
    private long _range = Geometry.PmdFloor(start);

    /// <summary>When it began.</summary>
    public TimeSpan Begin { get; init; }

    /// <summary>When its end is to be reached.</summary>
    public TimeSpan PacedTo { get; init; }

    public bool IsPaced => PacedTo > Begin;

    /// <summary>Before when the next range is not to be touched.</summary>
    public TimeSpan Due => !IsPaced
        ? Begin : Begin + ((PacedTo - Begin) * Math.Clamp((double)(_range - start) / Math.Max(1, end - start), 0, 1));

    /// <summary>The access within the next range; null at the end.</summary>
    public Access? Next()
    {
        while (_range < end)
        {
            long range = _range;
            _range += Geometry.PmdSize;
            var pages = Windows.PagesTouched(range, start, end, stride);
            if (!pages.IsEmpty)
            {
                return new Access(range, pages, value is not null, value ?? 0, stride <= 1, _firstBytes);
            }
        }

        return null;
    }

    /// <summary>Bytes moved by one range's part of the walk.</summary>
    public double CostNs(in Access access, Model.Settings.KernelCosts costs) => stride <= 1
        ? access.Pages.Count() * (Geometry.PageSize / costs.StreamBytesPerNs)
        : access.Pages.Count() * Math.Max(1.0, (double)Geometry.PageSize / stride) * costs.TouchNs;
}
