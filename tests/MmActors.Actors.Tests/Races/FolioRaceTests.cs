using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;

namespace MmActors.Actors.Tests.Races;

/// <summary>KH-36: somebody holds a lock, a reference or the LRU flag of a source folio (2.7 steps 9–11, 2.9 steps 7–9).</summary>
public class FolioRaceTests : RaceStage
{
    [Theory] // KH-36 folio lock; ST-40
    [InlineData(RaceWindow.W1, 0)]
    [InlineData(RaceWindow.W2, 300)]
    [InlineData(RaceWindow.W1, 511)]
    public void A_locked_source_is_page_lock_and_the_others_return_to_their_list(RaceWindow window, int index)
    {
        EnterWindow(window);
        int pfn = Task.Pfn(Range, index);
        Assert.True(Folios.TryLock(pfn));
        FinishPass();
        Assert.True(Folios.Has(pfn, FolioFlags.Locked | FolioFlags.Lru));
        Assert.Equal(512, Node.Lru.Pages(LruKind.InactiveAnon));
        Folios.Unlock(pfn);
        AssertRolledBack(ScanResult.PageLock, Before);
        Assert.Equal(index, Events.Last(KernelEventKind.CollapseIsolate).Referenced);
    }

    [Fact] // KH-38: isolated folios return to the head of their list
    public void A_rollback_puts_isolated_folios_at_the_head()
    {
        EnterWindow(RaceWindow.W1);
        Assert.Equal(Task.Pfn(Range, 511), Node.Lru.Head(LruKind.InactiveAnon));
        Assert.Equal(Task.Pfn(Range, 0), Node.Lru.Tail(LruKind.InactiveAnon));
        Folios.TryLock(Task.Pfn(Range, 10));
        FinishPass();
        Folios.Unlock(Task.Pfn(Range, 10));
        AssertRolledBack(ScanResult.PageLock, Before);
        Assert.Equal(Task.Pfn(Range, 9), Node.Lru.Head(LruKind.InactiveAnon));
        Assert.Equal(Task.Pfn(Range, 10), Node.Lru.Tail(LruKind.InactiveAnon));
    }

    [Theory] // KH-36 GUP pin, shrinker pin, isolated by reclaim but not locked
    [InlineData(RaceWindow.W1, 1)]
    [InlineData(RaceWindow.W2, 3)]
    public void A_transient_reference_is_page_count(RaceWindow window, int references)
    {
        EnterWindow(window);
        int pfn = Task.Pfn(Range, 300);
        for (int count = 0; count < references; count++)
        {
            Folios.Get(pfn);
        }

        FinishPass();
        Assert.Equal(references, Folios.TransientReferences(pfn));
        Assert.False(Folios.Has(pfn, FolioFlags.Locked));
        for (int count = 0; count < references; count++)
        {
            Assert.False(Folios.Put(pfn));
        }

        AssertRolledBack(ScanResult.PageCount, Before);
    }

    [Theory] // KH-36 LRU flag already cleared, lock and count fine
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void A_cleared_LRU_flag_is_del_page_lru(RaceWindow window)
    {
        EnterWindow(window);
        int pfn = Task.Pfn(Range, 300);
        Assert.True(Folios.TestClearLru(pfn));
        FinishPass();
        Assert.False(Folios.Has(pfn, FolioFlags.Locked));
        Assert.Equal(FolioFlags.None, Folios.SetFlags(pfn, FolioFlags.Lru));
        AssertRolledBack(ScanResult.DelPageLru, Before);
    }

    [Theory] // 2.8 C7: memory poison; C5 and C6 are undone
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void A_poisoned_source_is_copy_mc_and_everything_is_restored(RaceWindow window)
    {
        EnterWindow(window);
        int pfn = Task.Pfn(Range, 300);
        Folios.SetFlags(pfn, FolioFlags.HwPoison);
        AdvanceInPass(RoundMachine.WriteLock);
        Assert.Equal(PmdState.None, Task.State(Range));
        Assert.Equal(512, Node.IsolatedPages);
        FinishPass();
        Assert.Equal(
            [(KernelEventKind.CollapseIsolate, ScanResult.Succeed), (KernelEventKind.CollapseHugePage, ScanResult.CopyMc), (KernelEventKind.ScanPmd, ScanResult.CopyMc)],
            Events.CollapseLines.Select(static line => (line.Kind, line.Status)));
        Assert.Equal((1L, 0L), (Stat(VmCounter.ThpCollapseAlloc), Counters.PagesCollapsed));
        Assert.Equal(Before, Task.Image(Range));
        Assert.Equal(FreeBefore, Node.FreePages);
        Assert.Equal(512, Task.CountNonzero(Range, 0, 512));
        AssertSound();
    }

