using Akka.TestKit;
using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Swap;

namespace MmActors.Actors.Tests.Races;

/// <summary>KH-36: real reclaim, in the context of another task, against a collapse. The oldest folio is that of page 511, so
/// the isolate step meets the folios reclaim is at before those it is done with. Of 512 folios priorities 9…5 look at 1, 1, 3, 7
/// and 15 (RC-15); judging takes 1 us a folio, locked, and writing 2 us: the 15 are judged from 36 us on and written from 51 us
/// on.</summary>
public class ReclaimRaceTests : RaceStage
{
    private const int Cluster = 32;
    private static readonly TimeSpan JudgesFifteen = TimeSpan.FromMicroseconds(43);
    private static readonly TimeSpan WritesFifteen = TimeSpan.FromMicroseconds(58);

    [Theory] // KH-36 reclaim discarded clean lazyfree pages: none PTEs, which collapse to zeros (KH-39)
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Discarded_lazyfree_pages_collapse_to_zeros(RaceWindow window)
    {
        FreeSome();
        BeginAttempt(MiddleOf(window));
        BeginReclaim(2 * Cluster);
        FinishPass();
        Assert.Equal(new MemcgWritten(Errno.None, 64), AwaitWrite());
        Assert.Equal(64, Stat(VmCounter.PgLazyfreed));
        Assert.Equal((448, 64), (AssertCollapsed(Task, Range).Referenced, Events.Last(KernelEventKind.CollapseIsolate).NoneOrZero));
        Assert.Equal(448, Task.CountNonzero(Range, 0, 512));
    }

    [Theory] // KH-36, 2.9 step 1: too many of them
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Too_many_discarded_lazyfree_pages_are_exceed_none_pte(RaceWindow window)
    {
        FreeSome(new ThpSettings { MaxPtesNone = 63 });
        BeginAttempt(MiddleOf(window));
        BeginReclaim(2 * Cluster);
        FinishPass();
        Assert.Equal(64, Stat(VmCounter.PgLazyfreed));
        Assert.Equal(1, Stat(VmCounter.ThpScanExceedNonePte));
        AssertFailedAttempt(ScanResult.ExceedNonePte, atIsolate: true);
        Assert.Equal(448, Task.Table(Range).Present.Count());
    }

    [Theory] // KH-36 reclaim swapped pages out after the scan saw none: they are not swapped in (2.8 C3), 2.9 step 2
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Swapped_pages_are_pte_non_present(RaceWindow window)
    {
        AgeLastCluster();
        BeginAttempt(MiddleOf(window));
        BeginReclaim(Cluster);
        FinishPass();
        Assert.Equal(new MemcgWritten(Errno.None, 32), AwaitWrite());
        Assert.Equal((32L, 0L), (Stat(VmCounter.PswpOut), Stat(VmCounter.PswpIn)));
        AssertFailedAttempt(ScanResult.PteNonPresent, atIsolate: true);
        Assert.Equal(480, Events.Last(KernelEventKind.CollapseIsolate).Referenced);
        Assert.Equal(Bits512.Range(480, 512), Task.Table(Range).NonPresent);
    }

    [Fact] // KH-36 reclaim holds the folio lock: 2.9 step 7
    public void A_folio_that_reclaim_judges_is_page_lock()
    {
        AgeLastCluster();
        BeginAttempt(RoundMachine.WriteLock - JudgesFifteen);
        BeginReclaim(Cluster);
        FinishPass();
        AwaitWrite();
        AssertFailedAttempt(ScanResult.PageLock, atIsolate: true);
        Assert.Equal(480, Events.Last(KernelEventKind.CollapseIsolate).Referenced);
        Assert.Equal(Stat(VmCounter.PswpOut), Task.Table(Range).NonPresent.Count());
    }

    [Fact] // KH-36 reclaim has it isolated, but no longer locked: kept for its accessed bit while the rest is written
    public void A_folio_that_reclaim_keeps_for_the_moment_is_page_count()
    {
        AgeLastCluster();
        Task.Read(Range, 485, 493);
        BeginAttempt(RoundMachine.WriteLock - WritesFifteen);
        BeginReclaim(Cluster);
        AdvanceInPass(RoundMachine.WriteLock - TimeSpan.FromMicroseconds(1));
        Assert.Equal(FolioFlags.None, Folios.Flags(Task.Pfn(Range, 485)) & (FolioFlags.Locked | FolioFlags.Lru));
        FinishPass();
        AwaitWrite();
        AssertFailedAttempt(ScanResult.PageCount, atIsolate: true);
        Assert.Equal(480, Events.Last(KernelEventKind.CollapseIsolate).Referenced);
    }

    [Fact] // KH-36c, 2.7 step 9: the scan meets a folio that reclaim has isolated
    public void A_folio_that_reclaim_isolated_is_page_lru_in_the_scan()
    {
        AgeLastCluster();
        BeginAttempt(RoundMachine.Drain - JudgesFifteen);
        BeginReclaim(Cluster);
        FinishPass();
        AwaitWrite();
        KernelEvent line = Assert.Single(Events.CollapseLines);
        Assert.Equal((ScanResult.PageLru, 485L), (line.Status, line.Extra - 1));
        Assert.Equal(0, Stat(VmCounter.ThpCollapseAlloc));
        AssertSound();
    }

