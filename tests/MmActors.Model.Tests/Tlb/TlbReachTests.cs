using MmActors.Model.Tlb;

namespace MmActors.Model.Tests.Tlb;

public class TlbReachTests
{
    [Fact] // CM-3: n4 = 32768, E = 2048
    public void Miss_rate_of_128_MiB_in_small_pages_is_fifteen_sixteenths()
    {
        Assert.Equal(0.9375, TlbReach.BasePageMissRate(32_768, 2048));
        Assert.Equal(30_720, TlbReach.ExpectedMisses(32_768, 0, 32_768, 2048), 1e-9);
    }

    [Fact] // CM-3: "E ≈ 4290 and 8610" explain the rates 0.869 and 0.737
    public void Published_rates_follow_from_the_entries_the_rule_names()
    {
        Assert.Equal(0.86918, TlbReach.BasePageMissRate(32_768, 4290), 0.0005);
        Assert.Equal(0.73731, TlbReach.BasePageMissRate(32_768, 8610), 0.0005);
    }

    [Fact] // CM-6: the huge share changes both the share of accesses and n4
    public void Half_huge_misses_less_than_half_as_often()
    {
        Assert.Equal(0.5 * (1 - 2048 / 16_384.0), TlbReach.ExpectedMisses(1_000_000, 32 * 512, 16_384, 2048) / 1e6, 1e-12);
    }

    [Theory]
    [InlineData(64, 0)]
    [InlineData(0, 2048)]
    [InlineData(10, 100)]
    [InlineData(0, 0)]
    public void Nothing_misses_inside_the_reach(long hugeRanges, long basePages)
    {
        Assert.Equal(0, TlbReach.ExpectedMisses(1_000_000, hugeRanges * 512, basePages, 2048));
    }
}
