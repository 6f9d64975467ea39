using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Actors.Tests.Races;

/// <summary>KH-36: the area changes under a collapse. Revalidation at C2 or C4 finds it (KH-33).</summary>
public class AreaRaceTests : RaceStage
{
    [Theory] // KH-36 munmap; KH-33: no area at or above the address
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Unmapping_the_only_area_is_vma_null(RaceWindow window)
    {
        EnterWindow(window);
        Task.Post(new UnmapArea(Range, RangeEnd, 0));
        Assert.Equal(window == RaceWindow.W2, Task.Mm.Vmas.Find(Range) is not null);
        FinishPass();
        Assert.Equal(Errno.None, Task.Answer().Errno);
        AssertFailedAttempt(ScanResult.VmaNull, atIsolate: false);
        Assert.Equal(FreeBefore + 512 + 2, Node.FreePages); // its page tables too
    }

    [Theory] // KH-36 munmap; KH-33: the area found lies above the range
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Unmapping_below_another_area_is_address_range(RaceWindow window)
    {
        EnterWindow(window);
        Task.Post(Task.MapAt(Process.Range(4), Geometry.PmdSize));
        Task.Post(new UnmapArea(Range, RangeEnd, 0));
        FinishPass();
        AssertFailedAttempt(ScanResult.AddressRange, atIsolate: false);
        Assert.Equal(FreeBefore + 512 + 1, Node.FreePages); // its page table too; the page above is still needed
    }

    [Theory] // KH-36 munmap of a part; KH-33: the range no longer fits
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Unmapping_the_last_page_is_address_range(RaceWindow window)
    {
        EnterWindow(window);
        Task.Post(new UnmapArea(RangeEnd - Geometry.PageSize, RangeEnd, 0));
        FinishPass();
        AssertFailedAttempt(ScanResult.AddressRange, atIsolate: false);
        Assert.Equal(511, Task.Table(Range).Present.Count());
    }

    [Theory] // KH-36 remap; KH-33: a new area without VM_HUGEPAGE is not eligible
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Replacing_the_mapping_is_vma_check(RaceWindow window)
    {
        EnterWindow(window);
        Task.Post(new UnmapArea(Range, RangeEnd, 0));
        Task.Post(Task.MapAt(Range, Geometry.PmdSize));
        FinishPass();
        AssertFailedAttempt(ScanResult.VmaCheck, atIsolate: false);
        Assert.Equal(0, Task.Mm.RssPages);
    }

    [Theory] // KH-36 remap; KH-33: an eligible area without anon_vma
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Replacing_the_mapping_by_an_untouched_advised_one_is_page_anon(RaceWindow window)
    {
        EnterWindow(window);
        Task.Post(new UnmapArea(Range, RangeEnd, 0));
        Task.Post(Task.MapAt(Range, Geometry.PmdSize));
        Task.Post(Task.Advice(Advice.HugePage, Range, 0, 512));
        FinishPass();
        AssertFailedAttempt(ScanResult.PageAnon, atIsolate: false);
        Assert.Equal(0, Task.Mm.RssPages);
    }

    [Fact] // KH-36 remap in W1: C2 looks everything up again, so the new mapping is collapsed
    public void A_replacement_that_is_touched_before_C2_is_collapsed_instead()
    {
        EnterWindow(RaceWindow.W1);
        Task.Call(new UnmapArea(Range, RangeEnd, 0));
        Task.Call(Task.MapAt(Range, Geometry.PmdSize));
        Task.Write(Range, 5, 6);
        Task.Advise(Advice.HugePage, Range);
        DrainBatches();
        FinishPass();
        AssertCollapsed(Task, Range);
        Assert.Equal(1, Task.CountNonzero(Range, 0, 512));
    }

    [Theory] // 2.8 C4: the PMD pointer of C2 is gone with its page of entries, unless a neighbour keeps that page alive
    [InlineData(false, ScanResult.Fail)]
    [InlineData(true, ScanResult.Succeed)]
    public void A_replacement_that_is_touched_in_W2_has_another_PMD_pointer(bool hasNeighbour, ScanResult expected)
    {
        EnterWindow(RaceWindow.W2);
        if (hasNeighbour)
        {
            Task.Post(Task.MapAt(Process.Range(4), Geometry.PmdSize));
        }

        Task.Post(new UnmapArea(Range, RangeEnd, 0));
        Task.Post(Task.MapAt(Range, Geometry.PmdSize));
        Task.Post(Task.Advice(Advice.PopulateWrite, Range, 0, 256));
        Task.Post(Task.Advice(Advice.HugePage, Range, 0, 512));
        FinishPass();
        Assert.Equal(expected, Events.Last(KernelEventKind.ScanPmd).Status);
        Assert.Equal(expected == ScanResult.Succeed ? 1 : 0, Task.Mm.HugeRanges);
        Assert.Equal(expected == ScanResult.Succeed ? 512 : 256, Task.Mm.RssPages);
        Assert.Equal(0, UserAccess.CountNonzero(Task.Mm, Range, Bits512.All));
        AssertSound();
    }

