using Akka.TestKit;
using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Actors.Tests.Reclaim;

/// <summary>What reclaim does with memory given back by MADV_FREE: shared by fork, droppable, huge (RC-31…34).</summary>
public class LazyfreeReclaimTests : KernelStage
{
    private static readonly long Range = Process.Range(0);

    [Fact] // RC-31: clean pages are dropped; those written again become ordinary memory
    public void Clean_lazyfree_pages_are_dropped_and_dirty_ones_kept()
    {
        Process task = Freed();
        task.Write(Range, 0, 32);
        BeginReclaim(512);
        AwaitWrite();
        Assert.Equal(480, Stat(VmCounter.PgLazyfreed));
        Assert.Equal(Bits512.Range(0, 32), task.Table(Range).Present);
        Assert.Equal(32, Node.Lru.Pages(LruKind.ActiveAnon));
        Assert.Equal(0, task.LazyfreeKilobytes);
        Assert.Equal(32, task.CountNonzero(Range, 0, 512));
        AssertSound();
    }

    [Fact] // RC-32a, SM-18: freed by all its sharers, a folio is dropped from all and counts once
    public void Pages_freed_by_parent_and_child_are_dropped_from_both()
    {
        Process parent = Freed(drains: false);
        Process child = Fork(parent);
        child.Advise(Advice.Free, Range);
        DrainBatches();
        BeginReclaim(512);
        AwaitWrite();
        Assert.Equal(512, Stat(VmCounter.PgLazyfreed));
        Assert.Equal((0L, 0L), (parent.Mm.RssPages, child.Mm.RssPages));
        Assert.Equal((0L, 0L), (parent.CountNonzero(Range, 0, 512), child.CountNonzero(Range, 0, 512)));
        AssertSound();
    }

    [Theory] // RC-32a: the parent's entries are visited first; clean ones are lost, dirty ones stop the walk
    [InlineData(true, 0)]
    [InlineData(false, 512)]
    public void Of_shared_pages_that_one_of_two_freed_only_the_parent_can_lose_some(bool parentFreed, long left)
    {
        Process parent = Shared(out Process child);
        (parentFreed ? parent : child).Advise(Advice.Free, Range);
        DrainBatches();
        Assert.Equal(512, Node.Lru.Pages(LruKind.InactiveFile));
        BeginReclaim(512);
        AwaitWrite();
        Assert.Equal(0, Stat(VmCounter.PgLazyfreed));
        Assert.Equal((left, 512L), (parent.Mm.RssPages, child.Mm.RssPages));
        Assert.Equal((left, 512L), (parent.CountNonzero(Range, 0, 512), child.CountNonzero(Range, 0, 512)));
        AssertSound();
    }

    [Fact] // RC-33: droppable memory is dropped even when it is dirty, and counts as nothing but activated
    public void Dirty_droppable_pages_are_dropped()
    {
        Boot(Kernels.New, thread: false);
        Process task = Start();
        task.Map(1, droppable: true);
        task.Write(Range, 0, 512);
        task.AdvisePages(Advice.Cold, Range, 0, 512);
        DrainBatches();
        int free = Node.FreePages;
        BeginReclaim(512);
        AwaitWrite();
        Assert.Equal((0L, 0L), (Stat(VmCounter.PgLazyfreed), task.Mm.RssPages));
        Assert.Equal(free + 512, Node.FreePages);
        Assert.Equal(0, task.CountNonzero(Range, 0, 512));
        AssertSound();
    }

    [Fact] // T14a: the PMD is split, the folio is not
    public void A_clean_lazyfree_THP_is_dropped_whole()
    {
        Process task = FreedHuge();
        BeginReclaim(512);
        AwaitWrite();
        Assert.Equal((512L, 1L, 0L), (Stat(VmCounter.PgLazyfreed), Stat(VmCounter.ThpSplitPmd), Stat(VmCounter.ThpSplitPage)));
        Assert.Equal(1, Stat(VmCounter.ThpDeferredSplitPage));
        Assert.Equal((0L, 0), (task.Mm.RssPages, SplitQueue.Length));
        AssertSound();
    }

    [Fact] // T15a: written again, it stays one folio, mapped by PTEs, and is not partially mapped
    public void A_dirty_lazyfree_THP_becomes_ordinary_memory_mapped_by_PTEs()
    {
        Process task = FreedHuge();
        int head = task.Mm.Directory.Find(Range).Huge!.Head;
        task.Write(Range, 5, 6);
        BeginReclaim(512);
        AwaitWrite();
        Assert.Equal((PmdState.Table, true), (task.State(Range), Folios.IsLarge(head)));
        Assert.Equal(FolioFlags.SwapBacked | FolioFlags.Active, Folios.Flags(head) & (FolioFlags.SwapBacked | FolioFlags.Active | FolioFlags.PartiallyMapped));
        Assert.Equal((0L, 1L, 0L), (Stat(VmCounter.PgLazyfreed), Stat(VmCounter.ThpSplitPmd), Stat(VmCounter.ThpDeferredSplitPage)));
        Assert.Equal(512, task.Mm.RssPages);
        AssertSound();
    }

