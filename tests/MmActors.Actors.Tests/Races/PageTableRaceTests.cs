using Akka.TestKit;
using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Swap;
using MmActors.Model.Units;

namespace MmActors.Actors.Tests.Races;

/// <summary>What a collapse finds in place of the page table it scanned, or in it, that no other race test leaves there.</summary>
public class PageTableRaceTests : RaceStage
{
    private const int RangesPerUpperTable = 512;

    [Theory] // KH-23, KH-36 remap: an eligible area with an anon_vma, touched elsewhere, so this range has no table
    [InlineData(RaceWindow.W1, false, true, ScanResult.PmdNone)]
    [InlineData(RaceWindow.W1, false, false, ScanResult.PmdNull)]
    [InlineData(RaceWindow.W1, true, true, ScanResult.NoPteTable)]
    [InlineData(RaceWindow.W2, false, true, ScanResult.PmdNone)]
    [InlineData(RaceWindow.W2, false, false, ScanResult.PmdNull)]
    [InlineData(RaceWindow.W2, true, false, ScanResult.NoPteTable)]
    public void A_replacement_that_is_touched_elsewhere_has_no_table_here(
        RaceWindow window, bool isNew, bool hasUpperTable, ScanResult expected)
    {
        EnterWindow(window, isNew);
        int touched = hasUpperTable ? 1 : RangesPerUpperTable;
        Task.Post(new UnmapArea(Range, RangeEnd, 0));
        Task.Post(Task.MapAt(Range, (touched + 1) * Geometry.PmdSize));
        Task.Post(Task.Advice(Advice.PopulateWrite, Process.Range(touched), 0, 1));
        Task.Post(Task.Advice(Advice.HugePage, Range, 0, (touched + 1) * 512));
        FinishPass();
        KernelEvent[] lines = [.. Events.CollapseLines.Where(static line => line.Address == Range)];
        Assert.Equal([KernelEventKind.CollapseHugePage, KernelEventKind.ScanPmd], lines.Select(static line => line.Kind));
        Assert.All(lines, line => Assert.Equal(expected, line.Status));
        Assert.Equal(hasUpperTable ? PmdState.None : null, Task.State(Range));
    }

    [Theory] // 2.9 step 3
    [InlineData(RaceWindow.W1)]
    [InlineData(RaceWindow.W2)]
    public void A_page_that_was_write_protected_in_the_window_is_pte_uffd_wp(RaceWindow window)
    {
        EnterWindow(window);
        Task.Table(Range).UffdWp.Set(7);
        TableImage left = Task.Image(Range);
        FinishPass();
        AssertRolledBack(ScanResult.PteUffdWp, left);
        Assert.Equal(7, Events.Last(KernelEventKind.CollapseIsolate).Referenced);
    }

    [Fact] // 2.8 C3: the swap-in finds no memory and no victim
    public void A_swap_in_without_memory_is_fail()
    {
        Fill(swap: new SwapDevice(64, isSynchronous: true));
        DrainBatches();
        Assert.Equal(Errno.None, Task.AdvisePages(Advice.PageOut, Range, 0, 64).Errno);
        TestProbe killer = CreateTestProbe("killer");
        Machine.Simulation = killer.Ref;
        BeginAttempt(MiddleOf(RaceWindow.W1));
        var taken = new PageBuffer();
        Assert.True(Node.TryAllocatePages(taken.Reserve(Node.FreePages - Node.Marks.Min - 1)));
        AdvanceInPass(RoundMachine.WriteLock + TimeSpan.FromMilliseconds(50));
        killer.ExpectMsg<KillForMemory>();
        killer.Reply(new OomKilled(0));
        FinishPass();
        Node.Return(taken.Pages);
        AssertRolledBack(ScanResult.Fail, Before, atIsolate: false);
    }
}
