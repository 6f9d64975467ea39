using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Actors.Tests.Races;

/// <summary>KH-36 and DS-37a: the deferred split shrinker against a collapse, against reclaim and against MADV_FREE. It looks
/// at a THP of zeros for 0.1 us a subpage, holding a reference, and splits it at once.</summary>
public class ShrinkerRaceTests : RaceStage
{
    private static readonly TimeSpan WhileItLooks = TimeSpan.FromMicroseconds(5);
    private static readonly ThpSettings Underused = new() { MaxPtesNone = 100 };

    [Theory] // KH-36 concurrent split of a source THP: its zero-filled pages are gone (2.9 step 1)
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void A_split_in_the_window_leaves_too_many_none_ptes(RaceWindow window)
    {
        int head = MapByPtes(filled: 50);
        BeginAttempt(MiddleOf(window));
        BeginDropCaches();
        FinishPass();
        AwaitWrite();
        Assert.False(Folios.IsLarge(head));
        Assert.Equal(1, Stat(VmCounter.ThpUnderusedSplitPage));
        AssertFailedAttempt(ScanResult.ExceedNonePte, atIsolate: true);
        Assert.Equal(50, Task.CountNonzero(Range, 0, 512));
    }

    [Fact] // KH-36 shrinker pin; DS-37a: 2.9 step 8
    public void A_THP_the_shrinker_looks_at_is_page_count()
    {
        int head = MapByPtes(filled: 50);
        BeginAttempt(RoundMachine.WriteLock - WhileItLooks);
        BeginDropCaches();
        Assert.Equal(1, Folios.TransientReferences(head));
        FinishPass();
        AwaitWrite();
        AssertFailedAttempt(ScanResult.PageCount, atIsolate: true);
    }

    [Fact] // DS-12: an entry whose last reference is gone leaves the queue unseen
    public void A_THP_that_is_being_freed_is_dropped_from_the_queue()
    {
        Fill(pages: 0);
        Assert.True(Node.TryAllocateHuge(out int head));
        Node.ReturnHuge(head);
        SplitQueue.Of(0).Add(head);
        BeginDropCaches();
        AwaitWrite();
        Assert.Equal(0, SplitQueue.Length);
        Assert.Empty(Events.Of(KernelEventKind.DeferredSplit));
        Assert.Equal(0, Stat(VmCounter.ThpSplitPage));
        AssertSound();
    }

    [Fact] // DS-14, DS-24: who holds a reference keeps the shrinker from splitting, and the THP leaves the queue for good
    public void A_THP_that_khugepaged_isolated_is_not_split()
    {
        int head = MapByPtes(filled: 50);
        BeginAttempt(RoundMachine.WriteLock + TimeSpan.FromMicroseconds(100));
        Assert.Equal(512, Node.IsolatedPages);
        BeginDropCaches();
        FinishPass();
        AwaitWrite();
        Assert.Equal(0, Stat(VmCounter.ThpSplitPage));
        KernelEvent look = Events.Of(KernelEventKind.DeferredSplit)[0];
        Assert.Equal((head, false, 1), (look.Pfn, look.Flag, look.NoneOrZero));
        Assert.Equal(PmdState.Huge, Task.State(Range));
        AssertSound();
    }

    [Fact] // DS-37a, RC-31: a pinned lazyfree THP becomes ordinary memory when reclaim meets it
    public void Reclaim_of_a_lazyfree_THP_the_shrinker_looks_at_fails()
    {
        int head = MapHuge(filled: 0);
        Task.Advise(Advice.Free, Range);
        DrainBatches();
        Assert.Equal(512, Node.Lru.Pages(LruKind.InactiveFile));
        BeginReclaim(512);
        Assert.Equal(512, Node.IsolatedPages);
        BeginDropCaches();
        Assert.Equal(2, Folios.TransientReferences(head));
        AdvanceBy(WhileItLooks);
        Assert.Equal(FolioFlags.SwapBacked | FolioFlags.Active, Folios.Flags(head) & (FolioFlags.SwapBacked | FolioFlags.Active));
        AwaitWrite();
        AdvanceBy(TimeSpan.FromMilliseconds(5));
        Assert.Equal(0, Stat(VmCounter.PgLazyfreed));
        Assert.Equal(0, Node.Lru.Pages(LruKind.InactiveFile));
        AssertSound();
    }

    [Fact] // DS-37a, T11: MADV_FREE of a part cannot split it, and leaves it as it is
    public void MADV_FREE_of_a_part_of_a_THP_the_shrinker_looks_at_frees_nothing()
    {
        int head = MapHuge(filled: 512);
        int free = Node.FreePages;
        BeginDropCaches();
        Task.Post(Task.Advice(Advice.Free, Range, 0, 100));
        Assert.Equal(1, Folios.TransientReferences(head));
        Assert.Equal(1, Stat(VmCounter.ThpSplitPageFailed));
        Assert.Equal(Errno.None, Task.Answer().Errno);
        AwaitWrite();
        Assert.Equal((PmdState.Huge, 0L), (Task.State(Range), Task.LazyfreeKilobytes));
        Assert.Equal(Errno.None, Task.AdvisePages(Advice.Free, Range, 0, 100).Errno);
        DrainBatches();
        Assert.Equal((PmdState.Table, 400L), (Task.State(Range), Task.LazyfreeKilobytes));
        Assert.Equal(free, Node.FreePages);
        AssertSound();
    }

    /// <summary>A THP by fault of which so many pages hold data.</summary>
    private int MapHuge(int filled)
    {
        Boot(Kernels.Old, Underused with { Enabled = ThpEnabled.Always }, thread: false);
        Enter();
        return FaultHuge(filled);
    }

    /// <summary>The same, mapped by PTEs (ST-9); khugepaged runs.</summary>
    private int MapByPtes(int filled)
    {
        Fill(thp: Underused, pages: 0);
        Machine.Thp = Machine.Thp with { PmdEnabled = ThpEnabled.Always };
        int head = FaultHuge(filled);
        Machine.Thp = Machine.Thp with { PmdEnabled = ThpEnabled.Inherit };
        FinishPass();
        Task.AdvisePages(Advice.NoHugePage, Range, 0, 1);
        Task.Advise(Advice.NoHugePage, Range);
        Assert.Equal(PmdState.Table, Task.State(Range));
        Events.Clear();
        return head;
    }

    private int FaultHuge(int filled)
    {
        WriteHuge(Task, Range, 0, Math.Max(1, filled));
        return Task.Mm.Directory.Find(Range).Huge!.Head;
    }
}
