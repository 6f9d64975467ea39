using MmActors.Actors.Protocol;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Conformance.Tests.SelfTest;

/// <summary>What reclaim and the deferred split shrinker still get of collapsed and of lazyfree ranges (ST-35…38, ST-45), in
/// a group without swap.</summary>
public class ReclaimCaseTests
{
    private const string Group = "g";

    [Fact]
    public void ST_35_a_collapsed_lazyfree_range_is_not_given_back()
    {
        SelfTestScript script = Collapsed(new SelfTestScript().Map().Fill(0, 512));
        SelfTestRun run = Run(Reclaim(script, 512).Count());
        Assert.Equal((512L, 512L, 512L), (run.At("collapsed").RssPages, run.At("reclaimed").RssPages, run.Counted));
        Assert.Equal(Errno.Again, run.World.Report.CgroupWrites[0].Errno);
        KernelEvent look = Assert.Single(run.Events, static line => line.Kind == KernelEventKind.DeferredSplit);
        Assert.Equal((0, 0, false), (look.Referenced, look.NoneOrZero, look.Flag));
        Assert.Equal((0, 0L), (run.World.Report.SplitQueue.Length, run.Stat(VmCounter.ThpUnderusedSplitPage, "reclaimed")));
    }

    [Fact]
    public void ST_36_pages_that_were_zero_before_MADV_FREE_are_given_back_by_a_split()
    {
        SelfTestScript script = Collapsed(new SelfTestScript().Map().Fill(0, 256).Write(256, 512, value: 0));
        SelfTestRun run = Run(Reclaim(script.Set("khugepaged/max_ptes_none", 200), 512).Sleep(40).Snap("later").Count());
        Assert.Equal((1, 512L), (run.At("collapsed").HugeRanges, run.At("collapsed").RssPages));
        Assert.Equal((0, 256L), (run.At("reclaimed").HugeRanges, run.At("reclaimed").RssPages));
        Assert.Equal(1, run.Stat(VmCounter.ThpUnderusedSplitPage, "reclaimed"));
        Assert.Equal(256, run.Counted);
        Assert.Equal(ScanResult.ExceedNonePte, run.Lines("reclaimed", "later")[^1].Status);
    }

    [Fact]
    public void ST_37_an_untouched_lazyfree_range_is_freed_whole()
    {
        SelfTestRun run = Run(Reclaim(new SelfTestScript().Map().Fill(0, 512).Advise(Advice.Free).Snap("collapsed"), 512));
        Assert.Equal((512L, 0L), (run.At("collapsed").RssPages, run.At("reclaimed").RssPages));
        Assert.Equal(512, run.Stat(VmCounter.PgLazyfreed, "reclaimed"));
        Assert.Equal(Errno.None, run.World.Report.CgroupWrites[0].Errno);
    }

    [Fact]
    public void ST_38_a_rewritten_page_stays_and_is_active_anon_memory_again()
    {
        SelfTestScript script = new SelfTestScript().Map().Fill(0, 512).Advise(Advice.Free).Write(7, 8).Snap("collapsed");
        SelfTestRun run = Run(Reclaim(script, 512).Count());
        Assert.Equal((511L, 1L, 1L), (run.Stat(VmCounter.PgLazyfreed, "reclaimed"), run.At("reclaimed").RssPages, run.Counted));
        FolioTable folios = run.World.Context.Folios;
        Assert.True(run.Table().Present.Has(7));
        Assert.True(folios.Has(run.Table().Pfns[7], FolioFlags.SwapBacked | FolioFlags.Active | FolioFlags.Lru));
    }

    /// <summary>300 pages none and 212 in use: exactly what khugepaged may collapse is not underused.</summary>
    [Theory]
    [InlineData(212, false)]
    [InlineData(211, true)]
    public void ST_45_the_limit_itself_is_not_underused(int nonzero, bool isSplit)
    {
        SelfTestScript script = new SelfTestScript().Set("khugepaged/max_ptes_none", 300).Map().Fill(0, nonzero);
        script = nonzero == 212 ? script : script.Write(nonzero, 212, value: 0);
        script.Advise(Advice.HugePage).Sleep(5).Snap("collapsed").Then(new VmWriteStep(VmFile.DropCaches, 2)).Snap("dropped").Count();
        SelfTestRun run = Run(script);
        Assert.Equal((ScanResult.Succeed, 300), (run.Lines()[0].Status, run.Lines()[0].NoneOrZero));
        Assert.Equal((1, isSplit ? 0 : 1), (run.At("collapsed").HugeRanges, run.At("dropped").HugeRanges));
        Assert.Equal(isSplit ? nonzero : 512, run.At("dropped").RssPages);
        Assert.Equal((isSplit ? 1 : 0, nonzero), ((int)run.Stat(VmCounter.ThpUnderusedSplitPage, "dropped"), (int)run.Counted));
        Assert.Equal(0, run.World.Report.SplitQueue.Length);
    }

    /// <summary>ST-31: freed, one page read, collapsed.</summary>
    private static SelfTestScript Collapsed(SelfTestScript script) =>
        script.Advise(Advice.Free).Read(100, 101).Advise(Advice.HugePage).Sleep(5).Snap("collapsed");

    private static SelfTestScript Reclaim(SelfTestScript script, int pages) =>
        script.Then(new CgroupWriteStep(Group, MemcgFile.Reclaim, pages, null)).Snap("reclaimed");

    private static SelfTestRun Run(SelfTestScript script) =>
        (SelfTestMachine.With("v6.12") with { HasSwap = false, Group = Group }).Run(script);
}
