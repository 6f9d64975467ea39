using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Conformance.Tests.SelfTest;

/// <summary>MADV_FREE before the scan: what the kernels up to v7.0 collapse and v7.1 leaves alone (ST-30…34, ST-44,
/// ST-51…54).</summary>
public class LazyfreeCaseTests
{
    /// <summary>Longer than a pass over ten ranges, shorter than the sleep after it.</summary>
    private const int OnePass = 12;

    private static readonly int[] Strides = [1, 2, 4, 16, 64, 256];

    [Fact]
    public void ST_30_an_untouched_lazyfree_range_lacks_a_referenced_page()
    {
        SelfTestRun run = Machine("v6.12").Run(Scanned(Freed()));
        KernelEvent line = Assert.Single(FirstPass(run));
        Assert.Equal((ScanResult.LackReferencedPage, 512L, 0), (line.Status, line.Amount, line.Referenced));
        Assert.Equal((512L, 0), (run.At("scanned").LazyfreePages, run.At("scanned").HugeRanges));
    }

    [Fact]
    public void ST_31_one_read_page_is_enough_and_lazyfreeness_is_lost()
    {
        SelfTestRun run = Machine("v6.12").Run(Scanned(Freed().Read(100, 101)).Count());
        KernelEvent line = Assert.Single(FirstPass(run));
        Assert.Equal((ScanResult.Succeed, 1), (line.Status, line.Referenced));
        Assert.Equal((0L, 1, 512L), (run.At("scanned").LazyfreePages, run.At("scanned").HugeRanges, run.Counted));
        int head = run.HugeHead();
        const FolioFlags Inherited = FolioFlags.SwapBacked | FolioFlags.Active | FolioFlags.Referenced | FolioFlags.Dirty;
        Assert.Equal(FolioFlags.SwapBacked, run.World.Context.Folios.Flags(head) & Inherited);
        Assert.Equal([head], run.World.Report.SplitQueue.Heads);
        Assert.Equal(0, run.Stat(VmCounter.ThpDeferredSplitPage, "scanned"));
    }

    [Fact]
    public void ST_32_v7_1_leaves_it_alone_for_a_charge_of_one()
    {
        SelfTestRun run = Machine("v7.1").Run(Scanned(Freed().Read(100, 101)));
        KernelEvent line = Assert.Single(FirstPass(run));
        Assert.Equal((ScanResult.PageLazyfree, 1L), (line.Status, line.Amount));
        Assert.Equal((512L, 0), (run.At("scanned").LazyfreePages, run.At("scanned").HugeRanges));
    }

    [Fact]
    public void ST_33_v7_1_collapses_it_after_every_page_was_rewritten()
    {
        SelfTestScript script = Scanned(Freed().Read(100, 101)).Write(0, 512).Sleep(20).Snap("rewritten").Count();
        SelfTestRun run = Machine("v7.1").Run(script);
        Assert.Equal(ScanResult.Succeed, run.Lines("scanned", "rewritten")[0].Status);
        Assert.Equal((1, 512L), (run.At("rewritten").HugeRanges, run.Counted));
    }

    [Fact]
    public void ST_34_v7_1_stops_at_the_first_lazyfree_page()
    {
        SelfTestRun run = Machine("v7.1").Run(Scanned(new SelfTestScript().Map().Fill(0, 512).Advise(Advice.Free, 300, 301)));
        KernelEvent line = Assert.Single(FirstPass(run));
        Assert.Equal((ScanResult.PageLazyfree, 301L, 300), (line.Status, line.Amount, line.Referenced));
    }

    [Fact]
    public void ST_44_the_last_page_freed_waits_for_a_drain()
    {
        SelfTestScript script = new SelfTestScript().Map(64, populate: true).Advise(Advice.Free).Snap("freed");
        SelfTestRun run = Machine("v6.12").Run(script);
        Assert.Equal((131_068L, 32_767L), (run.At("freed").LazyfreePages * 4, run.Stat(VmCounter.PgLazyfree, "freed")));
    }

