using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>Where mmap puts anonymous regions (UT-12, RN-2).</summary>
public sealed class Placement
{
    private const long FixedBase = 0x1000_0000_0000;
    private const long TopDownBase = 0x7FFF_F7E0_0000;

    private long _top = TopDownBase;
    private int _fixedRegions;

    /// <summary>Address of a region without a wish: top-down, 2 MiB aligned when it is at least that large.</summary>
    public long TopDown(long bytes)
    {
        long start = _top - bytes;
        _top = bytes >= Geometry.PmdSize ? Geometry.PmdFloor(start) : start;
        return _top;
    }

    /// <summary>Address of the task's next fixed region: 0x100000000000 + n × 1 GiB + offset.</summary>
    public long Fixed(long offset) => FixedBase + ((long)_fixedRegions++ << Geometry.PudShift) + offset;

    /// <summary>The child of a fork goes on where its parent stands.</summary>
    public Placement Copy() => new() { _top = _top, _fixedRegions = _fixedRegions };
}