    [Theory] // KH-36 MADV_NOHUGEPAGE
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void MADV_NOHUGEPAGE_is_vma_check(RaceWindow window)
    {
        EnterWindow(window);
        Task.Post(Task.Advice(Advice.NoHugePage, Range, 0, 512));
        FinishPass();
        AssertRolledBack(ScanResult.VmaCheck, Before, atIsolate: false);
    }

    [Theory] // KH-36, UT-25a: advice on one page splits the area, and neither part holds the range
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void MADV_NOHUGEPAGE_on_one_page_is_address_range(RaceWindow window)
    {
        EnterWindow(window);
        Task.Post(Task.Advice(Advice.NoHugePage, Range, 100, 101));
        FinishPass();
        AssertRolledBack(ScanResult.AddressRange, Before, atIsolate: false);
    }

    [Theory] // KH-36 enabled:=never
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Enabled_never_is_vma_check(RaceWindow window)
    {
        EnterWindow(window);
        WriteKnob("enabled", "never");
        FinishPass();
        AssertRolledBack(ScanResult.VmaCheck, Before, atIsolate: false);
    }

    [Theory] // KH-36 prctl; KH-33 looks at the mm before the area
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void THP_disable_is_any_process(RaceWindow window)
    {
        EnterWindow(window);
        Task.Post(new DisableThp(true, 0));
        FinishPass();
        AssertRolledBack(ScanResult.AnyProcess, Before, atIsolate: false);
    }

    [Theory] // KH-36 exit_mm; KH-18: the slot is freed at the end of this very VISIT
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void Exit_is_any_process_and_frees_the_slot(RaceWindow window)
    {
        EnterWindow(window);
        Watch(Task.Space);
        Task.Post(new ExitMm(0));
        FinishPass();
        Assert.Equal(Errno.None, Task.Answer().Errno);
        AssertFailedAttempt(ScanResult.AnyProcess, atIsolate: false);
        Assert.Equal([513], Events.VisitCosts());
        Assert.Single(Events.Of(KernelEventKind.SlotFreed));
        Assert.Equal(1, Counters.FullScans);
        Assert.Equal(FreeBefore + 512 + 2, Node.FreePages); // its page tables too
        ExpectTerminated(Task.Space);
    }

    [Theory] // KH-36 another collapse of the same range: one that is ahead by its whole scan is seen at C2, a later one at C4
    [InlineData(-1_512, RaceWindow.W1)]
    [InlineData(488, RaceWindow.W2)]
    public void A_concurrent_MADV_COLLAPSE_is_pmd_mapped(int rivalStartsAfterMicroseconds, RaceWindow seenAfter)
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(1);
        int freeBefore = Node.FreePages;
        var collapse = new MadviseStep("region", RegionSpan.All, Advice.Collapse);
        if (rivalStartsAfterMicroseconds < 0)
        {
            RunProgram(task, collapse);
            AdvanceBy(TimeSpan.FromMicroseconds(-rivalStartsAfterMicroseconds));
            AdviseHuge(task, Range);
        }
        else
        {
            AdviseHuge(task, Range);
            AdvanceInPass(TimeSpan.FromMicroseconds(rivalStartsAfterMicroseconds));
            RunProgram(task, collapse);
        }

        TimeSpan passBegin = Events.Last(KernelEventKind.PassBegin).Time;
        FinishPass();
        KernelEvent[] lines = [.. Events.CollapseLines.Where(static line => line.Flag)];
        Assert.Equal([KernelEventKind.CollapseHugePage, KernelEventKind.ScanPmd], lines.Select(static line => line.Kind));
        Assert.All(lines, static line => Assert.Equal(ScanResult.PmdMapped, line.Status));
        TimeSpan c2 = passBegin + RoundMachine.WriteLock - RoundMachine.Recheck;
        Assert.Equal(seenAfter == RaceWindow.W1 ? c2 + TimeSpan.FromMilliseconds(1) : passBegin + RoundMachine.Collapsed, lines[0].Time);
        Assert.Equal(2, Stat(VmCounter.ThpCollapseAlloc));
        Assert.Equal(0, Counters.PagesCollapsed);
        Assert.Equal(PmdState.Huge, task.State(Range));
        Assert.Equal(freeBefore, Node.FreePages);
        AssertSound();
    }
}