    [Theory]
    [InlineData(LazyfreeHandling.Collapse)]
    [InlineData(LazyfreeHandling.Skip)]
    public void ST_51_ten_freed_ranges_touched_in_ten_ways(LazyfreeHandling handling)
    {
        SelfTestScript script = Freed(10);
        for (int range = 0; range < Strides.Length; range++)
        {
            script.Write(range * 512, (range + 1) * 512, every: Strides[range]);
        }

        script.Write(6 * 512, (6 * 512) + 1).Read(7 * 512, 8 * 512).Read(8 * 512, (8 * 512) + 1);
        SelfTestRun run = Machine("v6.12", handling).Run(Scanned(script).Count());
        bool skips = handling == LazyfreeHandling.Skip;
        Assert.Equal(
            skips
                ? [(ScanResult.Succeed, 512), .. Enumerable.Repeat((ScanResult.PageLazyfree, 2L), 6), .. Enumerable.Repeat((ScanResult.PageLazyfree, 1L), 3)]
                : [.. Enumerable.Repeat((ScanResult.Succeed, 512L), 9), (ScanResult.LackReferencedPage, 512)],
            FirstPass(run).Select(static line => (line.Status, line.Extra)));
        int[] touched = [512, 256, 128, 32, 8, 2, 1, 512, 1, 0];
        Assert.Equal(skips ? [512, 1, 1, 1, 1, 1, 1, 0, 0, 0] : touched, FirstPass(run).Select(static line => line.Referenced));
        Assert.Equal((skips ? 1 : 9, 5120L), (run.At("scanned").HugeRanges, run.Counted));
    }

    [Theory]
    [InlineData(LazyfreeHandling.Collapse)]
    [InlineData(LazyfreeHandling.Skip)]
    public void ST_52_partly_freed_ranges_depend_on_the_first_freed_page(LazyfreeHandling handling)
    {
        (int First, int Count)[] freed =
        [
            (0, 1), (0, 64), (0, 256), (511, 1), (448, 64), (256, 256), (255, 1), (224, 64), (128, 256),
        ];
        SelfTestScript script = new SelfTestScript().Map(freed.Length).Fill(0, freed.Length * 512);
        for (int range = 0; range < freed.Length; range++)
        {
            int first = (range * 512) + freed[range].First;
            script.Advise(Advice.Free, first, first + freed[range].Count);
        }

        SelfTestRun run = Machine("v6.12", handling).Run(Scanned(script).Count());
        bool skips = handling == LazyfreeHandling.Skip;
        Assert.All(FirstPass(run), line => Assert.Equal(skips ? ScanResult.PageLazyfree : ScanResult.Succeed, line.Status));
        Assert.Equal(
            skips ? [1, 1, 1, 512, 449, 257, 256, 225, 129] : Enumerable.Repeat(512L, 9), FirstPass(run).Select(static line => line.Extra));
        Assert.Equal(
            freed.Select(window => skips ? window.First : 512 - window.Count), FirstPass(run).Select(static line => line.Referenced));
        Assert.Equal((963L, 9L * 512), (run.Stat(VmCounter.PgLazyfree, "scanned"), run.Counted));
    }

    [Theory]
    [InlineData(LazyfreeHandling.Collapse)]
    [InlineData(LazyfreeHandling.Skip)]
    [InlineData(LazyfreeHandling.SkipExceptDroppable)]
    public void ST_53_droppable_and_private_regions(LazyfreeHandling handling)
    {
        SelfTestRun run = Machine("v6.12", handling).Run(FiveWays(droppable: false), ("droppable", FiveWays(droppable: true)));
        (ScanResult, long, int)[] collapsed =
        [
            (ScanResult.Succeed, 512, 512), (ScanResult.LackReferencedPage, 512, 0), (ScanResult.Succeed, 512, 1),
            (ScanResult.Succeed, 512, 1), (ScanResult.Succeed, 512, 512),
        ];
        (ScanResult, long, int)[] skipped =
        [
            (ScanResult.Succeed, 512, 512), (ScanResult.PageLazyfree, 1, 0), (ScanResult.PageLazyfree, 1, 0),
            (ScanResult.PageLazyfree, 2, 1), (ScanResult.PageLazyfree, 1, 0),
        ];
        Assert.Equal(handling == LazyfreeHandling.Collapse ? collapsed : skipped, FirstLines(run, SelfTestMachine.Task));
        Assert.Equal(handling == LazyfreeHandling.Skip ? skipped : collapsed, FirstLines(run, "droppable"));
        Assert.Equal(4 * 512, run.Stat(VmCounter.PgLazyfree, "scanned"));
        Assert.False(run.World.Context.Folios.Has(run.HugeHead(task: 1), FolioFlags.SwapBacked));
        Assert.Equal(2 * 5 * 512, run.Counted);
    }

