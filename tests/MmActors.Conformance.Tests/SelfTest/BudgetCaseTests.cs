using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Conformance.Tests.SelfTest;

/// <summary>What passes look at and what they charge, when memory runs out and when pages are swapped out (ST-41, ST-42,
/// ST-46…48, ST-50).</summary>
public class BudgetCaseTests
{
    private const int AllocSleep = 2000;

    [Fact]
    public void ST_41_64_huge_ranges_take_eight_passes_up_to_v7_0()
    {
        SelfTestRun run = SelfTestMachine.With("v6.12").Run(HugeByFault(64).Sleep(600));
        long[][] passes = run.Passes();
        int first = Array.FindIndex(passes, 5, static visits => visits is [4, 4104]);
        long[][] round = [[4, 4104], .. Enumerable.Repeat<long[]>([4097], 7)];
        Assert.Equal([.. round, .. round], passes.Skip(first).Take(16));
        Assert.All(run.Lines("huge", "(end)"), static line => Assert.Equal(ScanResult.PmdMapped, line.Status));
    }

    [Fact]
    public void ST_41_64_huge_ranges_take_one_pass_of_65_and_the_other_areas_in_v7_1()
    {
        SelfTestRun run = SelfTestMachine.With("v7.1").Run(HugeByFault(64).Sleep(200));
        Assert.All(run.Passes()[^8..], static visits => Assert.Equal([65 + 10], visits));
    }

    [Fact]
    public void ST_42_and_ST_48_the_second_failure_ends_the_pass_and_failed_ranges_wait_for_the_next_full_scan()
    {
        SelfTestRun run = RunOutOfHugePages(possible: 5);
        KernelEvent[] lines = run.Lines("(start)", "tried");
        Assert.Equal(
            [.. Enumerable.Repeat(ScanResult.Succeed, 5), ScanResult.AllocHugePageFail, ScanResult.AllocHugePageFail],
            lines.Take(7).Select(static line => line.Status));
        TimeSpan pause = lines[6].Time - lines[5].Time;
        Assert.InRange(pause, TimeSpan.FromMilliseconds(AllocSleep), TimeSpan.FromMilliseconds(AllocSleep + 32 + 1));
        Assert.Equal([520, 513, 513, 513, 513, 513, 513], run.Passes()[0]);
        int[] failed = [.. lines.Where(static line => line.Status == ScanResult.AllocHugePageFail).Select(RangeOf)];
        Assert.Equal([.. Enumerable.Range(5, 11), 5, 6, 7], failed.Take(14));
        KernelEvent[] passEnds = [.. run.Events.Where(static line => line.Kind == KernelEventKind.PassEnd)];
        Assert.Equal(failed.Length, run.Stat(VmCounter.ThpCollapseAllocFailed, "tried"));
        Assert.InRange((passEnds[0].Time - lines[6].Time).TotalMilliseconds, 0, 1);
    }

    /// <summary>Three processes of 64 ranges; nothing collapses in the second.</summary>
    [Fact]
    public void ST_46_visits_cost_what_the_recordings_show()
    {
        SelfTestMachine machine = SelfTestMachine.With("v6.12") with { Mebibytes = 1024 };
        SelfTestRun run = machine.Run(
            new SelfTestScript().Map(64, populate: true).Advise(Advice.HugePage).Sleep(600),
            ("cold", new SelfTestScript().Map(64, populate: true).Advise(Advice.Free).Advise(Advice.HugePage)),
            ("hot2", new SelfTestScript().Sleep(10).Map(64, populate: true).Advise(Advice.HugePage)));
        long[] collapsing = [.. Enumerable.Repeat(513L, 8)];
        Assert.Equal(
            [
                [520, .. collapsing[1..]], .. Enumerable.Repeat(collapsing, 7), [4, 4104], .. Enumerable.Repeat<long[]>([4097], 7),
                [4, 520, .. collapsing[1..]], .. Enumerable.Repeat(collapsing, 7),
            ],
            run.Passes().Take(24));
    }

