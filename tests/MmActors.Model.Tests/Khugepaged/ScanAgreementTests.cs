using MmActors.Model.AddressSpaces;
using MmActors.Model.Costs;
using MmActors.Model.Khugepaged;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.Tests.Khugepaged;

/// <summary>The scan by planes against the decision list it stands for, on random page tables.</summary>
public sealed class ScanAgreementTests
{
    private const int SmallPages = 4 * Geometry.PtesPerTable;
    private const int FirstLarge = SmallPages;
    private const int Pages = SmallPages + (2 * Geometry.PtesPerTable);

    [Theory] // khugepaged.md 2.7
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_scan_by_planes_agrees_with_the_scan_step_by_step(ulong seed)
    {
        var random = new RandomStream(seed, "scan");
        for (int round = 0; round < 3000; round++)
        {
            FolioTable folios = RandomFolios(random);
            PteTable table = RandomTable(random);
            ScanLimits limits = RandomLimits(random);
            Assert.Equal(RangeScanner.ScanStepByStep(folios, table, limits), RangeScanner.Scan(folios, table, limits));
        }
    }

    private static FolioTable RandomFolios(RandomStream random)
    {
        var folios = new FolioTable(Pages);
        int strange = random.NextBelow(2) == 0 ? 0 : random.NextBelow(40);
        FolioFlags usual = RandomFlags(random, strange: false);
        for (int pfn = 0; pfn < SmallPages; pfn++)
        {
            bool isStrange = random.NextBelow(1000) < strange;
            folios.InitSmall(pfn, isStrange ? RandomFlags(random, strange: true) : usual, ContentTag.Zero);
            folios.MapSmall(pfn);
            if (isStrange && random.NextBelow(3) == 0)
            {
                folios.MapSmall(pfn);
            }
            else if (isStrange && random.NextBelow(3) == 0)
            {
                folios.Get(pfn);
            }
        }

        for (int head = FirstLarge; head < Pages; head += Geometry.PtesPerTable)
        {
            folios.InitLarge(head, RandomFlags(random, strange: random.NextBelow(3) == 0));
            folios.MapPmd(head);
            folios.PmdMapToPtes(head);
            if (random.NextBelow(3) == 0)
            {
                folios.MapPmd(head);
            }
        }

        return folios;
    }

    private static FolioFlags RandomFlags(RandomStream random, bool strange)
    {
        FolioFlags flags = FolioFlags.Lru | (random.NextBelow(3) > 0 ? FolioFlags.SwapBacked : FolioFlags.None)
            | (random.NextBelow(2) > 0 ? FolioFlags.Referenced : FolioFlags.None)
            | (random.NextBelow(5) == 0 ? FolioFlags.Young : FolioFlags.None);
        flags ^= strange && random.NextBelow(2) == 0 ? FolioFlags.Lru : FolioFlags.None;
        return flags | (strange && random.NextBelow(2) == 0 ? FolioFlags.Locked : FolioFlags.None);
    }

    private static PteTable RandomTable(RandomStream random)
    {
        var table = new PteTable();
        int kind = random.NextBelow(5);
        int first = kind == 0 ? FirstLarge : random.NextBelow(SmallPages - Geometry.PtesPerTable);
        int holes = random.NextBelow(3) == 0 ? random.NextBelow(600) : 0;
        int swapped = random.NextBelow(3) == 0 ? random.NextBelow(200) : 0;
        int young = random.NextBelow(3) * 500;
        int dirty = random.NextBelow(3) * 500;
        bool writable = random.NextBelow(4) > 0;
        for (int index = 0; index < Geometry.PtesPerTable; index++)
        {
            int pfn = kind < 3 ? first + index : kind == 3 ? random.NextBelow(SmallPages) : random.NextBelow(Pages);
            table.MapPage(
                index, pfn, random.NextBelow(1000) < young, random.NextBelow(1000) < dirty, writable && random.NextBelow(9) == 0);
            if (random.NextBelow(1000) < holes)
            {
                table.ClearPte(index);
            }
            else if (random.NextBelow(1000) < swapped)
            {
                table.ClearPte(index);
                table.NonPresent.Set(index);
            }
        }

        if (random.NextBelow(20) == 0)
        {
            table.UffdWp.Set(random.NextBelow(Geometry.PtesPerTable));
        }

        return table;
    }

    private static ScanLimits RandomLimits(RandomStream random)
    {
        int[] limits = [0, 1, 64, 256, 300, 511, 512];
        return new ScanLimits
        {
            IsKhugepaged = random.NextBelow(4) > 0,
            MaxNone = limits[random.NextBelow(limits.Length)],
            MaxSwap = limits[random.NextBelow(limits.Length)],
            MaxShared = limits[random.NextBelow(limits.Length)],
            SkipLazyfree = random.NextBelow(3) == 0,
            RequireWritable = random.NextBelow(2) == 0,
            ExactShared = random.NextBelow(2) == 0,
        };
    }
}
