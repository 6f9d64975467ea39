using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Actors.Tests.Collapse;

/// <summary>MADV_COLLAPSE in the calling task (khugepaged.md 2.11): what it ignores, what ends it, what it returns.</summary>
public class MadviseCollapseTests : KernelStage
{
    private static readonly long First = Process.Range(0);
    private static readonly long Second = Process.Range(1);
    private static readonly long Third = Process.Range(2);

    [Theory] // KH-44, KH-46a: sysfs is ignored, nothing is counted as referenced, nobody registers
    [InlineData(false)]
    [InlineData(true)]
    public void It_collapses_whatever_sysfs_says_and_traces_no_references(bool isNew)
    {
        Boot(Kernels.Of(isNew), new ThpSettings { Enabled = ThpEnabled.Never, MaxPtesNone = 0, MaxPtesShared = 0, MaxPtesSwap = 0 });
        Process task = Start();
        task.Map(1);
        task.Write(First, 3, 4);
        task.Table(First).Young = Bits512.None;
        Assert.Equal(Errno.None, Collapse(task));
        AssertCollapsed(task, First);
        Assert.All(Events.CollapseLines, static line => Assert.Equal((0, false), (line.Referenced, line.Flag)));
        Assert.Equal((511, 511), (Events.CollapseLines[0].NoneOrZero, Events.CollapseLines[2].NoneOrZero));
        Assert.Equal((1L, 0L), (Stat(VmCounter.ThpCollapseAlloc), Counters.PagesCollapsed));
        Assert.False(task.Mm.IsRegistered);
        Assert.Empty(Events.Of(KernelEventKind.Register));
        Assert.Equal((1L, 512L), (task.CountNonzero(First, 0, 512), task.Mm.RssPages));
    }

    [Fact] // KH-43: lru_add_drain_all comes first, so pages in an add batch do not matter
    public void Pages_in_add_batches_are_drained_first()
    {
        Boot(Kernels.Old);
        Process task = Start(cpu: 1);
        task.MapFilled(1);
        Assert.Equal(16, Node.PagesInAddBatches);
        Assert.Equal(Errno.None, Collapse(task));
        AssertCollapsed(task, First);
    }

