using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Actors.Tests.Thread;

/// <summary>What VISITs and passes cost the budget (KH-13…18), with the process image of the recordings.</summary>
public class VisitCostTests : KernelStage
{
    private static readonly long First = Process.Range(0);

    [Fact] // KH-17a, ST-46: three mms of 64 ranges, 7 + 3 other areas, OLD
    public void Visits_over_three_collapsible_processes_cost_what_the_recordings_show()
    {
        Boot(Kernels.Old, mebibytes: 1024);
        Process hot1 = StartRecorded("hot1", 64);
        Process cold = StartRecorded("cold", 64);
        Process hot2 = StartRecorded("hot2", 64);
        AdviseHuge(hot1, First, 64);
        cold.Advise(Advice.HugePage, First, 64);
        hot2.Advise(Advice.HugePage, First, 64);
        MakeOld(cold, 64);
        RunPasses(1);
        Assert.Equal([520, .. Enumerable.Repeat(513L, 7)], TakeCosts());
        for (int pass = 2; pass <= 8; pass++)
        {
            RunPasses(1);
            Assert.Equal(Enumerable.Repeat(513L, 8), TakeCosts());
        }

        Assert.Equal((64, 64L), (hot1.Mm.HugeRanges, Counters.PagesCollapsed));
        RunPasses(1);
        Assert.Equal([4, 4104], TakeCosts());
        for (int pass = 10; pass <= 16; pass++)
        {
            RunPasses(1);
            Assert.Equal([4097], TakeCosts());
        }

        RunPasses(1);
        Assert.Equal([4, 520, .. Enumerable.Repeat(513L, 7)], TakeCosts());
        Assert.Equal((0, 8, 0L), (cold.Mm.HugeRanges, hot2.Mm.HugeRanges, Counters.FullScans));
    }

    [Fact] // KH-53, KH-54: NEW steps over a lazyfree process in one VISIT of 1 + 10 + 64
    public void New_charges_a_lazyfree_process_its_first_pages_only()
    {
        Boot(Kernels.Lab, mebibytes: 1024);
        Process cold = StartRecorded("cold", 64);
        Process hot = StartRecorded("hot", 64);
        cold.Advise(Advice.Free, First, 64);
        DrainBatches();
        AdviseHuge(cold, First, 64);
        hot.Advise(Advice.HugePage, First, 64);
        RunPasses(1);
        Assert.Equal([75, 520, .. Enumerable.Repeat(513L, 7)], TakeCosts());
        Assert.All(Events.CollapseLines.Where(static line => line.Mm == 1), static line => Assert.Equal((ScanResult.PageLazyfree, 1L), (line.Status, line.Amount)));
        Assert.Equal(64 * 2048, cold.LazyfreeKilobytes);
    }

    [Theory] // KH-15, KH-17, ST-41: 64 huge ranges
    [InlineData(false)]
    [InlineData(true)]
    public void Huge_ranges_cost_512_or_1(bool isNew)
    {
        Boot(Kernels.Of(isNew), new ThpSettings { Enabled = ThpEnabled.Always });
        Process task = Start();
        task.Map(64);
        for (int range = 0; range < 64; range++)
        {
            WriteHuge(task, Process.Range(range), 0, 512);
        }

        Assert.Equal(64, task.Mm.HugeRanges);
        FinishPass();
        RunPasses(isNew ? 0 : 7);
        Assert.Equal(64, Events.CollapseLines.Count);
        Events.Clear();
        RunPasses(isNew ? 1 : 8);
        Assert.Equal(64, Events.CollapseLines.Count);
        Assert.All(Events.CollapseLines, static line => Assert.Equal(ScanResult.PmdMapped, line.Status));
        Assert.Equal(isNew ? [65L] : [1L, .. Enumerable.Repeat(4097L, 8)], TakeCosts());
    }

    [Theory] // KH-15, KH-23: ranges that were never touched
    [InlineData(false, ScanResult.PmdNone, 512L)]
    [InlineData(true, ScanResult.NoPteTable, 1L)]
    public void Unmapped_ranges_cost_512_or_1(bool isNew, ScanResult expected, long charge)
    {
        Boot(Kernels.Of(isNew));
        Process task = Start();
        task.Map(4);
        task.Write(First, 0, 512);
        task.Table(First).Young = Bits512.None;
        AdviseHuge(task, First, 4);
        FinishPass();
        Assert.Equal([1 + 512 + (3 * charge)], TakeCosts());
        Assert.All(Events.CollapseLines.Skip(1), line => Assert.Equal((expected, charge, 1L), (line.Status, line.Amount, line.Extra)));
    }

    [Theory] // KH-15, ST-34: a range that fails at PTE 300
    [InlineData(false, 512)]
    [InlineData(true, 301)]
    public void An_early_failure_costs_512_or_the_visited_ptes(bool visited, long charge)
    {
        Boot(Kernels.Lab with { Charging = visited ? ScanCharging.Visited : ScanCharging.WholeRange });
        Process task = Start();
        task.MapFilled(1);
        task.AdvisePages(Advice.Free, First, 300, 301);
        DrainBatches();
        AdviseHuge(task, First);
        FinishPass();
        KernelEvent line = Assert.Single(Events.CollapseLines);
        Assert.Equal((ScanResult.PageLazyfree, charge, 301L, 300), (line.Status, line.Amount, line.Extra, line.Referenced));
        Assert.Equal([1 + charge], TakeCosts());
    }

