using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Actors.Tests.Thread;

/// <summary>The loop of passes and sleeps (khugepaged.md 2.2) and the mm list (2.3).</summary>
public class ThreadLoopTests : KernelStage
{
    private static readonly long First = Process.Range(0);

    [Fact] // KH-7: the first registration starts a pass at once, later ones wait for the sleep and go to the tail
    public void Registration_order_is_the_order_of_visits()
    {
        Boot(Kernels.Old);
        Process[] tasks = [Start("a"), Start("b"), Start("c")];
        Array.ForEach(tasks, static task => task.MapFilled(1));
        AdvanceBy(TimeSpan.FromSeconds(1));
        TimeSpan advised = Now;
        AdviseHuge(tasks[1], First);
        Assert.Equal(advised, Events.Last(KernelEventKind.PassBegin).Time);
        FinishPass();
        tasks[2].Advise(Advice.HugePage, First);
        tasks[0].Advise(Advice.HugePage, First);
        AdvanceBy(TimeSpan.FromSeconds(9));
        Assert.Single(Events.Of(KernelEventKind.PassBegin));
        AdvanceBy(TimeSpan.FromSeconds(2));
        Assert.Equal([2, 2, 2, 3, 3, 1, 1], Events.Of(KernelEventKind.Visit).Select(static visit => visit.Mm));
    }

    [Fact] // KH-7, KH-10: the list became empty; the next registration wakes khugepaged at once
    public void Registration_on_an_emptied_list_wakes_at_once()
    {
        Boot(Kernels.Old);
        Process task = Start();
        Process next = Start("next");
        task.MapFilled(1);
        next.MapFilled(1);
        AdviseHuge(task, First);
        FinishPass();
        task.Call(new ExitMm(0));
        AdvanceBy(TimeSpan.FromSeconds(1));
        TimeSpan advised = Now;
        AdviseHuge(next, First);
        Assert.Equal(advised, Events.Last(KernelEventKind.PassBegin).Time);
    }

