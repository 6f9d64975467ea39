using Akka.TestKit;
using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;

namespace MmActors.Actors.Tests.Locking;

/// <summary>Who waits for whom at mmap_lock (khugepaged.md 2.4, 2.8; user-tasks.md 5.1), with measured waits.</summary>
public class MmapLockTests : KernelStage
{
    private static readonly long First = Process.Range(0);
    private static readonly long Second = Process.Range(1);

    [Fact] // UT-10, 2.8 C4…C9: 2 ms of write lock, of which half is left
    public void A_fault_in_the_range_under_collapse_waits_until_it_is_installed()
    {
        Process task = EnterCopy();
        task.Post(task.Store(First, 40, 41, 9));
        Assert.True(task.IsWaiting);
        AdvanceInPass(RoundMachine.Collapsed - TimeSpan.FromTicks(1));
        Assert.True(task.IsWaiting);
        AdvanceInPass(RoundMachine.Collapsed);
        MmDone done = task.Answer();
        Assert.Equal(TimeSpan.FromMilliseconds(1), done.Stalled);
        Assert.Equal(TimeSpan.Zero, done.Cost);
        KernelEvent stall = Assert.Single(Events.Of(KernelEventKind.Stall));
        Assert.Equal((1000L, 1), (stall.Amount, stall.Mm));
        Assert.Equal(PmdState.Huge, task.State(First));
        Assert.Equal(512, task.CountNonzero(First, 0, 512));
    }