    [Fact] // KH-16, KH-17a: every small area costs 1 and the budget is not compared after them
    public void Skipped_areas_cost_1_each()
    {
        Boot(Kernels.New);
        Process task = Start(vmasBelow: 60, vmasAbove: 60);
        task.MapFilled(1);
        task.Table(First).Young = Bits512.None;
        Machine.Thp = Machine.Thp with { PagesToScan = 70 };
        AdviseHuge(task, First);
        FinishPass();
        Assert.Equal([1 + 60 + 512], TakeCosts());
        RunPasses(1);
        Assert.Equal(1 + 60, TakeCosts()[0]);
    }

    [Fact] // KH-13, KH-10: an mm that exited while the cursor rested on it
    public void An_exited_mm_costs_one_visit_of_1_and_frees_its_slot()
    {
        Boot(Kernels.Old, new ThpSettings { PagesToScan = 512 });
        Process task = Start();
        task.MapFilled(2);
        AdviseHuge(task, First, 2);
        FinishPass();
        Watch(task.Space);
        Assert.Equal(TimeSpan.Zero, task.Call(new ExitMm(0)).Stalled);
        Assert.Empty(Events.Of(KernelEventKind.SlotFreed));
        Events.Clear();
        RunPasses(1);
        KernelEvent visit = Assert.Single(Events.Of(KernelEventKind.Visit));
        Assert.Equal((1L, true, 1), (visit.Amount, visit.Writable, visit.Mm));
        Assert.Single(Events.Of(KernelEventKind.SlotFreed));
        Assert.Empty(Events.CollapseLines);
        Assert.Equal(1, Counters.FullScans);
        ExpectTerminated(task.Space);
    }

    [Theory] // KH-13, KH-18, VR-7: prctl in the window of a collapse; OLD needs one more VISIT to leave the mm
    [InlineData(false)]
    [InlineData(true)]
    public void A_disabled_mm_is_left_at_once_or_at_the_next_visit(bool isNew)
    {
        Boot(Kernels.Of(isNew));
        Process task = Start();
        Process other = Start("other");
        task.MapFilled(2);
        other.MapFilled(1);
        AdviseHuge(task, First, 2);
        other.Advise(Advice.HugePage, First);
        AdvanceInPass(RoundMachine.MiddleOfW1);
        task.Call(new DisableThp(true, 0));
        FinishPass();
        (int, long)[] expected = isNew ? [(1, 513), (2, 513), (2, 1)] : [(1, 513), (1, 1), (2, 513), (2, 1)];
        Assert.Equal(expected, Events.Of(KernelEventKind.Visit).Select(static visit => (visit.Mm, visit.Amount)));
        Assert.Equal((0, 1), (task.Mm.HugeRanges, other.Mm.HugeRanges));
        Assert.Empty(Events.Of(KernelEventKind.SlotFreed));
    }

    [Fact] // KH-13, KH-9: a disabled mm stays on the list; each traversal costs it 1
    public void A_disabled_mm_costs_1_per_traversal()
    {
        Boot(Kernels.Old);
        Process task = Start(vmasBelow: 7, vmasAbove: 3);
        task.MapFilled(1);
        AdviseHuge(task, First);
        FinishPass();
        task.Call(new DisableThp(true, 0));
        Events.Clear();
        RunPasses(3);
        Assert.Equal([1, 1, 1], TakeCosts());
        task.Call(new DisableThp(false, 0));
        RunPasses(1);
        Assert.Equal([1 + 10 + 512], TakeCosts());
    }

    [Fact] // KH-14.4: khugepaged meets an exit between two ranges and leaves without cost
    public void An_exit_between_two_ranges_ends_the_visit_without_cost()
    {
        Boot(Kernels.Old);
        Process task = Start(vmasBelow: 7, vmasAbove: 3);
        task.MapFilled(3);
        MakeOld(task, 3);
        AdviseHuge(task, First, 3);
        AdvanceInPass(RoundMachine.Drain + RoundMachine.VisitAndScan + (RoundMachine.Scan / 2));
        task.Post(new ExitMm(0));
        FinishPass();
        Assert.Equal([1 + 7 + 1024], TakeCosts());
        Assert.Equal(RoundMachine.Scan / 2, task.Answer().Stalled);
    }

    private static void MakeOld(Process process, int ranges)
    {
        for (int index = 0; index < ranges; index++)
        {
            process.Table(Process.Range(index)).Young = Bits512.None;
        }
    }

    private Process StartRecorded(string name, int ranges)
    {
        Process process = Start(name, vmasBelow: 7, vmasAbove: 3);
        process.MapFilled(ranges);
        return process;
    }

    private long[] TakeCosts()
    {
        long[] costs = Events.VisitCosts();
        Events.Clear();
        return costs;
    }
}