    [Fact] // KH-8: MADV_HUGEPAGE on an area without anon_vma does not register; KH-20
    public void Advice_on_untouched_memory_does_not_register()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.Map(1);
        task.Advise(Advice.HugePage, First);
        Assert.False(task.Mm.IsRegistered);
        task.Read(First, 0, 1);
        Assert.True(task.Mm.IsRegistered);
        Assert.Single(Events.Of(KernelEventKind.Register));
    }

    [Fact] // KH-8: advice on a region without a whole 2 MiB range does not register
    public void Advice_on_a_small_area_does_not_register()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.Call(task.MapAt(First + 4096, 2 * 2_097_152 - 8192));
        task.Write(First, 1, 512);
        task.Call(new AdviseArea(First + 4096, First + 2_097_152, Advice.HugePage, 0));
        Assert.False(task.Mm.IsRegistered);
    }

    [Theory] // KH-8, UT-18: a child registers at fork exactly when its parent is registered
    [InlineData(true)]
    [InlineData(false)]
    public void A_child_registers_with_its_parent(bool parentRegistered)
    {
        Boot(Kernels.Old);
        Process parent = Start("parent");
        parent.MapFilled(1);
        if (parentRegistered)
        {
            AdviseHuge(parent, First);
        }

        Process child = Fork(parent);
        Assert.Equal(parentRegistered, child.Mm.IsRegistered);
        Assert.Equal(parentRegistered ? 2 : 0, Events.Of(KernelEventKind.Register).Count);
    }

    [Fact] // KH-9: nothing left to collapse, and still visited
    public void A_finished_mm_stays_registered()
    {
        Boot(Kernels.New);
        Process task = Start();
        task.MapFilled(1);
        AdviseHuge(task, First);
        FinishPass();
        Events.Clear();
        RunPasses(3);
        Assert.Equal([2, 2, 2], Events.VisitCosts());
        Assert.Empty(Events.Of(KernelEventKind.SlotFreed));
        Assert.Equal(4, Counters.FullScans);
    }

    [Fact] // KH-6a: 10 s at HZ 250 is 2500 jiffies, granularity 64: every wake on a grid of 256 ms, period 10240 ms
    public void Ten_seconds_of_sleep_make_a_period_of_10240_ms()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(1);
        AdvanceTo(TimeSpan.FromMilliseconds(100));
        AdviseHuge(task, First);
        AdvanceBy(TimeSpan.FromSeconds(45));
        double[] begins = [.. Events.Of(KernelEventKind.PassBegin).Select(static pass => pass.Time.TotalMilliseconds)];
        Assert.Equal([100, 10_240, 20_480, 30_720, 40_960], begins);
    }

    [Theory] // KH-6a table: short sleeps
    [InlineData(10, 16)]
    [InlineData(500, 512)]
    [InlineData(1000, 1024)]
    public void Other_sleeps_lock_to_their_grid(int sleepMs, int periodMs)
    {
        Boot(Kernels.New, new ThpSettings { ScanSleepMillisecs = (uint)sleepMs });
        Process task = Start();
        task.MapFilled(1);
        AdviseHuge(task, First);
        AdvanceBy(TimeSpan.FromMilliseconds(periodMs * 8));
        TimeSpan[] begins = [.. Events.Of(KernelEventKind.PassBegin).Skip(2).Select(static pass => pass.Time)];
        Assert.True(begins.Length >= 5);
        for (int index = 1; index < begins.Length; index++)
        {
            Assert.Equal(TimeSpan.FromMilliseconds(periodMs), begins[index] - begins[index - 1]);
        }
    }

    [Fact] // KH-5, ST-47: a pass that starts in mid-list finishes it, and makes one more complete traversal
    public void A_pass_from_mid_list_makes_one_more_traversal()
    {
        Boot(Kernels.New, new ThpSettings { PagesToScan = 1024 });
        Process task = Start();
        task.MapFilled(8);
        MakeOld(task, 8);
        AdviseHuge(task, First, 8);
        FinishPass();
        Assert.Equal([1025L], Events.VisitCosts());
        MakeLazyfree(task);
        Events.Clear();
        RunPasses(1);
        Assert.Equal([7L, 9L], Events.VisitCosts());
        Assert.Equal([2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7], Ranges());
        Assert.Equal(2, Counters.FullScans);
        Events.Clear();
        RunPasses(1);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], Ranges());
        Assert.Equal(1024, Events.Last(KernelEventKind.PassEnd).Amount);
    }

    [Fact] // KH-4.3: a pass that ran out of list ends with p = B
    public void A_pass_from_the_head_makes_exactly_one_traversal()
    {
        Boot(Kernels.New);
        Process task = Start();
        task.MapFilled(2);
        MakeOld(task, 2);
        AdviseHuge(task, First, 2);
        FinishPass();
        Assert.Equal([1025L], Events.VisitCosts());
        Assert.Equal((4096L, 1L), (Events.Last(KernelEventKind.PassEnd).Amount, Counters.FullScans));
    }

    [Fact] // KH-4a, ST-42, ST-48: four successes, then no order-9 page; one alloc sleep; the next range; the pass ends
    public void Two_allocation_failures_end_the_pass_after_one_alloc_sleep()
    {
        Boot(Kernels.Old, new ThpSettings { AllocSleepMillisecs = 2000, KhugepagedDefrag = false });
        Process task = Start(vmasBelow: 7, vmasAbove: 3);
        FillScattered(task, 16);
        AdviseHuge(task, First, 16);
        AdvanceInPass(RoundMachine.MiddleOfW1);
        LeaveHugePages(3);
        AdvanceBy(TimeSpan.FromSeconds(3));
        Assert.Equal([520, 513, 513, 513, 513, 513], Events.VisitCosts());
        ScanResult[] results = [.. Events.Of(KernelEventKind.ScanPmd).Select(static line => line.Status)];
        Assert.Equal([.. Enumerable.Repeat(ScanResult.Succeed, 4), ScanResult.AllocHugePageFail, ScanResult.AllocHugePageFail], results);
        Assert.Equal([0, 1, 2, 3, 4, 5], Ranges());
        Assert.Equal((4L, 2L), (Stat(VmCounter.ThpCollapseAlloc), Stat(VmCounter.ThpCollapseAllocFailed)));
        KernelEvent end = Assert.Single(Events.Of(KernelEventKind.PassEnd));
        Assert.Equal(520 + (5 * 513), end.Amount);
        TimeSpan pause = Events.Of(KernelEventKind.ScanPmd)[5].Time - Events.Of(KernelEventKind.ScanPmd)[4].Time;
        Assert.InRange(pause - RoundMachine.VisitAndScan, TimeSpan.FromMilliseconds(2000), TimeSpan.FromMilliseconds(2032));
        Assert.DoesNotContain(Events.CollapseLines, static line =>
            line.Kind == KernelEventKind.CollapseIsolate && line.Status != ScanResult.Succeed);
    }

    [Fact] // KH-4a: a failure that spends the budget ends the pass without an alloc sleep
    public void A_failure_at_the_end_of_the_budget_does_not_sleep()
    {
        Boot(Kernels.Old, new ThpSettings { PagesToScan = 512, KhugepagedDefrag = false });
        Process task = Start();
        task.MapFilled(2);
        LeaveHugePages(0);
        AdviseHuge(task, First, 2);
        AdvanceInPass(RoundMachine.Drain + RoundMachine.VisitAndScan);
        Assert.Equal(513, Assert.Single(Events.Of(KernelEventKind.PassEnd)).Amount);
        Assert.Equal(ScanResult.AllocHugePageFail, Events.Last(KernelEventKind.ScanPmd).Status);
    }

    [Fact] // KH-4.5, KH-1: writing a sleep ends the alloc sleep too
    public void A_written_sleep_ends_the_alloc_sleep()
    {
        Boot(Kernels.Old, new ThpSettings { KhugepagedDefrag = false });
        Process task = Start();
        FillScattered(task, 4);
        LeaveHugePages(0);
        AdviseHuge(task, First, 4);
        AdvanceBy(TimeSpan.FromSeconds(1));
        Assert.Single(Events.Of(KernelEventKind.ScanPmd));
        WriteKnob("khugepaged/alloc_sleep_millisecs", "60000");
        AdvanceBy(RoundMachine.VisitAndScan);
        Assert.Equal([0, 1], Ranges());
        Assert.Single(Events.Of(KernelEventKind.PassEnd));
    }

    [Fact] // KH-4.5, KH-7: so does a registration on a list that became empty
    public void A_registration_on_an_empty_list_ends_the_alloc_sleep()
    {
        Boot(Kernels.Old, new ThpSettings { KhugepagedDefrag = false });
        Process task = Start();
        Process next = Start("next");
        FillScattered(task, 1);
        next.MapFilled(1);
        LeaveHugePages(0);
        AdviseHuge(task, First);
        AdvanceInPass(RoundMachine.Drain + RoundMachine.Scan);
        Watch(task.Space);
        task.Call(new ExitMm(0));
        AdvanceBy(TimeSpan.FromSeconds(1));
        ExpectTerminated(task.Space);
        Assert.Equal(ScanResult.AllocHugePageFail, Assert.Single(Events.Of(KernelEventKind.ScanPmd)).Status);
        Assert.Empty(Events.Of(KernelEventKind.PassEnd));
        TimeSpan advised = Now;
        next.Advise(Advice.HugePage, First);
        Assert.Equal(advised, Assert.Single(Events.Of(KernelEventKind.PassEnd)).Time);
    }

    [Fact] // KH-1: writing scan_sleep wakes at once, also with a larger value; pages_to_scan does not
    public void Only_the_sleeps_wake_khugepaged()
    {
        Boot(Kernels.New);
        Process task = Start();
        task.MapFilled(1);
        AdviseHuge(task, First);
        AdvanceBy(TimeSpan.FromSeconds(1));
        WriteKnob("khugepaged/pages_to_scan", "8192");
        WriteKnob("khugepaged/max_ptes_none", "0");
        WriteKnob("khugepaged/defrag", "0");
        AdvanceBy(TimeSpan.FromSeconds(1));
        Assert.Single(Events.Of(KernelEventKind.PassBegin));
        WriteKnob("khugepaged/scan_sleep_millisecs", "20000");
        Assert.Equal((Now, 8192L), (Events.Last(KernelEventKind.PassBegin).Time, Events.Last(KernelEventKind.PassBegin).Amount));
        AdvanceBy(TimeSpan.FromSeconds(19));
        Assert.Equal(2, Events.Of(KernelEventKind.PassBegin).Count);
        AdvanceBy(TimeSpan.FromSeconds(4));
        Assert.Equal(3, Events.Of(KernelEventKind.PassBegin).Count);
    }

    [Fact] // KH-1: pages_to_scan is sampled once per pass
    public void A_running_pass_keeps_its_budget()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(12);
        AdviseHuge(task, First, 12);
        AdvanceInPass(RoundMachine.MiddleOfW1);
        WriteKnob("khugepaged/pages_to_scan", "512");
        FinishPass();
        Assert.Equal(8, task.Mm.HugeRanges);
        RunPasses(1);
        Assert.Equal(9, task.Mm.HugeRanges);
    }

    /// <summary>Fills ranges with every second page of memory, so that freeing them gives no order-9 page without compaction (UT-42).</summary>
    private void FillScattered(Process task, int ranges)
    {
        Process neighbour = Start("neighbour");
        task.Map(ranges);
        neighbour.Map(ranges);
        for (int page = 0; page < ranges * 512; page++)
        {
            long range = Process.Range(page / 512);
            task.Write(range, page % 512, (page % 512) + 1);
            neighbour.Write(range, page % 512, (page % 512) + 1);
        }
    }

    /// <summary>Leaves exactly so many order-9 blocks free (KH-4a), none of them on a CPU's list, and enough single pages that no
    /// watermark matters. An even number serves one request less: the second block of the last pair stays on the CPU's list.</summary>
    private void LeaveHugePages(int count)
    {
        List<int> taken = TakeHugePages();
        foreach (int head in taken.Take(32))
        {
            Node.Return([.. Enumerable.Range(0, 256).Select(index => head + (2 * index))]);
        }

        taken = TakeHugePages();
        taken.ForEach(head => Assert.Equal(0, head & 511));
        foreach (int head in taken.TakeLast(count))
        {
            Node.ReturnHuge(head);
        }

        Node.DrainFreePages();
    }

    private List<int> TakeHugePages()
    {
        List<int> taken = [];
        int before;
        do
        {
            before = taken.Count;
            Node.DrainFreePages();
            while (Node.TryAllocateHuge(out int head))
            {
                taken.Add(head);
            }
        }
        while (taken.Count > before);
        return taken;
    }

    private static void MakeOld(Process process, int ranges)
    {
        for (int index = 0; index < ranges; index++)
        {
            process.Table(Process.Range(index)).Young = Bits512.None;
        }
    }

    private void MakeLazyfree(Process process)
    {
        process.Advise(Advice.Free, First, 8);
        DrainBatches();
    }

    private int[] Ranges() => [.. Events.Of(KernelEventKind.ScanPmd).Select(static line => (int)((line.Address - First) >> 21))];
}
