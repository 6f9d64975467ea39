using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Swap;

namespace MmActors.Actors.Tests.Reclaim;

/// <summary>Pages that went to swap and come back: by a fault (UT-7, T18) or by a collapse (KH-33a). A disk takes 10 us a page
/// and 100 us latency.</summary>
public class SwapFaultTests : KernelStage
{
    private static readonly long Range = Process.Range(0);
    private static readonly TimeSpan WriteDone = TimeSpan.FromMicroseconds((64 * 10) + 100 + 1);

    [Fact] // RC-36, T18: under writeback the folio is in the swap cache and is mapped again without I/O
    public void A_fault_on_a_page_under_writeback_is_served_from_the_swap_cache()
    {
        Process task = PageOut(isSynchronous: false, contents: 7);
        int folio = Swap!.Cached(task.Pfn(Range, 0));
        Assert.True(Folios.Has(folio, FolioFlags.Writeback));
        task.Read(Range, 0, 1);
        Assert.Equal(folio, task.Pfn(Range, 0));
        Assert.True(Folios.Has(folio, FolioFlags.Writeback));
        Assert.Equal((64L, 0L, 0L), (Stat(VmCounter.PswpOut), Stat(VmCounter.PswpIn), Stat(VmCounter.PgMajFault)));
        AdvanceBy(WriteDone);
        Assert.Equal(64, task.CountNonzero(Range, 0, 64));
        Assert.Equal(0, Stat(VmCounter.PswpIn));
        AssertSound();
    }

    [Theory] // T18, UT-11: what is not in the cache is read, one major fault a page; a disk takes its time
    [InlineData(true)]
    [InlineData(false)]
    public void A_fault_on_a_page_that_left_the_cache_is_a_major_one(bool isSynchronous)
    {
        Process task = PageOut(isSynchronous, contents: 7);
        DropCache(task, isSynchronous);
        task.Post(task.Load(Range, 10, 20));
        Assert.Equal((true, 10L, 0L), (task.IsWaiting, Stat(VmCounter.PswpIn), Stat(VmCounter.PgMajFault)));
        task.Answer();
        Assert.Equal(10, Stat(VmCounter.PgMajFault));
        Assert.Equal(10, task.CountNonzero(Range, 10, 20));
        Assert.Equal(458, task.Table(Range).Present.Count());
        AssertSound();
    }

    [Theory] // RC-36: zero-filled folios take slots but no I/O, out or in
    [InlineData(true)]
    [InlineData(false)]
    public void Zero_filled_pages_are_swapped_without_input_or_output(bool isSynchronous)
    {
        Process task = PageOut(isSynchronous, contents: 0);
        Assert.Equal((0L, 64), (Stat(VmCounter.PswpOut), Swap!.UsedSlots));
        Assert.Equal(448, task.Table(Range).Present.Count());
        task.Read(Range, 0, 64);
        Assert.Equal(0, Stat(VmCounter.PswpIn));
        Assert.Equal(0, task.CountNonzero(Range, 0, 64));
        AssertSound();
    }

    [Fact] // RC-38: what anon is compared with is the active anon and the files, and there are none
    public void A_refault_into_a_group_without_active_pages_is_not_recent()
    {
        Process task = PageOut(isSynchronous: true, contents: 7);
        Machine.Node.Tell(new FlushStatistics(), TestActor);
        task.Read(Range, 0, 64);
        DrainBatches();
        Assert.Equal((64L, 0L), (Stat(VmCounter.WorkingsetRefaultAnon), Stat(VmCounter.WorkingsetActivateAnon)));
        Assert.Equal(512, Node.Lru.Pages(LruKind.InactiveAnon));
        AssertSound();
    }

