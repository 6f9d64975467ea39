using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Actors.Tests.Compaction;

/// <summary>32 MiB in which every 2 MiB block is half in use, page by page: an order-9 page can only be had by moving pages.</summary>
public sealed class DirectCompactionTests : KernelStage
{
    private const int Ranges = 6;
    private static readonly long First = Process.Range(0);
    private readonly List<int> _pinned = [];

    [Theory] // RC-8, UT-41, UT-43: for khugepaged, and for MADV_COLLAPSE
    [InlineData(true)]
    [InlineData(false)]
    public void A_collapse_without_a_free_block_makes_one(bool khugepaged)
    {
        Process task = Fragment(new ThpSettings());
        int free = Node.FreePages;
        if (khugepaged)
        {
            AdviseHuge(task, First);
            FinishPass();
        }
        else
        {
            Assert.Equal(Errno.None, Collapse(task));
        }

        Assert.Equal(1, task.Mm.HugeRanges);
        Assert.Equal((1L, 1L, 0L), Compactions());
        Assert.Equal(Stat(VmCounter.CompactIsolated), Stat(VmCounter.PgMigrateSuccess));
        KernelEvent compacted = Assert.Single(Events.Of(KernelEventKind.Compacted));
        Assert.True(compacted.Flag);
        Assert.InRange(compacted.Amount, 1, 256); // half of a block, or what little the last block in use holds
        Assert.Equal(compacted.Amount, Stat(VmCounter.PgMigrateSuccess));
        Assert.Equal(free, Node.FreePages);
        for (int range = 0; range < Ranges; range++)
        {
            Assert.Equal(512, task.CountNonzero(Process.Range(range), 0, 512));
        }
    }

    [Fact] // KH-34: without defrag only what is free now
    public void Without_defrag_nothing_is_moved()
    {
        Process task = Fragment(new ThpSettings { KhugepagedDefrag = false, AllocSleepMillisecs = 1 });
        AdviseHuge(task, First);
        FinishPass();
        Assert.Equal(ScanResult.AllocHugePageFail, Events.Last(KernelEventKind.ScanPmd).Status);
        Assert.Equal((0L, 0L, 0L), Compactions());
    }

    [Fact] // RC-8: compaction, one reclaim, compaction once more, then it fails; RC-9: the second is deferred
    public void Where_no_block_can_be_emptied_the_request_fails()
    {
        Process task = Fragment(new ThpSettings(), pinsEveryBlock: true);
        Assert.Equal(Errno.NoMemory, Collapse(task));
        Assert.Equal((2L, 0L, 2L), Compactions());
        Assert.Equal([-1, -1], Events.Of(KernelEventKind.Compacted).Select(static line => line.Pfn));
        Assert.Equal(0, Stat(VmCounter.CompactIsolated));
        Assert.Equal(512, task.CountNonzero(First, 0, 512));
        _pinned.ForEach(pfn => Assert.False(Folios.Put(pfn)));
    }

    [Fact] // RC-9: 1024 pages above low are missing; the call then reclaims, and finds nothing
    public void Without_room_compaction_is_skipped()
    {
        Process task = Fragment(new ThpSettings { AllocSleepMillisecs = 1 });
        var taken = new int[Node.FreePages - Node.Marks.Low - 600];
        Assert.True(Node.TryAllocatePages(taken));
        Node.DrainFreePages();
        AdviseHuge(task, First);
        FinishPass();
        Assert.Equal(ScanResult.AllocHugePageFail, Events.Last(KernelEventKind.ScanPmd).Status);
        Assert.Equal((0L, 0L, 0L), Compactions());
        Assert.Single(Events.Of(KernelEventKind.ReclaimBegin));
        Node.Return(taken);
    }

    [Fact] // RC-14, RC-20: the reclaim for an order-9 page goes beyond its 32 pages, until compaction has room; then it makes the block
    public void Reclaim_makes_room_for_compaction()
    {
        Process task = Fragment(new ThpSettings());
        task.Advise(Advice.Free, Process.Range(1), Ranges - 1);
        DrainBatches();
        int missing = 500;
        var taken = new int[Node.FreePages - Node.Marks.Low - (2 * 512) + missing];
        Assert.True(Node.TryAllocatePages(taken));
        Node.DrainFreePages();
        AdviseHuge(task, First);
        FinishPass();
        Assert.Equal(ScanResult.Succeed, Events.Last(KernelEventKind.ScanPmd).Status);
        Assert.Equal((1L, 1L, 0L), Compactions());
        Assert.InRange(Stat(VmCounter.PgLazyfreed), missing - 100, missing + 100);
        Assert.Equal(512, task.CountNonzero(First, 0, 512));
        Node.Return(taken);
    }