    [Fact] // KH-45, KH-46a, ST-14: an already huge range counts as done
    public void An_already_huge_range_is_done()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(1);
        Assert.Equal(Errno.None, Collapse(task));
        Events.Clear();
        Assert.Equal(Errno.None, Collapse(task));
        KernelEvent line = Assert.Single(Events.CollapseLines);
        Assert.Equal((KernelEventKind.ScanPmd, ScanResult.PmdMapped, 0), (line.Kind, line.Status, line.Referenced));
        Assert.Equal((1, 1L), (task.Mm.HugeRanges, Stat(VmCounter.ThpCollapseAlloc)));
    }

    [Fact] // KH-46a, SM-24: also a fully lazyfree range, whatever VR-2 says
    public void A_lazyfree_range_becomes_ordinary_memory()
    {
        Boot(Kernels.New);
        Process task = Start();
        task.MapFilled(1);
        task.Advise(Advice.Free, First);
        DrainBatches();
        Assert.Equal(2048, task.LazyfreeKilobytes);
        Assert.Equal(Errno.None, Collapse(task));
        AssertCollapsed(task, First);
        Assert.Equal((0L, 512L), (task.LazyfreeKilobytes, task.CountNonzero(First, 0, 512)));
    }

    [Theory] // KH-43, KH-21: EINVAL without a trace line
    [InlineData("untouched")]
    [InlineData("nohugepage")]
    [InlineData("disabled")]
    public void An_area_that_is_not_eligible_is_EINVAL(string how)
    {
        Boot(Kernels.New);
        Process task = Start();
        task.Map(1);
        if (how != "untouched")
        {
            task.Write(First, 0, 512);
        }

        switch (how)
        {
            case "nohugepage":
                task.Advise(Advice.NoHugePage, First);
                break;
            case "disabled":
                task.Call(new DisableThp(true, 0));
                break;
        }

        Assert.Equal(Errno.Invalid, Collapse(task));
        Assert.Empty(Events.CollapseLines);
        Assert.Equal((0, 0L), (task.Mm.HugeRanges, Stat(VmCounter.ThpCollapseAlloc)));
    }

    [Theory] // KH-43, VR-17: a window without an aligned range
    [InlineData(false, Errno.Invalid)]
    [InlineData(true, Errno.None)]
    public void An_empty_window_is_EINVAL_or_0(bool isNew, Errno expected)
    {
        Boot(Kernels.Of(isNew));
        Process task = Start();
        task.MapFilled(1);
        RunProgram(task, new MadviseStep("region", Worlds.Pages(1, 512), Advice.Collapse));
        Assert.Equal(expected, AwaitCollapse());
        Assert.Empty(Events.CollapseLines);
    }

    [Fact] // KH-45: in 6.12 PMD_NONE ends the call
    public void Old_ends_at_an_unmapped_range()
    {
        Process task = StartWithHole(Kernels.Old);
        Assert.Equal(Errno.Invalid, Collapse(task, 3));
        Assert.Equal([(First, ScanResult.Succeed), (Second, ScanResult.PmdNone)], Scans());
        Assert.Equal(PmdState.Table, task.State(Third));
    }

    [Fact] // KH-45, VR-17: NO_PTE_TABLE is remembered and the call goes on
    public void New_goes_on_after_an_unmapped_range()
    {
        Process task = StartWithHole(Kernels.New);
        Assert.Equal(Errno.Invalid, Collapse(task, 3));
        Assert.Equal([(First, ScanResult.Succeed), (Second, ScanResult.NoPteTable), (Third, ScanResult.Succeed)], Scans());
        Assert.Equal(2, task.Mm.HugeRanges);
    }

    [Fact] // KH-46: ENOMEM; KH-45: it ends the call
    public void No_huge_page_is_ENOMEM()
    {
        Boot(Kernels.Old, mebibytes: 64);
        Process task = Start();
        task.MapFilled(2);
        while (Node.TryAllocateHuge(out _))
        {
        }

        Assert.Equal(Errno.NoMemory, Collapse(task, 2));
        Assert.Equal([(First, ScanResult.AllocHugePageFail)], Scans());
        Assert.Equal((0L, 1L), (Stat(VmCounter.ThpCollapseAlloc), Stat(VmCounter.ThpCollapseAllocFailed)));
        Assert.Equal([KernelEventKind.CollapseHugePage, KernelEventKind.ScanPmd], Events.CollapseLines.Select(static line => line.Kind));
    }

    [Fact] // KH-44, KH-46: an area armed for userfaultfd allows no none PTE: EBUSY
    public void A_none_pte_in_an_armed_area_is_EBUSY()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(2);
        task.AdvisePages(Advice.DontNeed, First, 9, 10);
        task.Mm.Vmas.Find(First)!.Flags |= VmaFlags.UffdArmed;
        Assert.Equal(Errno.Busy, Collapse(task, 2));
        Assert.Equal([(First, ScanResult.ExceedNonePte)], Scans());
        Assert.Equal(1, Stat(VmCounter.ThpScanExceedNonePte));
    }

    [Theory] // KH-46: EAGAIN, remembered while the call goes on (KH-45)
    [InlineData(ScanResult.PageLock)]
    [InlineData(ScanResult.PageCount)]
    [InlineData(ScanResult.PageLru)]
    [InlineData(ScanResult.DelPageLru)]
    public void A_busy_page_is_EAGAIN_and_the_call_goes_on(ScanResult expected)
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(2);
        DrainBatches();
        int pfn = task.Pfn(First, 50);
        if (expected == ScanResult.DelPageLru)
        {
            BeginCollapse(task, 2);
            AdvanceBy(RoundMachine.Drain + (RoundMachine.Scan / 2));
            Assert.True(Folios.TestClearLru(pfn));
        }
        else
        {
            Disturb(pfn, expected);
            BeginCollapse(task, 2);
        }

        Assert.Equal(Errno.Again, AwaitCollapse());
        Assert.Equal([(First, expected), (Second, ScanResult.Succeed)], Scans());
        Restore(pfn, expected);
        AssertSound();
    }

    [Fact] // KH-46: PAGE_RO is EINVAL, but the call goes on (KH-45); the last failure decides
    public void The_last_failure_decides_the_errno()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(4);
        DrainBatches();
        Folios.TryLock(task.Pfn(First, 0));
        task.Table(Second).Writable = Bits512.None;
        Folios.TryLock(task.Pfn(Process.Range(3), 0));
        Assert.Equal(Errno.Invalid, Collapse(task, 3));
        Assert.Equal([(First, ScanResult.PageLock), (Second, ScanResult.PageRo), (Third, ScanResult.Succeed)], Scans());
        Events.Clear();
        Assert.Equal(Errno.Again, Collapse(task, 4));
        Assert.Equal([ScanResult.PageLock, ScanResult.PageRo, ScanResult.PmdMapped, ScanResult.PageLock], Scans().Select(static scan => scan.Result));
    }

    [Fact] // user-tasks.md 5.4: a hole gives ENOMEM, after the mapped areas on both sides were done
    public void A_hole_is_ENOMEM_after_both_sides_were_collapsed()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(3);
        task.Call(new UnmapArea(Second, Third, 0));
        Assert.Equal(Errno.NoMemory, Collapse(task, 3));
        Assert.Equal([(First, ScanResult.Succeed), (Third, ScanResult.Succeed)], Scans());
        Assert.Equal(2, task.Mm.HugeRanges);
        AssertSound();
    }

    [Fact] // KH-43, KH-44: madvise goes from area to area; one that forbids huge pages ends the call
    public void An_area_without_huge_pages_ends_the_call()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(3);
        task.Advise(Advice.NoHugePage, Second);
        Assert.Equal(Errno.Invalid, Collapse(task, 3));
        Assert.Equal([(First, ScanResult.Succeed)], Scans());
        AssertSound();
    }

    [Fact] // KH-43: the lock was dropped, and the area is revalidated before the next range: failure ends the call
    public void Unmapping_the_rest_meanwhile_ends_the_call_with_EINVAL()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(2);
        BeginCollapse(task, 2);
        task.Call(new UnmapArea(Second, Third, 0));
        Assert.Equal(Errno.Invalid, AwaitCollapse());
        Assert.Equal([(First, ScanResult.Succeed)], Scans());
        Assert.Equal(1, task.Mm.HugeRanges);
        AssertSound();
    }

    [Fact] // KH-46: everything else is EINVAL and ends the call
    public void A_poisoned_page_is_EINVAL_and_ends_the_call()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(2);
        Folios.SetFlags(task.Pfn(First, 50), FolioFlags.HwPoison);
        Assert.Equal(Errno.Invalid, Collapse(task, 2));
        Assert.Equal([(First, ScanResult.CopyMc)], Scans());
        Assert.Equal(0, task.Mm.HugeRanges);
        AssertSound();
    }

    private Process StartWithHole(KernelSwitches switches)
    {
        Boot(switches);
        Process task = Start();
        task.Map(3);
        task.Write(First, 0, 512);
        task.Write(Third, 0, 512);
        return task;
    }

    private void Disturb(int pfn, ScanResult how)
    {
        _ = how == ScanResult.PageLock && Folios.TryLock(pfn);
        _ = how == ScanResult.PageLru && Folios.TestClearLru(pfn);
        if (how == ScanResult.PageCount)
        {
            Folios.Get(pfn);
        }
    }

    private void Restore(int pfn, ScanResult how)
    {
        Folios.Unlock(pfn);
        Folios.SetFlags(pfn, FolioFlags.Lru);
        if (how == ScanResult.PageCount)
        {
            Folios.Put(pfn);
        }
    }

    private IEnumerable<(long Range, ScanResult Result)> Scans() =>
        Events.Of(KernelEventKind.ScanPmd).Select(static line => (line.Address, line.Status));
}
