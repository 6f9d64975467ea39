using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Actors.Tests.SelfTest;

/// <summary>MADV_FREE before the scan: what OLD collapses and NEW leaves alone (ST-30…34, ST-51…54).</summary>
public class LazyfreeCaseTests : KernelStage
{
    private static readonly long First = Process.Range(0);
    private static readonly int[] Strides = [1, 2, 4, 16, 64, 256];

    [Theory] // ST-30, KH-29: everything freed, nothing touched
    [InlineData(false, ScanResult.LackReferencedPage, 512L)]
    [InlineData(true, ScanResult.PageLazyfree, 1L)]
    public void An_untouched_lazyfree_range_is_not_collapsed(bool isNew, ScanResult expected, long charge)
    {
        Process task = StartFreed(Kernels.Of(isNew));
        KernelEvent line = ScanOnce(task);
        Assert.Equal((expected, charge, 0), (line.Status, line.Amount, line.Referenced));
        Assert.Equal(2048, task.LazyfreeKilobytes);
    }

    [Fact] // ST-31, KH-29a: one read is enough for OLD; KH-41: nothing is inherited
    public void Old_collapses_a_lazyfree_range_of_which_one_page_was_read()
    {
        Process task = StartFreed(Kernels.Old);
        task.Read(First, 100, 101);
        KernelEvent line = ScanOnce(task);
        Assert.Equal((ScanResult.Succeed, 1), (line.Status, line.Referenced));
        AssertCollapsed(task, First);
        Assert.Equal((0L, 512L), (task.LazyfreeKilobytes, task.CountNonzero(First, 0, 512)));
        int head = task.Mm.Directory.Find(First).Huge!.Head;
        Assert.Equal(FolioFlags.SwapBacked | FolioFlags.Lru, Folios.Flags(head) & ~(FolioFlags.LargeMapped | FolioFlags.DeferredQueued));
        Assert.Equal(head, Node.Lru.Head(LruKind.InactiveAnon));
        Assert.Equal([head], SplitQueue.Heads);
        Assert.Equal(0, Stat(VmCounter.ThpDeferredSplitPage));
    }

    [Fact] // ST-32, ST-33: NEW leaves it alone until its pages are written
    public void New_collapses_a_lazyfree_range_only_after_it_was_rewritten()
    {
        Process task = StartFreed(Kernels.New);
        task.Read(First, 100, 101);
        KernelEvent line = ScanOnce(task);
        Assert.Equal((ScanResult.PageLazyfree, 1L, 2048L), (line.Status, line.Amount, task.LazyfreeKilobytes));
        task.Write(First, 0, 512, 9);
        Events.Clear();
        RunPasses(1);
        Assert.Equal(ScanResult.Succeed, Events.Last(KernelEventKind.ScanPmd).Status);
        AssertCollapsed(task, First);
        Assert.Equal(512, task.CountNonzero(First, 0, 512));
    }

    [Theory] // ST-51: all freed, then every k-th page rewritten, one written, all read, one read, none
    [InlineData(false)]
    [InlineData(true)]
    public void Ten_freed_ranges_touched_in_ten_ways(bool skips)
    {
        Boot(skips ? Kernels.Lab : Kernels.Old, new ThpSettings { PagesToScan = 8192 });
        Process task = Start();
        task.MapFilled(10);
        task.Advise(Advice.Free, First, 10);
        for (int range = 0; range < Strides.Length; range++)
        {
            for (int page = 0; page < 512; page += Strides[range])
            {
                task.Write(Process.Range(range), page, page + 1, 9);
            }
        }

        task.Write(Process.Range(6), 0, 1, 9);
        task.Read(Process.Range(7), 0, 512);
        task.Read(Process.Range(8), 0, 1);
        AdviseHuge(task, First, 10);
        FinishPass();
        KernelEvent[] lines = [.. Events.Of(KernelEventKind.ScanPmd)];
        int[] touched = [512, 256, 128, 32, 8, 2, 1, 512, 1];
        Assert.Equal(
            skips ? [ScanResult.Succeed, .. Enumerable.Repeat(ScanResult.PageLazyfree, 9)]
                : [.. Enumerable.Repeat(ScanResult.Succeed, 9), ScanResult.LackReferencedPage],
            lines.Select(static line => line.Status));
        Assert.Equal(
            skips ? [512, 2, 2, 2, 2, 2, 2, 1, 1, 1] : Enumerable.Repeat(512L, 10),
            lines.Select(static line => line.Extra));
        if (!skips)
        {
            Assert.Equal([.. touched, 0], lines.Select(static line => line.Referenced));
        }

        AssertSound();
    }

    [Theory] // ST-52: 1, 64, 256 pages freed at the head, the tail, the middle
    [InlineData(false)]
    [InlineData(true)]
    public void Partly_freed_ranges(bool skips)
    {
        Boot(skips ? Kernels.Lab : Kernels.Old, new ThpSettings { PagesToScan = 8192 });
        Process task = Start();
        task.MapFilled(9);
        DrainBatches();
        (int First, int Count)[] freed =
        [
            (0, 1), (0, 64), (0, 256), (511, 1), (448, 64), (256, 256), (255, 1), (224, 64), (128, 256),
        ];
        for (int range = 0; range < freed.Length; range++)
        {
            task.AdvisePages(Advice.Free, Process.Range(range), freed[range].First, freed[range].First + freed[range].Count);
        }

        AdviseHuge(task, First, 9);
        FinishPass();
        KernelEvent[] lines = [.. Events.Of(KernelEventKind.ScanPmd)];
        Assert.All(lines, line => Assert.Equal(skips ? ScanResult.PageLazyfree : ScanResult.Succeed, line.Status));
        Assert.Equal(
            skips ? [1, 1, 1, 512, 449, 257, 256, 225, 129] : Enumerable.Repeat(512L, 9), lines.Select(static line => line.Extra));
        Assert.Equal(
            freed.Select(window => skips ? window.First : 512 - window.Count), lines.Select(static line => line.Referenced));
        Assert.Equal(963, Stat(VmCounter.PgLazyfree));
    }