    [Fact] // 2.7 step 9, KH-36c: faulted in after the pass-start drain
    public void A_page_in_an_add_batch_is_page_lru_in_the_scan()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.Map(1);
        task.Write(Range, 0, 511);
        AdviseHuge(task, Range);
        AdvanceInPass(RoundMachine.Drain / 2);
        task.Write(Range, 511, 512);
        TableImage before = task.Image(Range);
        FinishPass();
        KernelEvent line = Assert.Single(Events.CollapseLines);
        Assert.Equal((ScanResult.PageLru, 511, task.Pfn(Range, 511)), (line.Status, line.Referenced, line.Pfn));
        Assert.Equal(0, Stat(VmCounter.ThpCollapseAlloc));
        Assert.Equal(before, task.Image(Range));
        AssertSound();
    }

    [Theory] // 2.7 steps 10 and 11: the scan tests lock and references without taking anything
    [InlineData(true, ScanResult.PageLock)]
    [InlineData(false, ScanResult.PageCount)]
    public void The_scan_refuses_a_locked_or_referenced_folio(bool isLocked, ScanResult expected)
    {
        Boot(Kernels.New);
        Process task = Start();
        task.MapFilled(1);
        DrainBatches();
        int pfn = task.Pfn(Range, 99);
        _ = isLocked && Folios.TryLock(pfn);
        if (!isLocked)
        {
            Folios.Get(pfn);
        }

        AdviseHuge(task, Range);
        FinishPass();
        KernelEvent line = Assert.Single(Events.CollapseLines);
        Assert.Equal((expected, 99, 100L, 100L), (line.Status, line.Referenced, line.Amount, line.Extra));
        Folios.Unlock(pfn);
        if (!isLocked)
        {
            Folios.Put(pfn);
        }

        AssertSound();
    }

    [Theory] // KH-36 concurrent split of a source THP: whoever splits holds its lock, and a large folio is tried once
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void A_locked_large_source_is_page_lock(RaceWindow window)
    {
        Boot(Kernels.Old);
        Process task = Start();
        int head = MapPteMappedHuge(task);
        int freeBefore = Node.FreePages;
        TableImage before = task.Image(Range);
        AdviseHuge(task, Range);
        AdvanceInPass(window == RaceWindow.W1 ? RoundMachine.MiddleOfW1 : RoundMachine.MiddleOfRecheck);
        Assert.True(Folios.TryLock(head));
        FinishPass();
        Folios.Unlock(head);
        AssertFailedAttempt(ScanResult.PageLock, atIsolate: true);
        Assert.Equal(before, task.Image(Range));
        Assert.Equal(freeBefore, Node.FreePages);
        Assert.Equal(512, Node.Lru.Pages(LruKind.InactiveAnon));
    }

    [Fact] // KH-26, KH-38, KH-40: a large folio is isolated once, and leaves the split queue when it is freed
    public void A_large_source_is_isolated_once_and_freed_once()
    {
        Boot(Kernels.Old);
        Process task = Start();
        int head = MapPteMappedHuge(task);
        AdviseHuge(task, Range);
        AdvanceInPass(RoundMachine.WriteLock);
        Assert.Equal(512, Node.IsolatedPages);
        Assert.Equal(1, Folios.TransientReferences(head));
        FinishPass();
        Assert.Equal(512, AssertCollapsed(task, Range).Referenced);
        Assert.NotEqual(head, task.Mm.Directory.Find(Range).Huge!.Head);
        Assert.Equal(1, Stat(VmCounter.ThpDeferredSplitPage));
        Assert.Equal([task.Mm.Directory.Find(Range).Huge!.Head], SplitQueue.Heads);
        Assert.Equal(512, task.CountNonzero(Range, 0, 512));
    }

    /// <summary>A THP by fault whose PMD was split by advice on one page (ST-9); not advised any more.</summary>
    private int MapPteMappedHuge(Process task)
    {
        task.Map(1);
        Machine.Thp = Machine.Thp with { PmdEnabled = Model.Settings.ThpEnabled.Always };
        WriteHuge(task, Range, 0, 512);
        Assert.Equal(PmdState.Huge, task.State(Range));
        Machine.Thp = Machine.Thp with { PmdEnabled = Model.Settings.ThpEnabled.Inherit };
        FinishPass();
        task.AdvisePages(Advice.NoHugePage, Range, 0, 1);
        task.Advise(Advice.NoHugePage, Range);
        Assert.Equal(PmdState.Table, task.State(Range));
        Events.Clear();
        return task.Pfn(Range, 0);
    }
}