    [Theory] // RC-34: the PTEs before the dirty one are lost; only then is the folio partially mapped, and soon split
    [InlineData(0, false)]
    [InlineData(100, true)]
    public void A_dirty_PTE_in_a_lazyfree_THP_costs_the_ones_before_it(int dirty, bool isPartial)
    {
        Process task = FreedHuge();
        int head = task.Mm.Directory.Find(Range).Huge!.Head;
        task.AdvisePages(Advice.NoHugePage, Range, 0, 1); // splits the PMD
        Assert.Equal(PmdState.Table, task.State(Range));
        task.Write(Range, dirty, dirty + 1);
        BeginReclaim(512);
        AwaitWrite();
        Assert.Equal(512 - dirty, task.Mm.RssPages);
        Assert.True(Folios.Has(Folios.Head(task.Pfn(Range, 511)), FolioFlags.SwapBacked));
        Assert.Equal((!isPartial, isPartial ? 1L : 0L), (Folios.IsLarge(head), Stat(VmCounter.ThpSplitPage))); // DS-35, at priority 1
        Assert.Equal((0L, isPartial ? 1L : 0L), (Stat(VmCounter.PgLazyfreed), Stat(VmCounter.ThpDeferredSplitPage)));
        AssertSound();
    }

    /// <summary>One range of 512 small lazyfree pages.</summary>
    private Process Freed(bool drains = true)
    {
        Boot(Kernels.New, thread: false);
        Process task = Start();
        task.MapFilled(1);
        DrainBatches();
        task.Advise(Advice.Free, Range);
        if (drains)
        {
            DrainBatches();
            Assert.Equal(512, Node.Lru.Pages(LruKind.InactiveFile));
        }

        return task;
    }

    [Fact] // 4.6 step 8: who takes a reference after the last unmap keeps the folio from being freed
    public void A_lazyfree_page_that_is_held_after_its_unmap_is_kept()
    {
        Process task = Freed();
        TestProbe sharer = CreateTestProbe("sharer"); // stands for a further mm of the family; it is asked last
        Machine.Families.Add(task.Mm.Family, sharer.Ref);
        BeginReclaim(32);
        int held = -1;
        for (int step = 0; step < 1_000; step++)
        {
            AdvanceBy(TimeSpan.FromMicroseconds(100));
            if (sharer.HasMessages)
            {
                object walk = sharer.ReceiveOne(TimeSpan.Zero);
                if (walk is UnmapFolios unmap && held < 0)
                {
                    held = unmap.Batch[0].Head;
                    Folios.Get(held);
                }

                sharer.Reply(new FoliosWalked(walk is UnmapFolios last ? last.Batch : ((AgeFolios)walk).Batch));
            }
        }

        long freed = AwaitWrite().ReclaimedPages;
        Assert.Equal((freed, 512 - freed - 1), (Stat(VmCounter.PgLazyfreed), task.Mm.RssPages));
        Assert.Equal((0, FolioFlags.Lru), (Folios.MapCount(held), Folios.Flags(held) & FolioFlags.Lru));
        int free = Node.FreePages;
        Assert.True(Folios.Put(held));
        var work = new NodeWork();
        work.Freed.Add(held);
        Machine.Node.Tell(new DoWork(work, 0, 0), TestActor);
        Assert.Equal(free + 1, Node.FreePages);
        AssertSound();
    }

    /// <summary>One range of 512 small pages that parent and child share, not freed yet.</summary>
    private Process Shared(out Process child)
    {
        Boot(Kernels.New, thread: false);
        Process parent = Start();
        parent.MapFilled(1);
        DrainBatches();
        child = Fork(parent);
        return parent;
    }

    /// <summary>A THP by fault, given back whole.</summary>
    private Process FreedHuge()
    {
        Boot(Kernels.Old, new ThpSettings { Enabled = ThpEnabled.Always, ShrinkUnderused = false }, thread: false);
        Process task = Start();
        task.Map(1);
        WriteHuge(task, Range, 0, 512);
        task.Advise(Advice.Free, Range);
        DrainBatches();
        Assert.Equal((PmdState.Huge, 512L), (task.State(Range), Node.Lru.Pages(LruKind.InactiveFile)));
        return task;
    }
}