    [Fact] // UT-3, RC-8: __GFP_NORETRY gives up where compaction cannot run; no reclaim
    public void An_unadvised_fault_gives_up_early()
    {
        Process task = Fragment(new ThpSettings { Enabled = ThpEnabled.Always, Defrag = ThpDefrag.Always });
        var taken = new int[Node.FreePages - Node.Marks.Low - 600];
        Assert.True(Node.TryAllocatePages(taken));
        Node.DrainFreePages();
        long fresh = task.Map(1);
        task.Write(fresh, 0, 1);
        Assert.Equal(1, Stat(VmCounter.ThpFaultFallback));
        Assert.Empty(Events.Of(KernelEventKind.ReclaimBegin));
        Node.Return(taken);
    }

    [Fact] // a page that its owner frees while it is on its way makes the block fail; nothing is lost
    public void A_page_freed_while_it_moves_is_gone()
    {
        Process task = Fragment(new ThpSettings());
        AdviseHuge(task, Process.Range(1));
        while (Stat(VmCounter.CompactStall) == 0)
        {
            AdvanceBy(TimeSpan.FromMicroseconds(20));
        }

        Assert.Empty(Events.Of(KernelEventKind.Compacted));
        task.Advise(Advice.DontNeed, First, 1);
        FinishPass();
        Assert.Equal(1, task.Mm.HugeRanges);
        Assert.Equal(0, task.CountNonzero(First, 0, 512));
        Assert.Equal(512, task.CountNonzero(Process.Range(1), 0, 512));
    }

    [Fact] // mem_cgroup_migrate: the charge moves with the page; at no moment is it there twice
    public void Destinations_count_against_no_limit()
    {
        Process task = Fragment(new ThpSettings(), inGroup: true);
        long fresh = task.Map(1);
        Memcg group = Node.Memcgs[1];
        long usage = group.Usage;
        group.Limits = group.Limits with { MaxPages = usage + 24 };
        AdviseHuge(task, First);
        while (Stat(VmCounter.CompactStall) == 0)
        {
            AdvanceBy(TimeSpan.FromMicroseconds(20));
        }

        Assert.True(Node.IsolatedPages > 0);
        Assert.Equal(usage, group.Usage);
        task.Post(task.Store(fresh, 0, 20));
        AdvanceBy(TimeSpan.FromMicroseconds(30));
        Assert.False(task.IsWaiting);
        Assert.Equal(0, group[MemcgEvent.Max]);
    }

    /// <summary>Two processes write page by page in turn, one of them frees its own again – but for a pinned page in each block,
    /// if so wanted – and what is left in whole blocks is held by the test.</summary>
    private Process Fragment(ThpSettings thp, bool pinsEveryBlock = false, bool inGroup = false)
    {
        bool always = thp.Enabled == ThpEnabled.Always;
        Boot(Kernels.New, always ? thp with { Enabled = ThpEnabled.Madvise } : thp, mebibytes: 32,
            groups: inGroup ? [new CgroupSpec("g", new MemcgLimits())] : []);
        Process task = Start();
        task.Mm.Memcg = inGroup ? 1 : 0;
        Process neighbour = Start("neighbour");
        task.Map(Ranges);
        neighbour.Map(Ranges);
        for (int page = 0; page < Ranges * 512; page++)
        {
            task.Write(Process.Range(page / 512), page % 512, (page % 512) + 1);
            neighbour.Write(Process.Range(page / 512), page % 512, (page % 512) + 1);
        }

        DrainBatches();
        for (int window = 0; window < Ranges * 8; window++)
        {
            (long range, int first) = (Process.Range(window / 8), window % 8 * 64);
            if (pinsEveryBlock)
            {
                _pinned.Add(neighbour.Table(range).Pfns[first]);
                Folios.Get(_pinned[^1]);
            }

            neighbour.AdvisePages(Advice.DontNeed, range, pinsEveryBlock ? first + 1 : first, first + 64);
        }

        if (pinsEveryBlock)
        {
            _pinned.Add(task.Table(Process.Range(Ranges - 1)).Pfns[511]); // in the last block in use
            Folios.Get(_pinned[^1]);
        }

        TakeWholeBlocks();
        Node.DrainFreePages();
        TakeWholeBlocks();
        Machine.Thp = thp;
        return task;
    }

    private void TakeWholeBlocks()
    {
        while (Node.TryAllocateHuge(out _))
        {
        }
    }

    private (long Stall, long Success, long Fail) Compactions() =>
        (Stat(VmCounter.CompactStall), Stat(VmCounter.CompactSuccess), Stat(VmCounter.CompactFail));
}