    [Theory] // ST-53: dirty / freed / freed + 1 read / freed + 1 written / freed + all read, droppable and private
    [InlineData(LazyfreeHandling.Collapse)]
    [InlineData(LazyfreeHandling.Skip)]
    [InlineData(LazyfreeHandling.SkipExceptDroppable)]
    public void Droppable_and_private_regions(LazyfreeHandling handling)
    {
        Boot(Kernels.Lab with { Lazyfree = handling }, new ThpSettings { PagesToScan = 16384 });
        Process task = Start();
        foreach (bool droppable in (bool[])[false, true])
        {
            long region = task.Map(5, droppable);
            long At(int range) => region + ((long)range << 21);
            task.Fill(region, 5);
            DrainBatches();
            task.Advise(Advice.Free, At(1), 4);
            task.Read(At(2), 0, 1);
            task.Write(At(3), 0, 1, 9);
            task.Read(At(4), 0, 512);
        }

        DrainBatches();
        Assert.Equal(2048, Stat(VmCounter.PgLazyfree));
        AdviseHuge(task, First, 5);
        task.Advise(Advice.HugePage, First + (1L << 30), 5);
        FinishPass();
        (ScanResult, long, int)[] collapsed =
        [
            (ScanResult.Succeed, 512, 512), (ScanResult.LackReferencedPage, 512, 0), (ScanResult.Succeed, 512, 1),
            (ScanResult.Succeed, 512, 1), (ScanResult.Succeed, 512, 512),
        ];
        (ScanResult, long, int)[] skipped =
        [
            (ScanResult.Succeed, 512, 512), (ScanResult.PageLazyfree, 1, 0), (ScanResult.PageLazyfree, 1, 0),
            (ScanResult.PageLazyfree, 2, 1), (ScanResult.PageLazyfree, 1, 0),
        ];
        Assert.Equal(
            [.. handling == LazyfreeHandling.Collapse ? collapsed : skipped, .. handling == LazyfreeHandling.Skip ? skipped : collapsed],
            Events.Of(KernelEventKind.ScanPmd).Select(static line => (line.Status, line.Extra, line.Referenced)));
        Assert.False(Folios.Has(task.Mm.Directory.Find(First + (1L << 30)).Huge!.Head, FolioFlags.SwapBacked));
        AssertSound();
    }

    [Fact] // ST-54, UT-21a: whole-THP MADV_FREE, and part of one
    public void Freed_huge_pages()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(4);
        Assert.Equal(Protocol.Errno.None, Collapse(task, 4));
        long At(int range) => Process.Range(range);
        task.Advise(Advice.Free, At(0));
        task.AdvisePages(Advice.Free, At(1), 0, 1);
        task.AdvisePages(Advice.Free, At(1), 256, 512);
        task.Advise(Advice.Free, At(2), 2);
        task.Write(At(2), 17, 18, 9);
        task.Read(At(3), 17, 18);
        DrainBatches();
        Assert.Equal((1L, 1L), (Stat(VmCounter.ThpSplitPage), Stat(VmCounter.ThpSplitPmd)));
        Assert.Equal((3 * 512) + 257, Stat(VmCounter.PgLazyfree));
        Assert.Equal(2048 + (257 * 4) + 2048, task.LazyfreeKilobytes);
        Assert.Equal((3, 3), (task.Mm.HugeRanges, SplitQueue.Length));
        Assert.All([0, 2, 3], range => Assert.False(Folios.Has(task.Mm.Directory.Find(At(range)).Huge!.Head, FolioFlags.SwapBacked)));
        Assert.Equal(255, Enumerable.Range(0, 512).Count(index => Folios.Has(task.Pfn(At(1), index), FolioFlags.SwapBacked)));
        Assert.Equal(255, task.Table(At(1)).Young.Count());
        Events.Clear();
        AdviseHuge(task, First, 4);
        FinishPass();
        Assert.Equal(
            [(ScanResult.PmdMapped, 0), (ScanResult.Succeed, 255), (ScanResult.PmdMapped, 0), (ScanResult.PmdMapped, 0)],
            Events.Of(KernelEventKind.ScanPmd).Select(static line => (line.Status, line.Referenced)));
        Assert.Equal(2 * 2048, task.LazyfreeKilobytes);
        Assert.Equal(2048, Enumerable.Range(0, 4).Sum(range => task.CountNonzero(At(range), 0, 512)));
        AssertSound();
    }

    private Process StartFreed(KernelSwitches switches)
    {
        Boot(switches);
        Process task = Start();
        task.MapFilled(1);
        task.Advise(Advice.Free, First);
        DrainBatches();
        return task;
    }

    private KernelEvent ScanOnce(Process task)
    {
        AdviseHuge(task, First);
        FinishPass();
        return Assert.Single(Events.Of(KernelEventKind.ScanPmd));
    }
}
