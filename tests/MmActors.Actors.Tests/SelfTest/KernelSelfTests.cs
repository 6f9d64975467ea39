using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;

namespace MmActors.Actors.Tests.SelfTest;

/// <summary>The kernel's own khugepaged self-test for anonymous memory, as far as it needs no swap; the trace figures
/// are those of the recorded kernel (ST-16).</summary>
public class KernelSelfTests : SelfTestStage
{
    [Fact] // ST-1, ST-1b
    public void Alloc_at_fault_and_the_split_of_its_PMD()
    {
        Boot(Kernels.Old, Environment with { Enabled = Model.Settings.ThpEnabled.Always });
        Process task = Start();
        task.Map(1);
        WriteHuge(task, Region, 0, 1);
        Assert.Equal((1, 512L), (task.Mm.HugeRanges, task.Mm.RssPages));
        Machine.Thp = Environment;
        task.AdvisePages(Advice.DontNeed, Region, 0, 1);
        Assert.Equal((0, 511L, 511), (task.Mm.HugeRanges, task.Mm.RssPages, task.Table(Region).Present.Count()));
        Assert.Equal((1L, 1L), (Stat(VmCounter.ThpSplitPmd), Stat(VmCounter.ThpDeferredSplitPage)));
    }

    [Theory] // ST-2
    [InlineData(Procedure.K, false)]
    [InlineData(Procedure.M, false)]
    [InlineData(Procedure.K, true)]
    [InlineData(Procedure.M, true)]
    public void Full(Procedure procedure, bool isNew)
    {
        Process task = StartFilled(isNew, 4, 0, 2048);
        KernelEvent line = AssertProcedure(procedure, task, 4, expected: true);
        AssertLine(line, ScanResult.Succeed, 512, 0);
        Assert.Equal(2048, Enumerable.Range(0, 4).Sum(range => task.CountNonzero(Process.Range(range), 0, 512)));
    }

    [Theory] // ST-3: no anon_vma
    [InlineData(Procedure.K, false)]
    [InlineData(Procedure.M, false)]
    [InlineData(Procedure.M, true)]
    public void Empty(Procedure procedure, bool isNew)
    {
        Process task = StartFilled(isNew, 1, 0, 0);
        AssertProcedure(procedure, task, 1, expected: false);
        Assert.False(task.Mm.IsRegistered);
        Assert.Empty(Events.CollapseLines);
    }

    [Theory] // ST-4
    [InlineData(Procedure.K, false)]
    [InlineData(Procedure.M, false)]
    [InlineData(Procedure.K, true)]
    [InlineData(Procedure.M, true)]
    public void Single(Procedure procedure, bool isNew)
    {
        Process task = StartFilled(isNew, 1, 0, 1);
        AssertLine(AssertProcedure(procedure, task, 1, expected: true), ScanResult.Succeed, 1, 511);
        Assert.Equal((1L, 512L), (task.CountNonzero(Region, 0, 512), task.Mm.RssPages));
    }

    [Theory] // ST-5, ST-5b: 257 and 256 none with max_ptes_none = 256
    [InlineData(Procedure.K, 255, false, ScanResult.ExceedNonePte)]
    [InlineData(Procedure.M, 255, true, ScanResult.Succeed)]
    [InlineData(Procedure.K, 256, true, ScanResult.Succeed)]
    public void Max_ptes_none(Procedure procedure, int filled, bool expected, ScanResult status)
    {
        Boot(Kernels.Old, Environment with { MaxPtesNone = 256 });
        Process task = Start();
        task.Map(1);
        task.Write(Region, 0, filled);
        AssertLine(AssertProcedure(procedure, task, 1, expected), status, filled, 512 - filled);
        long attempts = Events.Of(KernelEventKind.ScanPmd).Count(static line => line.Status == ScanResult.ExceedNonePte);
        Assert.Equal(attempts, Stat(VmCounter.ThpScanExceedNonePte));
        Assert.Equal(filled, task.CountNonzero(Region, 0, 512));
    }

    [Theory] // ST-8: one PTE maps a subpage of an order-9 folio
    [InlineData(Procedure.K, false)]
    [InlineData(Procedure.M, false)]
    [InlineData(Procedure.K, true)]
    [InlineData(Procedure.M, true)]
    public void Single_pte_entry_compound(Procedure procedure, bool isNew)
    {
        Process task = StartWithHugePage(Kernels.Of(isNew));
        task.Advise(Advice.NoHugePage, Region);
        task.AdvisePages(Advice.DontNeed, Region, 1, 512);
        AssertLine(AssertProcedure(procedure, task, 1, expected: true), ScanResult.Succeed, 1, 511);
        Assert.Equal(1, task.CountNonzero(Region, 0, 512));
        Assert.Equal(1, SplitQueue.Length);
    }

