using CsCheck;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.Tests.AddressSpaces;

public class PlacementTests
{
    [Fact] // RN-2
    public void The_first_128_MiB_lie_where_the_recordings_have_them() =>
        Assert.Equal(0x7FFF_EFE0_0000, new Placement().TopDown(128L << 20));

    [Fact] // RN-2
    public void Fixed_regions_are_a_gigabyte_apart()
    {
        var placement = new Placement();
        Assert.Equal(0x1000_0000_0000, placement.Fixed(0));
        Assert.Equal(0x1000_4000_1000, placement.Fixed(4096));
        Assert.Equal(0x1000_8000_0000, placement.Copy().Fixed(0));
    }

    [Fact] // UT-12
    public void Large_areas_are_aligned_and_none_overlap() => Gen.Int[1, 3000].Array[1, 20].Sample(sizes =>
    {
        var placement = new Placement();
        long ceiling = long.MaxValue;
        foreach (int pages in sizes)
        {
            long start = placement.TopDown((long)pages * Geometry.PageSize);
            Assert.True(start + ((long)pages * Geometry.PageSize) <= ceiling);
            Assert.True(pages < 512 || Geometry.PmdFloor(start) == start);
            ceiling = start;
        }
    });

    [Fact]
    public void Windows_hold_the_pages_touched() =>
        Gen.Select(Gen.Long[0, 6 << 20], Gen.Long[1, 4 << 20], Gen.OneOf(1L, 64L, 4096L, 5000L, 28_672L, 3L << 20)).Sample((start, length, stride) =>
        {
            for (long range = 0; range < 12L << 20; range += Geometry.PmdSize)
            {
                Bits512 expected = Bits512.None;
                for (long address = start; address < start + length; address += stride)
                {
                    if (Geometry.PmdFloor(address) == range)
                    {
                        expected.Set(Geometry.PteIndex(address));
                    }
                }

                Assert.Equal(expected, Windows.PagesTouched(range, start, start + length, stride));
                if (stride == 1)
                {
                    Assert.Equal(expected, Windows.PagesOf(range, start, start + length));
                }
            }
        }, iter: 60);
}
