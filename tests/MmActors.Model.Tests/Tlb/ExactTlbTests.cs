using CsCheck;
using MmActors.Model.Costs;
using MmActors.Model.Tlb;

namespace MmActors.Model.Tests.Tlb;

public class ExactTlbTests
{
    private static readonly TlbGeometry Tiny = new()
    {
        FirstSmall = new TlbLevel(2, 2),
        FirstHuge = new TlbLevel(1, 3),
        Second = new TlbLevel(4, 5),
        SecondHoldsHuge = true,
    };

    private static readonly TlbGeometry[] Geometries =
    [
        Tiny,
        Tiny with { SecondHoldsHuge = false, Second = new TlbLevel(1, 17), FirstSmall = new TlbLevel(1, 1) },
        Tiny with { FirstHuge = new TlbLevel(4, 4), Second = new TlbLevel(2, 64), FirstSmall = new TlbLevel(4, 6) },
        TlbGeometry.Second1536 with { Second = new TlbLevel(8, 12), FirstSmall = new TlbLevel(4, 4) },
        TlbGeometry.Second1536,
        TlbGeometry.Second2048,
    ];

    public static TheoryData<LruKernel> Kernels =>
        [LruKernel.Scalar, LruKernel.Vector128, LruKernel.Vector256, LruKernel.Vector512];