    [Theory] // ST-9: 512 PTEs map one order-9 folio
    [InlineData(Procedure.K, false)]
    [InlineData(Procedure.M, false)]
    [InlineData(Procedure.K, true)]
    [InlineData(Procedure.M, true)]
    public void Full_of_compound_pages(Procedure procedure, bool isNew)
    {
        Process task = StartWithHugePage(Kernels.Of(isNew));
        SplitPmd(task);
        AssertLine(AssertProcedure(procedure, task, 1, expected: true), ScanResult.Succeed, 512, 0);
        Assert.Equal(512, task.CountNonzero(Region, 0, 512));
    }

    [Theory] // ST-11: a shared page and one of the child's own
    [InlineData(Procedure.K, false)]
    [InlineData(Procedure.M, false)]
    [InlineData(Procedure.K, true)]
    [InlineData(Procedure.M, true)]
    public void Fork_single(Procedure procedure, bool isNew)
    {
        Process parent = StartFilled(isNew, 1, 0, 1);
        Process child = Fork(parent);
        child.Write(Region, 1, 2);
        AssertLine(AssertProcedure(procedure, child, 1, expected: true), ScanResult.Succeed, 1, 510);
        Assert.Equal(2, child.CountNonzero(Region, 0, 512));
        Assert.Equal((0, 1L, 1L), (parent.Mm.HugeRanges, parent.Mm.RssPages, parent.CountNonzero(Region, 0, 512)));
    }

    [Theory] // ST-12: 511 shared subpages within max_ptes_shared = 511
    [InlineData(Procedure.K, false)]
    [InlineData(Procedure.M, false)]
    [InlineData(Procedure.K, true)]
    [InlineData(Procedure.M, true)]
    public void Fork_compound(Procedure procedure, bool isNew)
    {
        Process parent = StartWithHugePage(Kernels.Of(isNew), Environment with { MaxPtesShared = 511 });
        Process child = Fork(parent);
        Assert.Equal(1, child.Mm.HugeRanges);
        SplitPmd(child);
        child.Write(Region, 0, 1, 9);
        AssertLine(AssertProcedure(procedure, child, 1, expected: true), ScanResult.Succeed, 1, 0);
        Assert.Equal((1, 512L), (parent.Mm.HugeRanges, parent.CountNonzero(Region, 0, 512)));
        Assert.Equal(512, child.CountNonzero(Region, 0, 512));
    }

    [Theory] // ST-13, ST-13b: 257 and 256 shared subpages with max_ptes_shared = 256
    [InlineData(Procedure.K, 255, false, ScanResult.ExceedSharedPte, false)]
    [InlineData(Procedure.M, 255, true, ScanResult.Succeed, false)]
    [InlineData(Procedure.K, 256, true, ScanResult.Succeed, false)]
    [InlineData(Procedure.K, 255, false, ScanResult.ExceedSharedPte, true)]
    [InlineData(Procedure.M, 255, true, ScanResult.Succeed, true)]
    [InlineData(Procedure.K, 256, true, ScanResult.Succeed, true)]
    public void Max_ptes_shared(Procedure procedure, int copied, bool expected, ScanResult status, bool isNew)
    {
        Process parent = StartWithHugePage(Kernels.Of(isNew));
        Process child = Fork(parent);
        child.Write(Region, 0, copied, 9);
        Assert.Equal((0, 1L), (child.Mm.HugeRanges, Stat(VmCounter.ThpSplitPmd)));
        AssertLine(AssertProcedure(procedure, child, 1, expected), status, copied, 0);
        long attempts = Events.Of(KernelEventKind.ScanPmd).Count(static line => line.Status == ScanResult.ExceedSharedPte);
        Assert.Equal(attempts, Stat(VmCounter.ThpScanExceedSharePte));
        Assert.Equal((1, 512L), (parent.Mm.HugeRanges, parent.CountNonzero(Region, 0, 512)));
        Assert.Equal(512, child.CountNonzero(Region, 0, 512));
    }

    [Theory] // ST-14
    [InlineData(false)]
    [InlineData(true)]
    public void Collapse_of_an_existing_THP(bool isNew)
    {
        Process task = StartFilled(isNew, 1, 0, 512);
        AssertProcedure(Procedure.M, task, 1, expected: true);
        task.Advise(Advice.HugePage, Region);
        Assert.Equal(Protocol.Errno.None, Collapse(task));
        Assert.Equal((1, PmdState.Huge), (task.Mm.HugeRanges, task.State(Region)));
    }

    private Process StartFilled(bool isNew, int ranges, int first, int end)
    {
        Boot(Kernels.Of(isNew), Environment);
        Process task = Start();
        task.Map(ranges);
        for (int range = 0; range * 512 < end; range++)
        {
            task.Write(Process.Range(range), first, Math.Min(512, end - (range * 512)));
        }

        return task;
    }
}
