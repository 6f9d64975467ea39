using CsCheck;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Khugepaged;
using MmActors.Model.Memory;

namespace MmActors.Model.Tests.Khugepaged;

/// <summary>The vector path against the ordered tests of KH 2.7, over random page tables and folio states.</summary>
public class RangeScannerTests
{
    private const int Cases = 12_000;

    /// <summary>How often a property is set, as "one in"; 0 is never and 1 always.</summary>
    private static readonly Gen<int> Rare = Gen.OneOf(0, 0, 0, 0, 0, 2, 50, 500);

    private static readonly Gen<int> Common = Gen.OneOf(0, 1, 1, 2, 20, 300);

    private static readonly Gen<int> Limit = Gen.OneOf(Gen.OneOf(0, 511, 512, 512), Gen.Int[0, 512]);

    private static readonly Gen<Shape> Shapes =
        from seed in Gen.Int
        from scattered in Gen.Bool
        from holes in Gen.Select(Rare, Rare, Rare)
        from bits in Gen.Select(Common, Common, Common, Rare)
        from flags in Gen.Select(Common, Common, Common)
        from odd in Gen.Select(Rare, Rare, Rare, Rare, Rare)
        select new Shape(seed, scattered, holes, bits, flags, odd);

    private static readonly Gen<ScanLimits> Limits =
        from none in Limit
        from swap in Limit
        from shared in Limit
        from flags in Gen.Int[0, 15]
        select new ScanLimits
        {
            MaxNone = none,
            MaxSwap = swap,
            MaxShared = shared,
            IsKhugepaged = (flags & 1) == 0,
            SkipLazyfree = (flags & 2) == 0,
            RequireWritable = (flags & 4) == 0,
            ExactShared = (flags & 8) == 0,
        };

    [Fact] // KH 2.7
    public void The_vector_path_agrees_with_the_ordered_tests_on_every_field() =>
        Gen.Select(Shapes, Limits).Sample((shape, limits) =>
        {
            (FolioTable folios, PteTable table) = shape.Build();
            Assert.Equal(RangeScanner.ScanStepByStep(folios, table, limits), RangeScanner.Scan(folios, table, limits));
        }, iter: Cases);

    [Fact] // KH 2.7, an oracle of its own for the counts of a range that is walked to the end
    public void A_complete_walk_counts_every_PTE() =>
        Shapes.Sample(shape =>
        {
            (FolioTable folios, PteTable table) = shape.Build();
            var limits = new ScanLimits
            {
                MaxNone = 512,
                MaxSwap = 512,
                MaxShared = 512,
                IsKhugepaged = true,
                SkipLazyfree = false,
                RequireWritable = false,
                ExactShared = false,
            };
            RangeScan scan = RangeScanner.Scan(folios, table, limits);
            if (scan.Result is ScanResult.Succeed or ScanResult.LackReferencedPage)
            {
                Assert.Equal(512, scan.VisitedPtes);
                Assert.Equal((table.Zero | table.NonePtes).Count(), scan.NoneOrZero);
                Assert.Equal(table.NonPresent.Count(), scan.Unmapped);
                Assert.Equal(table.Present.Count(), scan.PresentPtes);
                Assert.Equal(
                    Enumerable.Range(0, 512).Count(i => table.Present.Has(i) && (table.Young.Has(i)
                        || (folios.Flags(folios.Head(table.Pfns[i])) & (FolioFlags.Referenced | FolioFlags.Young)) != 0)),
                    scan.Referenced);
            }
        });

    /// <summary>A random page table and the folios it maps.</summary>
    private sealed record Shape(
        int Seed, bool Scattered, (int None, int Zero, int Swap) Holes,
        (int Young, int Dirty, int Writable, int Uffd) Bits, (int SwapBacked, int Referenced, int Idle) Flags,
        (int OffLru, int Locked, int Held, int Shared, int Large) Odd)
    {
        private const int Pages = 4096;
        private const int LargeHead = 3584;

        public (FolioTable Folios, PteTable Table) Build()
        {
            var random = new Random(Seed);
            var folios = new FolioTable(Pages);
            folios.InitLarge(LargeHead, FlagsOf(random));
            var table = new PteTable();
            int first = random.Next(0, 3000);
            int[] order = [.. Enumerable.Range(0, LargeHead)];
            random.Shuffle(order);
            for (int index = 0; index < 512; index++)
            {
                Fill(random, folios, table, index, Scattered ? order[index] : first + index);
            }

            return (folios, table);
        }

        private void Fill(Random random, FolioTable folios, PteTable table, int index, int pfn)
        {
            table.Pfns[index] = Hit(random, 2) ? 0 : pfn; // what a hole once mapped
            if (Hit(random, Bits.Uffd))
            {
                table.UffdWp.Set(index);
            }

            if (Hit(random, Holes.None))
            {
                return;
            }

            if (Hit(random, Holes.Zero))
            {
                table.Zero.Set(index);
                return;
            }

            if (Hit(random, Holes.Swap))
            {
                table.NonPresent.Set(index);
                return;
            }

            Map(random, folios, table, index, Hit(random, Odd.Large) ? LargeHead + index : pfn);
        }

        private void Map(Random random, FolioTable folios, PteTable table, int index, int pfn)
        {
            bool wp = table.UffdWp.Has(index);
            table.MapPage(index, pfn, Hit(random, Bits.Young), Hit(random, Bits.Dirty), Hit(random, Bits.Writable));
            if (wp)
            {
                table.UffdWp.Set(index);
            }

            if (folios.IsLarge(pfn))
            {
                folios.MapSubpage(pfn);
                return;
            }

            folios.InitSmall(pfn, FlagsOf(random), 1);
            folios.MapSmall(pfn);
            if (Hit(random, Odd.Shared))
            {
                folios.MapSmall(pfn);
            }

            if (Hit(random, Odd.Held))
            {
                folios.Get(pfn);
            }
        }

        private FolioFlags FlagsOf(Random random) =>
            (Hit(random, Odd.OffLru) ? 0 : FolioFlags.Lru) | (Hit(random, Odd.Locked) ? FolioFlags.Locked : 0)
            | (Hit(random, Flags.SwapBacked) ? FolioFlags.SwapBacked : 0)
            | (Hit(random, Flags.Referenced) ? FolioFlags.Referenced : 0) | (Hit(random, Flags.Idle) ? FolioFlags.Young : 0);

        private static bool Hit(Random random, int oneIn) => oneIn > 0 && random.Next(oneIn) == 0;
    }
}
