using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Actors.Tests.Races;

/// <summary>KH-36: page-table entries change between the scan and the isolate step, which counts afresh (2.9).</summary>
public class PteRaceTests : RaceStage
{
    [Theory] // KH-36 MADV_DONTNEED: none PTEs are filled with zeros (KH-39)
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Pages_zapped_in_the_window_collapse_to_zeros(RaceWindow window)
    {
        EnterWindow(window);
        Task.AdvisePages(Advice.DontNeed, Range, 100, 110);
        Assert.Equal(502, Task.Mm.RssPages);
        FinishPass();
        KernelEvent isolate = AssertCollapsed(Task, Range);
        Assert.Equal((10, 502), (isolate.NoneOrZero, isolate.Referenced));
        Assert.Equal((0, 512), (Events.Last(KernelEventKind.ScanPmd).NoneOrZero, Events.Last(KernelEventKind.ScanPmd).Referenced));
        Assert.Equal(512, Task.Mm.RssPages);
        Assert.Equal(0, Task.CountNonzero(Range, 100, 110));
        Assert.Equal(502, Task.CountNonzero(Range, 0, 512));
    }

    [Theory] // KH-36 MADV_DONTNEED over the limit; 2.9 step 1
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Too_many_zapped_pages_are_exceed_none_pte_at_isolate(RaceWindow window)
    {
        EnterWindow(window, thp: new ThpSettings { MaxPtesNone = 5 });
        Task.AdvisePages(Advice.DontNeed, Range, 100, 106);
        TableImage left = Task.Image(Range);
        FinishPass();
        Assert.Equal(6, Events.Last(KernelEventKind.CollapseIsolate).NoneOrZero);
        Assert.Equal(1, Stat(VmCounter.ThpScanExceedNonePte));
        AssertFailedAttempt(ScanResult.ExceedNonePte, atIsolate: true);
        Assert.Equal(left, Task.Image(Range));
        Assert.Equal(FreeBefore + 6, Node.FreePages);
    }

    [Theory] // KH-36 MADV_FREE, already lazyfree, OLD; KH-41: the hint is lost
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Old_collapses_pages_freed_in_the_window_and_loses_the_hint(RaceWindow window)
    {
        EnterWindow(window);
        Task.AdvisePages(Advice.Free, Range, 0, 248);
        Assert.Equal(248, Stat(VmCounter.PgLazyfree));
        Assert.Equal(992, Task.LazyfreeKilobytes);
        FinishPass();
        Assert.Equal(264, AssertCollapsed(Task, Range).Referenced);
        Assert.Equal(0, Task.LazyfreeKilobytes);
        Assert.True(Folios.Has(Task.Mm.Directory.Find(Range).Huge!.Head, FolioFlags.SwapBacked));
        Assert.Equal(512, Task.CountNonzero(Range, 0, 512));
    }

    [Theory] // KH-36 MADV_FREE of everything, OLD: no referenced PTE is left (KH-37)
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Old_lacks_a_referenced_page_when_everything_was_freed_in_the_window(RaceWindow window)
    {
        EnterWindow(window);
        Task.Advise(Advice.Free, Range);
        DrainBatches();
        TableImage left = Task.Image(Range);
        FinishPass();
        AssertRolledBack(ScanResult.LackReferencedPage, left);
        Assert.Equal(2048, Task.LazyfreeKilobytes);
    }

    [Theory] // KH-36 MADV_FREE, NEW: 2.9 step 4a; ST-39
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void New_leaves_pages_freed_in_the_window_lazyfree(RaceWindow window)
    {
        EnterWindow(window, isNew: true);
        Task.AdvisePages(Advice.Free, Range, 100, 131);
        Assert.Equal(31, Stat(VmCounter.PgLazyfree));
        TableImage left = Task.Image(Range);
        FinishPass();
        AssertRolledBack(ScanResult.PageLazyfree, left);
        Assert.Equal(124, Task.LazyfreeKilobytes);
        Assert.Equal(100, Events.Last(KernelEventKind.CollapseIsolate).Referenced);
        Assert.Equal(Task.Pfn(Range, 100), Events.Last(KernelEventKind.CollapseIsolate).Pfn);
        Assert.Equal(31, Node.Lru.Pages(LruKind.InactiveFile));
        Assert.Equal(481, Node.Lru.Pages(LruKind.InactiveAnon));
    }

    [Theory] // KH-36 MADV_FREE, still in a lazyfree batch: its reference shows first (2.9 step 8), in both generations
    [InlineData(RaceWindow.W1, false)]
    [InlineData(RaceWindow.W2, false)]
    [InlineData(RaceWindow.W1, true)]
    [InlineData(RaceWindow.W2, true)]
    public void A_page_in_a_lazyfree_batch_is_page_count(RaceWindow window, bool isNew)
    {
        EnterWindow(window, isNew);
        Task.AdvisePages(Advice.Free, Range, 100, 110);
        Assert.Equal(0, Stat(VmCounter.PgLazyfree));
        TableImage left = Task.Image(Range);
        FinishPass();
        AssertRolledBack(ScanResult.PageCount, left);
        Assert.Equal(10, Stat(VmCounter.PgLazyfree));
    }