    /// <summary>Pages made old by MADV_COLD stop the first pass after two ranges; MADV_FREE makes the rest cheap.</summary>
    [Fact]
    public void ST_47_a_pass_from_mid_list_finishes_it_and_makes_one_more_traversal()
    {
        SelfTestScript script = new SelfTestScript().Map(8).Fill(0, 8 * 512).Advise(Advice.Cold).Advise(Advice.HugePage)
            .Sleep(5).Snap("first").Advise(Advice.Free).Sleep(16).Snap("second");
        SelfTestMachine machine = SelfTestMachine.With("v7.1");
        SelfTestRun run = (machine with { Thp = machine.Thp with { PagesToScan = 1024 } }).Run(script);
        Assert.Equal([[1 + 7 + 1024], [1 + 6 + 3, 1 + 10 + 8]], run.Passes().Take(2));
        Assert.Equal([0, 1], run.Lines("(start)", "first").Select(RangeOf));
        Assert.Equal([2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7], run.Lines("first", "second").Select(RangeOf));
        Assert.All(run.Lines("first", "second"), static line => Assert.Equal((ScanResult.PageLazyfree, 1L), (line.Status, line.Amount)));
    }

    [Fact]
    public void ST_50_up_to_64_swapped_pages_are_swapped_in()
    {
        int[] swapped = [0, 1, 63, 64, 65, 128, 512];
        SelfTestScript script = new SelfTestScript().Map(swapped.Length).Fill(0, swapped.Length * 512);
        for (int range = 0; range < swapped.Length; range++)
        {
            script = swapped[range] == 0 ? script : script.Advise(Advice.PageOut, range * 512, (range * 512) + swapped[range]);
        }

        SelfTestMachine machine = SelfTestMachine.With("v6.12");
        SelfTestRun run = (machine with { Thp = machine.Thp with { PagesToScan = 8192 } })
            .Run(script.Snap("swapped").Advise(Advice.HugePage).Sleep(10).Snap("scanned").Count());
        Assert.Equal(swapped.Sum(), run.At("swapped").SwapPages);
        Assert.Equal(
            swapped.Select(static pages => pages <= 64
                ? (ScanResult.Succeed, 512 - pages, pages, 512L) : (ScanResult.ExceedSwapPte, 0, 65, 65L)),
            run.Lines("(start)", "scanned").Select(static line => (line.Status, line.Referenced, line.Unmapped, line.Extra)));
        Assert.Equal(
            [(511, 1L), (449, 63L), (448, 64L)],
            run.Events.Where(static line => line.Kind == KernelEventKind.CollapseSwapin).Select(static line => (line.Referenced, line.Amount)));
        Assert.Equal((65L + 128 + 512, 512L * 7), (run.At("scanned").SwapPages, run.Counted));
    }

    /// <summary>128 MiB: the ranges of one process lie page by page between those of the others, so that collapsing one frees
    /// no huge page; a second process leaves so many whole ones, and single pages enough for the watermarks. Without defrag, or compaction would
    /// make more.</summary>
    private static SelfTestRun RunOutOfHugePages(int possible)
    {
        const int Ranges = 16;
        const int All = 64;
        const int BrokenUp = 1; // for page tables and programs
        SelfTestScript script = new SelfTestScript().Map(Ranges);
        for (int page = 0; page < Geometry.PtesPerTable; page++)
        {
            script.Write(page, Ranges * Geometry.PtesPerTable, every: Geometry.PtesPerTable);
        }

        SelfTestScript filler = new SelfTestScript().Sleep(200).Map(All - Ranges - possible - BrokenUp, populate: true);
        for (int page = 0; page < 20 * Geometry.PtesPerTable; page += 2)
        {
            filler.Advise(Advice.DontNeed, page, page + 1);
        }

        SelfTestMachine machine = SelfTestMachine.With("v6.12") with { Mebibytes = All * 2, HasSwap = false };
        return (machine with { Thp = machine.Thp with { AllocSleepMillisecs = AllocSleep, KhugepagedDefrag = false } })
            .Run(script.Sleep(400).Advise(Advice.HugePage).Sleep(16 * AllocSleep).Snap("tried"), ("filler", filler));
    }

    private static SelfTestScript HugeByFault(int ranges) =>
        new SelfTestScript().Map(ranges).Advise(Advice.HugePage).Fill(0, ranges * 512).Snap("huge");

    private static int RangeOf(KernelEvent line) => (int)(line.Address >> Geometry.PmdShift) & (Geometry.PtesPerTable - 1);
}
