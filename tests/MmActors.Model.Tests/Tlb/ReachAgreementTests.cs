using System.Numerics;
using MmActors.Model.Costs;
using MmActors.Model.Tlb;

namespace MmActors.Model.Tests.Tlb;

public class ReachAgreementTests
{
    private const int Pages = 32_768;
    private const int Accesses = 2_000_000;

    public static TheoryData<int, ulong, double> Mixes => new()
    {
        // Second-level entries, ranges mapped huge, tolerated difference of the miss rates.
        // After each row what was measured: exact - model.
        { 1536, 0, 0.001 }, // 0.95308 - 0.95312 = -0.00005
        { 2048, 0, 0.001 }, // 0.93744 - 0.93750 = -0.00006
        { 1536, 0xaaaa_aaaa_aaaa_aaaa, 0.001 }, // every second: 0.45308 - 0.45312 = -0.00004
        { 2048, 0xaaaa_aaaa_aaaa_aaaa, 0.001 }, // 0.43746 - 0.43750 = -0.00004
        { 1536, 0xffff_ffff, 0.0015 }, // lower half: 0.45373 - 0.45312 = +0.00061
        { 2048, 0xffff_ffff, 0.0015 }, // 0.43799 - 0.43750 = +0.00049
        // 60 of 64 huge: n4 is near E, and the huge entries that share the second level cost the small ones some room
        { 1536, 0xffff_ffff_ffff_fff0, 0.003 }, // 0.01742 - 0.01562 = +0.00179
        { 2048, 0xffff_ffff_ffff_fff0, 0.003 }, // 0.00186 - 0 = +0.00186
        { 1536, 0xffff_ffff_ffff_fffc, 0.0001 }, // 62 of 64: everything fits, both 0
        { 1536, ulong.MaxValue, 0.0001 }, // all huge: both 0
    };

    [Theory] // CM-3
    [MemberData(nameof(Mixes))]
    public void Reach_model_agrees_with_the_exact_TLB(int entries, ulong hugeRanges, double tolerance)
    {
        var geometry = entries == 1536 ? TlbGeometry.Second1536 : TlbGeometry.Second2048;
        var tlb = new ExactTlb(geometry);
        var random = new RandomStream(1, "reach");
        tlb.AccessUniformly(0, Pages, [hugeRanges], Accesses / 4, random);
        var counts = tlb.AccessUniformly(0, Pages, [hugeRanges], Accesses, random);

        var huge = BitOperations.PopCount(hugeRanges);
        var expected = TlbReach.ExpectedMisses(Accesses, huge * 512, Pages - huge * 512, entries);
        Assert.Equal(expected / Accesses, counts.MissRate, tolerance);
    }

    [Fact] // cost-model.md 9.3: after a full flush misses come from an empty TLB, never fewer than in the steady state
    public void A_flush_costs_the_refill()
    {
        var tlb = new ExactTlb(TlbGeometry.Second1536);
        var random = new RandomStream(2, "refill");
        tlb.AccessUniformly(0, 1024, [0], 100_000, random);
        Assert.Equal(0, tlb.AccessUniformly(0, 1024, [0], 10_000, random).Misses);
        tlb.FlushAll();
        Assert.Equal(1024, tlb.AccessUniformly(0, 1024, [0], 100_000, random).Misses);
    }
}