    [Theory] // KH-36 only the accessed bits were cleaned out, by the ageing of the active list (RC-23): KH-37
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Pages_aged_in_the_window_are_lack_referenced_page(RaceWindow window)
    {
        Fill();
        DrainBatches();
        BeginAttempt(MiddleOf(window));
        AgeAll();
        FinishPass();
        AssertFailedAttempt(ScanResult.LackReferencedPage, atIsolate: true);
        Assert.Equal(512, Task.Table(Range).Present.Count());
    }

    [Fact] // UT-31: the mm exits while reclaim works on its folios
    public void Exit_under_reclaim_frees_every_page_once()
    {
        AgeLastCluster();
        int total = Node.FreePages + 512 + Task.Mm.PageTables;
        BeginReclaim(2 * Cluster);
        AdvanceBy(JudgesFifteen);
        Assert.Equal(15, Node.IsolatedPages);
        Task.Call(new ExitMm(0));
        AwaitWrite();
        AdvanceBy(TimeSpan.FromMilliseconds(5));
        AssertSound();
        Assert.Equal(total, Node.FreePages);
        Assert.Equal(0, Swap!.UsedSlots);
    }

    [Theory] // RC-25: what only an exiting mm maps is kept, since it is about to be freed; the exit waits for C2–C3
    [InlineData(false, 32)]
    [InlineData(true, 0)]
    public void Reclaim_keeps_the_pages_of_an_mm_that_waits_to_exit(bool exits, long swapped)
    {
        AgeLastCluster();
        int total = Node.FreePages + 512 + Task.Mm.PageTables;
        BeginAttempt(RoundMachine.MiddleOfRecheck);
        Task.Post(exits ? new ExitMm(0) : new UnmapArea(Range, RangeEnd, 0));
        BeginReclaim(Cluster);
        AdvanceInPass(RoundMachine.WriteLock - TimeSpan.FromMicroseconds(1));
        Assert.Equal((true, exits), (Task.IsWaiting, Task.Mm.IsExiting));
        Assert.Equal(swapped, Stat(VmCounter.PswpOut));
        Assert.Equal(512 - swapped, Task.Table(Range).Present.Count());
        FinishPass();
        AwaitWrite();
        AssertFailedAttempt(exits ? ScanResult.AnyProcess : ScanResult.VmaNull, atIsolate: false);
        Assert.Equal(total, Node.FreePages);
        Assert.Equal(0, Swap!.UsedSlots);
    }

    [Theory] // T13: munmap while reclaim judges (locked), and while it writes (unmapped already)
    [InlineData(43)]
    [InlineData(58)]
    public void Munmap_under_reclaim_frees_every_page_once(int afterMicroseconds)
    {
        AgeLastCluster();
        int total = Node.FreePages + 512 + Task.Mm.PageTables;
        BeginReclaim(Cluster);
        AdvanceBy(TimeSpan.FromMicroseconds(afterMicroseconds));
        Task.Call(new UnmapArea(Range, RangeEnd, 0));
        AwaitWrite();
        AssertSound();
        Assert.Equal(total, Node.FreePages);
        Assert.Equal(0, Swap!.UsedSlots);
    }

    /// <summary>512 pages, of which [300, 364) are lazyfree and the tail of inactive_file.</summary>
    private void FreeSome(ThpSettings? thp = null)
    {
        Fill(thp: thp);
        DrainBatches();
        Task.AdvisePages(Advice.Free, Range, 300, 364);
        DrainBatches();
        Assert.Equal(64, Node.Lru.Pages(LruKind.InactiveFile));
    }

    /// <summary>512 pages beside a RAM disk, written from the last to the first; the oldest 32 are cold.</summary>
    private void AgeLastCluster()
    {
        Fill(pages: 0, swap: new SwapDevice(4096, isSynchronous: true));
        for (int page = 511; page >= 0; page--)
        {
            Task.Write(Range, page, page + 1);
        }

        DrainBatches();
        Task.AdvisePages(Advice.Cold, Range, 512 - Cluster, 512);
    }

    /// <summary>Plays the ageing of an active list: isolate, reference walk, put back.</summary>
    private void AgeAll()
    {
        TestProbe reclaim = CreateTestProbe("ageing");
        var batch = new FolioBatch();
        reclaim.Send(Machine.Node, new IsolateFolios(0, LruKind.InactiveAnon, 512, 1, batch));
        Assert.Equal(512, reclaim.ExpectMsg<FoliosIsolated>().Taken);
        foreach (ref FolioItem item in batch.Items)
        {
            item.Stage = FolioStage.Ageing;
        }

        reclaim.Send(Task.Space, new AgeFolios(batch));
        reclaim.ExpectMsg<FoliosWalked>();
        foreach (ref FolioItem item in batch.Items)
        {
            Assert.Equal(1, item.YoungMappings);
            item.Stage = FolioStage.Kept;
        }

        reclaim.Send(Machine.Node, new FinishRound(batch, 0, null, 0, 0, 1));
        reclaim.ExpectMsg<RoundFinished>();
    }
}