    [Theory] // KH-36 write to a lazyfree page: the PTE is dirty, NEW no longer skips it (SM-22)
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void New_collapses_freed_pages_that_were_rewritten(RaceWindow window)
    {
        EnterWindow(window, isNew: true);
        Task.AdvisePages(Advice.Free, Range, 100, 131);
        Task.Write(Range, 100, 131, 9);
        FinishPass();
        Assert.Equal(512, AssertCollapsed(Task, Range).Referenced);
        Assert.Equal(31, Stat(VmCounter.PgLazyfree));
        Assert.Equal(512, Task.CountNonzero(Range, 0, 512));
    }

    [Theory] // KH-36: a read does not undo the hint (VR-23)
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void New_leaves_freed_pages_that_were_only_read(RaceWindow window)
    {
        EnterWindow(window, isNew: true);
        Task.AdvisePages(Advice.Free, Range, 100, 131);
        Task.Read(Range, 100, 131);
        TableImage left = Task.Image(Range);
        FinishPass();
        AssertRolledBack(ScanResult.PageLazyfree, left);
    }

    [Theory] // KH-36 fork: 2.9 step 5
    [InlineData(RaceWindow.W1, false)]
    [InlineData(RaceWindow.W2, false)]
    [InlineData(RaceWindow.W1, true)]
    [InlineData(RaceWindow.W2, true)]
    public void Fork_is_exceed_shared_pte(RaceWindow window, bool isNew)
    {
        EnterWindow(window, isNew);
        Process child = Start("child");
        Task.Post(new ForkInto(child.Mm, child.Space, 0));
        AdvanceInPass(RoundMachine.WriteLock + RoundMachine.Fork);
        Assert.False(Task.IsWaiting);
        TableImage left = Task.Image(Range);
        Assert.NotEqual(Before, left);
        Assert.Equal(256, Events.Of(KernelEventKind.CollapseIsolate)[0].Referenced);
        FinishPass();
        Assert.Equal(left, Task.Image(Range));
        Assert.Equal(
            [(1, KernelEventKind.CollapseIsolate), (1, KernelEventKind.CollapseHugePage), (1, KernelEventKind.ScanPmd), (2, KernelEventKind.ScanPmd)],
            Events.CollapseLines.Select(static line => (line.Mm, line.Kind)));
        Assert.All(Events.CollapseLines, static line => Assert.Equal(ScanResult.ExceedSharedPte, line.Status));
        Assert.Equal(2, Stat(VmCounter.ThpScanExceedSharePte)); // the attempt at isolate, the child's range in the scan
        Assert.Equal((1L, 0L), (Stat(VmCounter.ThpCollapseAlloc), Counters.PagesCollapsed));
        Assert.Equal(FreeBefore - 2, Node.FreePages); // the child's page tables
        AssertSound();
    }

    [Theory] // KH-36 fork below the limit, OLD: nothing writable is left (KH-37); the requirement ended with v6.17 (VR-5)
    [InlineData(RaceWindow.W1, false, ScanResult.PageRo)]
    [InlineData(RaceWindow.W2, false, ScanResult.PageRo)]
    [InlineData(RaceWindow.W1, true, ScanResult.Succeed)]
    [InlineData(RaceWindow.W2, true, ScanResult.Succeed)]
    public void Fork_within_the_limit_leaves_nothing_writable(RaceWindow window, bool isNew, ScanResult expected)
    {
        EnterWindow(window, isNew, new ThpSettings { MaxPtesShared = 511 }, pages: 511);
        Process child = Start("child");
        Task.Post(new ForkInto(child.Mm, child.Space, 0));
        AdvanceInPass(RoundMachine.Collapsed);
        KernelEvent isolate = Events.Of(KernelEventKind.CollapseIsolate)[0];
        Assert.Equal((expected, false, 511, 1), (isolate.Status, isolate.Writable, isolate.Referenced, isolate.NoneOrZero));
        FinishPass();
        Assert.Equal(511, child.Table(Range).Present.Count());
        Assert.Equal(511, child.CountNonzero(Range, 0, 511));
        Assert.Equal(expected == ScanResult.Succeed ? PmdState.Huge : PmdState.Table, Task.State(Range));
        AssertSound();
    }

    [Theory] // KH-36 ageing clears the young bits: KH-37
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Young_bits_cleared_in_the_window_are_lack_referenced_page(RaceWindow window)
    {
        EnterWindow(window);
        Task.Table(Range).Young = Bits512.None;
        TableImage left = Task.Image(Range);
        FinishPass();
        AssertRolledBack(ScanResult.LackReferencedPage, left);
        Assert.Equal(512, Events.Last(KernelEventKind.ScanPmd).Referenced);
    }

    [Theory] // KH-36: the 256 rule is not repeated at isolate, one young page is enough
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void One_young_page_left_is_enough_at_isolate(RaceWindow window)
    {
        EnterWindow(window);
        Task.Table(Range).Young = Bits512.Single(77);
        FinishPass();
        Assert.Equal(1, AssertCollapsed(Task, Range).Referenced);
    }

    [Theory] // KH-36 reclaim swapped a page out: 2.9 step 2
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void A_swap_entry_in_the_window_is_pte_non_present(RaceWindow window)
    {
        EnterWindow(window);
        Task.AdvisePages(Advice.DontNeed, Range, 300, 301);
        Task.Table(Range).NonPresent.Set(300);
        TableImage left = Task.Image(Range);
        FinishPass();
        AssertFailedAttempt(ScanResult.PteNonPresent, atIsolate: true);
        Assert.Equal(left, Task.Image(Range));
        Assert.Equal(300, Events.Last(KernelEventKind.CollapseIsolate).Referenced);
    }
}