    [Fact]
    public void ST_54_huge_pages_freed_whole_stay_huge_and_freed_in_part_are_split()
    {
        SelfTestScript script = new SelfTestScript().Map(4).Fill(0, 2048).Advise(Advice.Collapse)
            .Advise(Advice.Free, 0, 512).Advise(Advice.Free, 512, 513).Advise(Advice.Free, 768, 1024).Advise(Advice.Free, 1024, 2048)
            .Write(1024 + 17, 1024 + 18).Read(1536 + 17, 1536 + 18).Snap("freed");
        SelfTestRun run = Machine("v6.12").Run(Scanned(script).Count());
        Assert.Equal((3, 512L + 257 + 512), (run.At("freed").HugeRanges, run.At("freed").LazyfreePages));
        Assert.Equal((1L, 1L), (run.Stat(VmCounter.ThpSplitPage, "freed"), run.Stat(VmCounter.ThpSplitPmd, "freed")));
        Assert.Equal((3 * 512) + 257, run.Stat(VmCounter.PgLazyfree, "freed"));
        Assert.Equal(
            [(ScanResult.PmdMapped, 0), (ScanResult.Succeed, 255), (ScanResult.PmdMapped, 0), (ScanResult.PmdMapped, 0)],
            run.Lines("freed", "scanned").Select(static line => (line.Status, line.Referenced)));
        Assert.Equal((2L * 512, 2048L), (run.At("scanned").LazyfreePages, run.Counted));
        Assert.All([0, 2, 3], range => Assert.False(run.World.Context.Folios.Has(run.HugeHead(range), FolioFlags.SwapBacked)));
    }

    private static SelfTestMachine Machine(string kernel, LazyfreeHandling? handling = null)
    {
        SelfTestMachine machine = SelfTestMachine.With(kernel);
        return machine with
        {
            Switches = machine.Switches with { Lazyfree = handling ?? machine.Switches.Lazyfree },
            Thp = machine.Thp with { PagesToScan = 16_384 },
        };
    }

    private static SelfTestScript Freed(int ranges = 1) =>
        new SelfTestScript().Map(ranges).Fill(0, ranges * 512).Advise(Advice.Free);

    /// <summary>The first pass begins with the advice, which registers the process (KH-7).</summary>
    private static SelfTestScript Scanned(SelfTestScript script) =>
        script.Snap("advised").Advise(Advice.HugePage).Sleep(OnePass).Snap("scanned");

    /// <summary>Dirty; freed; freed and one page read; freed and one written; freed and all read.</summary>
    private static SelfTestScript FiveWays(bool droppable)
    {
        SelfTestScript script = new SelfTestScript().Map(5, droppable: droppable).Fill(0, 5 * 512).Advise(Advice.Free, 512)
            .Read(1024, 1025).Write(1536, 1537).Read(2048, 2560).Advise(Advice.HugePage).Sleep(60);
        return droppable ? script.Count() : script.Snap("scanned").Count();
    }

    private static KernelEvent[] FirstPass(SelfTestRun run)
    {
        run.RequireFailuresInTheScan("advised", "scanned");
        return run.Lines("advised", "scanned");
    }

    private static IEnumerable<(ScanResult, long, int)> FirstLines(SelfTestRun run, string task) =>
        run.Lines(task).DistinctBy(static line => line.Address).Select(static line => (line.Status, line.Extra, line.Referenced));
}