    [Theory] // RC-38, RC-16g: a file list as long as the distance makes every refault recent, once the statistics show it
    [InlineData(true, 64)]
    [InlineData(false, 0)]
    public void A_refault_beside_file_pages_is_activated_once_the_statistics_show_them(bool isFlushed, long activated)
    {
        Process task = PageOut(isSynchronous: true, contents: 7);
        task.Advise(Advice.Free, task.MapFilled(1));
        DrainBatches();
        Assert.Equal(512, Node.Lru.Pages(LruKind.InactiveFile));
        if (isFlushed)
        {
            Machine.Node.Tell(new FlushStatistics(), TestActor);
        }

        task.Read(Range, 0, 64);
        DrainBatches();
        Assert.Equal((64L, activated), (Stat(VmCounter.WorkingsetRefaultAnon), Stat(VmCounter.WorkingsetActivateAnon)));
        Assert.Equal(activated, Node.Lru.Pages(LruKind.ActiveAnon));
        Assert.Equal(512 - activated, Node.Lru.Pages(LruKind.InactiveAnon));
        AssertSound();
    }

    [Fact] // KH-33a (1): still in the swap cache, so mapped at once without I/O
    public void A_collapse_takes_pages_from_the_swap_cache()
    {
        Process task = PageOut(isSynchronous: false, contents: 7);
        AdvanceBy(WriteDone);
        AdviseHuge(task, Range);
        FinishPass();
        AssertCollapsed(task, Range);
        Assert.Equal((0L, 0L), (Stat(VmCounter.PswpIn), Stat(VmCounter.PgMajFault)));
        Assert.Equal(512, task.CountNonzero(Range, 0, 512));
        Assert.Equal(0, Swap!.UsedSlots);
    }

    [Fact] // KH-33a (2): a synchronous device is read in place
    public void A_collapse_reads_a_synchronous_device_in_place()
    {
        Process task = PageOut(isSynchronous: true, contents: 7);
        AdviseHuge(task, Range);
        FinishPass();
        AssertCollapsed(task, Range);
        Assert.Equal((64L, 64L), (Stat(VmCounter.PswpIn), Stat(VmCounter.PgMajFault)));
        Assert.Equal(512, task.CountNonzero(Range, 0, 512));
    }

    [Fact] // KH-33a (3): an asynchronous read is only begun, and the next attempt finds the pages
    public void A_collapse_that_must_wait_for_a_disk_is_page_lock_and_succeeds_later()
    {
        Process task = PageOut(isSynchronous: false, contents: 7);
        DropCache(task, isSynchronous: false);
        AdviseHuge(task, Range);
        FinishPass();
        AdvanceBy(WriteDone); // reading takes as long
        AssertFailedAttempt(ScanResult.PageLock, atIsolate: false);
        Events.Clear();
        RunPasses(1);
        AssertCollapsed(task, Range);
        Assert.Equal(57, Stat(VmCounter.PswpIn));
        Assert.Equal(512, task.CountNonzero(Range, 0, 512));
    }

    /// <summary>A range of 512 pages of which the first 64 are paged out.</summary>
    private Process PageOut(bool isSynchronous, byte contents)
    {
        Boot(Kernels.Old, swap: new SwapDevice(4096, isSynchronous));
        Process task = Start();
        task.Map(1);
        task.Write(Range, 0, 512);
        task.Call(new Touch(new Model.AddressSpaces.Access(Range, Bits512.Range(0, 64), true, contents, true), 0));
        DrainBatches();
        Assert.Equal(Errno.None, task.AdvisePages(Advice.PageOut, Range, 0, 64).Errno);
        Assert.Equal(Bits512.Range(0, 64), task.Table(Range).NonPresent);
        return task;
    }

    /// <summary>The written folios are freed at their next encounter with reclaim (RC-36); all but the first seven are met.</summary>
    private void DropCache(Process task, bool isSynchronous)
    {
        DrainBatches();
        AdvanceBy(WriteDone);
        if (!isSynchronous)
        {
            Assert.Equal(64, Stat(VmCounter.PgRotated));
            BeginReclaim(32);
            Assert.Equal(57, AwaitWrite().ReclaimedPages); // what the step of the priority that reaches 32 looks at
        }

        Assert.All(Enumerable.Range(7, 57), index => Assert.Equal(-1, Swap!.Cached(task.Pfn(Range, index))));
    }
}