    /// <summary>What a generated sequence does at one step.</summary>
    private enum Action
    {
        Small,
        Huge,
        FlushRange,
        FlushAll,
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_access_ends_as_in_the_naive_TLB(LruKernel kernel)
    {
        var action = Gen.Frequency(
            (60, Gen.Const(Action.Small)), (30, Gen.Const(Action.Huge)),
            (2, Gen.Const(Action.FlushRange)), (1, Gen.Const(Action.FlushAll)));
        var page = Gen.OneOf(Gen.Long[0, 40], Gen.Long[0, 4000], Gen.Long[511_000, 560_000]);
        var steps = Gen.Select(action, page).Array[0, 400];
        Gen.Select(Gen.Int[0, Geometries.Length - 1], steps).Sample((index, sequence) =>
        {
            var exact = new ExactTlb(Geometries[index], kernel);
            var naive = new NaiveTlb(Geometries[index]);
            return sequence.All(step => Same(exact, naive, step.Item1, step.Item2));
        });
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_batch_does_what_its_single_accesses_do(LruKernel kernel)
    {
        var region = Gen.Select(
            Gen.Long[0, 100_000], Gen.Long[1, 40_000], Gen.ULong, Gen.ULong, Gen.Int[0, 3000], Gen.ULong);
        Gen.Select(Gen.Int[0, Geometries.Length - 1], region).Sample((index, r) =>
        {
            var (firstPage, pages, lowRanges, highRanges, accesses, seed) = r;
            ulong[] hugeRanges = [lowRanges, highRanges];
            var exact = new ExactTlb(Geometries[index], kernel);
            var random = new RandomStream(seed, "batch");
            var counts = exact.AccessUniformly(firstPage, pages, hugeRanges, accesses, random);
            var again = new RandomStream(seed, "batch");
            var naive = new NaiveTlb(Geometries[index]);
            var outcomes = new int[3];
            for (var access = 0; access < accesses; access++)
            {
                var page = firstPage + (long)(((UInt128)again.NextUInt64() * (ulong)pages) >> 64);
                var range = (int)(page / 512 - firstPage / 512);
                outcomes[(int)naive.Access(page, (hugeRanges[range / 64] >> (range % 64) & 1) != 0)]++;
            }

            return counts == new TlbCounts(accesses, outcomes[1] + outcomes[2], outcomes[2])
                && exact.Totals == counts
                && random.NextUInt64() == again.NextUInt64();
        });
    }

    [Fact] // true LRU: cycling through one page more than the ways of a set never hits it
    public void One_page_too_many_in_a_set_always_walks()
    {
        var tlb = new ExactTlb(TlbGeometry.Second1536);
        for (var access = 0; access < 130; access++)
        {
            Assert.Equal(TlbOutcome.Walk, tlb.Access(access % 13 * 128L, huge: false));
        }

        tlb.FlushAll();
        var outcomes = Enumerable.Range(0, 120).Select(access => tlb.Access(access % 12 * 128L, huge: false)).ToList();
        Assert.All(outcomes.Take(12), outcome => Assert.Equal(TlbOutcome.Walk, outcome));
        Assert.All(outcomes.Skip(12), outcome => Assert.Equal(TlbOutcome.SecondLevelHit, outcome));
    }

    [Fact] // a collapse replaces 512 small translations by one huge one
    public void Flushing_a_range_forgets_that_range_only()
    {
        var tlb = new ExactTlb(TlbGeometry.Second1536);
        tlb.Access(512, huge: false);
        tlb.Access(1023, huge: false);
        tlb.Access(1024, huge: false);
        tlb.Access(513, huge: true);
        tlb.FlushRange(700);
        Assert.Equal(TlbOutcome.Walk, tlb.Access(512, huge: false));
        Assert.Equal(TlbOutcome.Walk, tlb.Access(1023, huge: false));
        Assert.Equal(TlbOutcome.Walk, tlb.Access(513, huge: true));
        Assert.Equal(TlbOutcome.FirstLevelHit, tlb.Access(1024, huge: false));
    }

    [Fact] // the last pages of a 47-bit address space, apart from the kernel's guard
    public void Pages_at_the_top_of_user_space_do_not_alias()
    {
        var tlb = new ExactTlb(TlbGeometry.Second1536);
        var top = (1L << 35) - 17;
        Assert.Equal(TlbOutcome.Walk, tlb.Access(top, huge: false));
        Assert.Equal(TlbOutcome.Walk, tlb.Access(top & 0xffff_ffff >> 1, huge: false));
        Assert.Equal(TlbOutcome.FirstLevelHit, tlb.Access(top, huge: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => tlb.Access(top + 1, huge: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => tlb.Access(-1, huge: false));
    }

    [Fact]
    public void Accesses_and_flushes_do_not_allocate()
    {
        var tlb = new ExactTlb(TlbGeometry.Second1536);
        var random = new RandomStream(1, "allocation");
        ulong[] hugeRanges = [0xffff];
        Exercise();

        // Of a few times the least: now and then the runtime itself allocates something on the thread that happens to run.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Exercise();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }));

        void Exercise()
        {
            tlb.AccessUniformly(0, 32_768, hugeRanges, 1000, random);
            tlb.Access(5, huge: true);
            tlb.FlushRange(5);
            tlb.FlushAll();
        }
    }

    [Fact]
    public void A_batch_needs_a_bit_for_every_range()
    {
        var tlb = new ExactTlb(TlbGeometry.Second1536);
        var random = new RandomStream(1, "bits");
        tlb.AccessUniformly(0, 64 * 512, [0], 10, random);
        Assert.Throws<ArgumentException>(() => tlb.AccessUniformly(1, 64 * 512, [0], 10, random));
    }

    [Fact]
    public void Shapes_that_no_index_can_address_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ExactTlb(Tiny with { Second = new TlbLevel(3, 4) }));
        Assert.Throws<ArgumentException>(() => new ExactTlb(Tiny with { FirstHuge = new TlbLevel(1, 65) }));
        Assert.Equal(1536, TlbGeometry.Second1536.Second.Entries);
        Assert.Equal(2048, TlbGeometry.Second2048.Second.Entries);
    }

    private static bool Same(ExactTlb exact, NaiveTlb naive, Action action, long page)
    {
        switch (action)
        {
            case Action.FlushRange:
                exact.FlushRange(page);
                naive.FlushRange(page);
                return true;
            case Action.FlushAll:
                exact.FlushAll();
                naive.FlushAll();
                return true;
            default:
                return exact.Access(page, action == Action.Huge) == naive.Access(page, action == Action.Huge);
        }
    }
}