    [Fact] // 2.8: the rest of the address space runs, by TLB or page table
    public void Accesses_to_mapped_pages_elsewhere_run_during_the_copy()
    {
        Process task = EnterCopy();
        MmDone written = task.Write(Second, 0, 100, 9);
        MmDone read = task.Read(Second, 0, 100);
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (written.Stalled, read.Stalled));
        Assert.Equal(PmdState.None, task.State(First));
        Assert.Empty(Events.Of(KernelEventKind.Stall));
    }

    [Fact] // 2.8: any fault in this mm waits, also in another range
    public void A_fault_elsewhere_in_the_mm_waits_during_the_copy()
    {
        Process task = EnterCopy();
        task.Post(task.Store(Second, 100, 101));
        Assert.True(task.IsWaiting);
        FinishPass();
        MmDone done = task.Answer();
        Assert.Equal(TimeSpan.FromMilliseconds(1), done.Stalled);
        Assert.Equal(TimeSpan.FromMicroseconds(1), done.Cost);
        Assert.Equal(101, task.Table(Second).Present.Count());
    }

    [Fact] // 2.8: another mm does not wait
    public void Another_process_does_not_wait()
    {
        Boot(Kernels.Old);
        Process task = Start();
        Process other = Start("other");
        task.MapFilled(1);
        other.Map(1);
        AdviseHuge(task, First);
        AdvanceInPass(RoundMachine.WriteLock + (RoundMachine.WriteLocked / 2));
        Assert.Equal(TimeSpan.Zero, other.Write(First, 0, 512).Stalled);
        Assert.Equal(512, other.Mm.RssPages);
    }

    [Theory] // race table: during C2–C3 readers run, writers wait; W2 comes when the read lock is dropped
    [InlineData(true)]
    [InlineData(false)]
    public void During_C3_readers_run_and_writers_wait(bool writes)
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.Map(2);
        task.Fill(First, 1);
        AdviseHuge(task, First);
        AdvanceInPass(RoundMachine.MiddleOfRecheck);
        task.Post(writes ? task.Advice(Advice.NoHugePage, Second, 0, 512) : task.Advice(Advice.DontNeed, Second, 0, 512));
        AdvanceBy(TimeSpan.FromMicroseconds(10));
        Assert.Equal(writes, task.IsWaiting);
        AdvanceInPass(RoundMachine.WriteLock);
        Assert.Equal(writes ? RoundMachine.Recheck / 2 : TimeSpan.Zero, task.Answer().Stalled);
    }

    [Fact] // race table, scan loop: mmap_lock is held for read while a range that fails is scanned
    public void A_writer_waits_for_the_scan_of_a_range_that_is_not_collapsed()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(1);
        task.Table(First).Young = Bits512.None;
        AdviseHuge(task, First);
        AdvanceInPass(RoundMachine.Drain + TimeSpan.FromMilliseconds(1));
        task.Post(new UnmapArea(First, Second, 0));
        Assert.True(task.IsWaiting);
        Assert.Equal(TimeSpan.Zero, task.Read(First, 0, 1).Stalled);
        AdvanceInPass(RoundMachine.Drain + RoundMachine.VisitAndScan + TimeSpan.FromMicroseconds(100));
        Assert.Equal(TimeSpan.FromMicroseconds(512), task.Answer().Stalled);
        Assert.Equal(ScanResult.LackReferencedPage, Events.Last(KernelEventKind.ScanPmd).Status);
    }

    [Fact] // rwsem: a waiting writer stops later readers; all are served in order of arrival
    public void A_waiting_writer_blocks_later_readers()
    {
        Boot(Kernels.Old, thread: false);
        Process task = Start();
        TestProbe khugepaged = CreateTestProbe("khugepaged");
        task.MapFilled(2);
        khugepaged.Send(task.Space, new RecheckRange(First, false, default));
        Assert.Equal(ScanResult.Succeed, khugepaged.ExpectMsg<CollapseChecked>().Result);
        Assert.Equal(TimeSpan.Zero, task.AdvisePages(Advice.DontNeed, First, 0, 1).Stalled);
        task.Post(new UnmapArea(Second, Process.Range(2), 0));
        task.Post(task.Store(First, 0, 1));
        Assert.True(task.IsWaiting);
        khugepaged.Send(task.Space, new BeginVisit(0, default));
        khugepaged.ExpectMsg<VisitRefused>();
        AdvanceBy(TimeSpan.FromMilliseconds(3));
        khugepaged.Send(task.Space, new StopVisit());
        TimeSpan unmapping = WorldContext.Nanoseconds(1_000 + (512 * 100)); // the lock is held while the pages are zapped
        Assert.Equal(TimeSpan.FromMilliseconds(3), task.Answer().Stalled);
        Assert.Equal(TimeSpan.FromMilliseconds(3) + unmapping, task.Answer().Stalled);
        Assert.Equal([3000L, 3052L], Events.Of(KernelEventKind.Stall).Select(static stall => stall.Amount));
        AssertSound();
    }

    [Fact] // KH-10: exit waits for the running VISIT before page tables go away, and khugepaged frees the slot at its end
    public void Exit_waits_for_the_running_visit()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(2);
        task.Table(First).Young = Bits512.None;
        Watch(task.Space);
        AdviseHuge(task, First, 2);
        AdvanceInPass(RoundMachine.Drain + RoundMachine.Scan);
        task.Post(new ExitMm(0));
        Assert.True(task.IsWaiting);
        Assert.Equal(1024, task.Mm.RssPages);
        AdvanceInPass(RoundMachine.Drain + RoundMachine.VisitAndScan);
        MmDone done = task.Answer();
        Assert.Equal(TimeSpan.FromMilliseconds(1), done.Stalled);
        Assert.Equal(0, task.Mm.RssPages);
        Assert.Equal([513L], Events.VisitCosts());
        Assert.Single(Events.Of(KernelEventKind.SlotFreed));
        ExpectTerminated(task.Space);
        AssertSound();
    }

    [Fact] // KH-10: the cursor rests elsewhere, so the slot goes at once and nobody waits
    public void Exit_of_an_mm_without_the_cursor_does_not_wait()
    {
        Boot(Kernels.Old);
        Process first = Start("first");
        Process second = Start("second");
        first.MapFilled(1);
        second.MapFilled(1);
        AdviseHuge(first, First);
        second.Advise(Advice.HugePage, First);
        AdvanceInPass(RoundMachine.Drain + RoundMachine.Scan);
        Watch(second.Space);
        Assert.Equal(TimeSpan.Zero, second.Call(new ExitMm(0)).Stalled);
        Assert.Equal(2, Assert.Single(Events.Of(KernelEventKind.SlotFreed)).Mm);
        ExpectTerminated(second.Space);
        FinishPass();
        Assert.All(Events.Of(KernelEventKind.Visit), static visit => Assert.Equal(1, visit.Mm));
    }

    [Fact] // KH-12, ST-43: cost 0, nothing looked at, and the cursor moves to the next mm
    public void A_refused_visit_costs_nothing_and_moves_on()
    {
        (Process first, Process second) = BeginPassOverTwo();
        LockForWrite(first);
        FinishPass();
        Assert.Equal(
            [(1, 0L, false), (2, 513L, false), (2, 1L, true)],
            Events.Of(KernelEventKind.Visit).Select(static visit => (visit.Mm, visit.Amount, visit.Writable)));
        Assert.Equal(1, Counters.FullScans);
        Assert.Equal((0, 1), (first.Mm.HugeRanges, second.Mm.HugeRanges));
    }

    [Fact] // KH-12: as the last mm it completes a full scan although nothing was looked at
    public void A_refused_visit_of_the_last_mm_counts_a_full_scan()
    {
        (Process first, Process second) = BeginPassOverTwo();
        LockForWrite(second);
        FinishPass();
        Assert.Equal(
            [(1, 513L, false), (1, 1L, false), (2, 0L, true)],
            Events.Of(KernelEventKind.Visit).Select(static visit => (visit.Mm, visit.Amount, visit.Writable)));
        Assert.Equal(1, Counters.FullScans);
        Assert.Equal((1, 0), (first.Mm.HugeRanges, second.Mm.HugeRanges));
    }

    [Fact] // KH-12, ST-43: its position in the mm is lost
    public void After_a_refused_visit_the_mm_is_scanned_from_its_start()
    {
        Boot(Kernels.Old, new() { PagesToScan = 512 });
        Process task = Start();
        task.MapFilled(3);
        task.Table(First).Young = Bits512.None;
        AdviseHuge(task, First, 3);
        FinishPass();
        Assert.Equal(First, Events.Last(KernelEventKind.ScanPmd).Address);
        TestProbe holder = LockForWrite(task, Second);
        Machine.Khugepaged.Tell(new WakeKhugepaged(), TestActor);
        AdvanceInPass(RoundMachine.Drain);
        Assert.Equal((0L, true), (Events.Last(KernelEventKind.Visit).Amount, Events.Last(KernelEventKind.Visit).Writable));
        Assert.True(Folios.TryLock(task.Pfn(Second, 0)));
        holder.Send(task.Space, new IsolateRange(Second, false, default));
        Assert.Equal(ScanResult.PageLock, holder.ExpectMsg<RangeIsolated>().Outcome.Result);
        Folios.Unlock(task.Pfn(Second, 0));
        FinishPass();
        Events.Clear();
        Machine.Khugepaged.Tell(new WakeKhugepaged(), TestActor);
        FinishPass();
        Assert.Equal(First, Events.Of(KernelEventKind.ScanPmd)[0].Address);
    }

    [Fact] // KH-12, KH-18: an exiting mm is freed at the end of the VISIT also when its lock was not to be had
    public void A_refused_visit_of_an_exiting_mm_frees_its_slot()
    {
        Boot(Kernels.Old, new() { PagesToScan = 512 });
        Process task = Start();
        task.MapFilled(2);
        AdviseHuge(task, First, 2);
        FinishPass();
        TestProbe holder = LockForWrite(task, Second);
        task.Post(new ExitMm(0));
        Machine.Khugepaged.Tell(new WakeKhugepaged(), TestActor);
        FinishPass();
        Assert.Equal((0L, true), (Events.Last(KernelEventKind.Visit).Amount, Events.Last(KernelEventKind.Visit).Writable));
        Assert.Single(Events.Of(KernelEventKind.SlotFreed));
        Assert.True(task.IsWaiting);
        Assert.True(Folios.TryLock(task.Pfn(Second, 0)));
        Watch(task.Space);
        holder.Send(task.Space, new IsolateRange(Second, false, default));
        AdvanceBy(TimeSpan.FromMilliseconds(1));
        ExpectTerminated(task.Space);
        Assert.Equal(0, task.Mm.RssPages);
    }

    private (Process First, Process Second) BeginPassOverTwo()
    {
        Boot(Kernels.Old);
        Process first = Start("first");
        Process second = Start("second");
        first.MapFilled(1);
        second.MapFilled(1);
        AdviseHuge(first, First);
        second.Advise(Advice.HugePage, First);
        return (first, second);
    }

    /// <summary>Holds mmap_lock for write, as MADV_COLLAPSE does from C4 on.</summary>
    private TestProbe LockForWrite(Process process, long? range = null)
    {
        TestProbe holder = CreateTestProbe("holder");
        holder.Send(process.Space, new RecheckRange(range ?? First, false, default));
        int pmdPage = holder.ExpectMsg<CollapseChecked>().PmdPage;
        holder.Send(process.Space, new LockRangeForWrite(range ?? First, false, pmdPage, default));
        Assert.Equal(ScanResult.Succeed, holder.ExpectMsg<CollapseChecked>().Result);
        return holder;
    }

    private Process EnterCopy()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.Map(2);
        task.Fill(First, 1);
        task.Write(Second, 0, 100);
        AdviseHuge(task, First);
        AdvanceInPass(RoundMachine.WriteLock + (RoundMachine.WriteLocked / 2));
        Assert.Equal(PmdState.None, task.State(First));
        return task;
    }
}
