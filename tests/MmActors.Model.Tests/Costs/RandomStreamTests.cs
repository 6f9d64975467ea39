using MmActors.Model.Costs;

namespace MmActors.Model.Tests.Costs;

public class RandomStreamTests
{
    [Fact] // first outputs of the authors' xoshiro256starstar.c from the state {1, 2, 3, 4}
    public void Generator_reproduces_the_reference_vector()
    {
        ulong[] expected =
        [
            11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600,
            16172922978634559625, 8476171486693032832, 10595114339597558777, 2904607092377533576,
        ];
        var random = RandomStream.FromState(1, 2, 3, 4);
        Assert.Equal(expected, expected.Select(_ => random.NextUInt64()));
    }

    [Theory] // computed by a separate implementation that was checked against the SplitMix64 and FNV-1a references
    [InlineData(1, "hot2/reads", 0x5fd66328fa554547, 0x1875ee1a753a7a40, 0xb660802e04da324b)]
    [InlineData(1, "hot1/reads", 0x4952a7efd7e8e5b6, 0x8ec2cde66e392b7c, 0xd85867ac44d4d3ce)]
    [InlineData(42, "übung", 0xe135d7a5d8ed485f, 0x5b68920fb070176a, 0x0562edea3df8fefe)]
    public void Seed_and_name_give_the_same_stream_for_ever(
        ulong seed, string name, ulong first, ulong second, ulong third)
    {
        var random = new RandomStream(seed, name);
        Assert.Equal([first, second, third], [random.NextUInt64(), random.NextUInt64(), random.NextUInt64()]);
    }

    [Fact] // same separate implementation
    public void Derived_values_are_golden()
    {
        var random = new RandomStream(1, "hot2/reads");
        Assert.Equal([374, 95, 712, 808, 591, 443], Enumerable.Range(0, 6).Select(_ => random.NextBelow(1000)));
        random = new RandomStream(1, "hot2/reads");
        Assert.Equal([0.37436504126011005, 0.09554947038598438], [random.NextDouble(), random.NextDouble()]);
        random = new RandomStream(1, "hot2/reads");
        Assert.Equal<ulong>(
            [0xa0091cc5008080b8, 0x8659082882a6a328, 0x281200893004d379],
            [random.NextMask(0.3), random.NextMask(0.3), random.NextMask(0.3)]);
    }

    [Fact] // χ² with 6 degrees of freedom: 22.5 is the 0.1 % point
    public void Below_is_uniform_and_inside_the_bound()
    {
        var random = new RandomStream(7, "below");
        var counts = new int[7];
        for (var draw = 0; draw < 700_000; draw++)
        {
            counts[random.NextBelow(7)]++;
        }

        Assert.True(counts.Sum(count => (count - 100_000.0) * (count - 100_000.0) / 100_000) < 22.5);
    }

    [Fact] // a bound just above 2³⁰ rejects a quarter of the 32-bit draws: without rejection the lower half is too full
    public void Large_bounds_are_not_biased()
    {
        const int Bound = 3 << 29;
        var random = new RandomStream(8, "below");
        var counts = new int[3];
        for (var draw = 0; draw < 300_000; draw++)
        {
            counts[random.NextBelow(Bound) >> 29]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 99_000, 101_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextBelow(0));
    }

    [Theory] // five standard deviations of 6.4 million bits; 1/3 and 1e-5 need more than 16 bits of precision
    [InlineData(0.5)]
    [InlineData(0.63212055882856)]
    [InlineData(1.0 / 3)]
    [InlineData(0.001)]
    [InlineData(1e-5)]
    [InlineData(0.99999)]
    public void Mask_sets_each_bit_with_the_probability(double probability)
    {
        const int Masks = 100_000;
        var random = new RandomStream(9, "mask");
        var perBit = new int[64];
        for (var draw = 0; draw < Masks; draw++)
        {
            for (var mask = random.NextMask(probability); mask != 0; mask &= mask - 1)
            {
                perBit[System.Numerics.BitOperations.TrailingZeroCount(mask)]++;
            }
        }

        var deviation = Math.Sqrt(Masks * probability * (1 - probability));
        Assert.Equal(64.0 * Masks * probability, perBit.Sum(), 5 * 8 * deviation);
        Assert.All(perBit, count => Assert.Equal(Masks * probability, count, 5 * deviation + 6));
    }

    [Fact]
    public void Mask_of_a_sure_thing_needs_no_luck()
    {
        var random = new RandomStream(10, "mask");
        Assert.Equal([0UL, 0UL, 0UL], [random.NextMask(0), random.NextMask(-1), random.NextMask(double.NaN)]);
        Assert.Equal([ulong.MaxValue, ulong.MaxValue], [random.NextMask(1), random.NextMask(2)]);
    }
}
