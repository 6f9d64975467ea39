using MmActors.Actors.Tests.Harness;
using MmActors.Model.Memory;
using MmActors.Model.Programs;

namespace MmActors.Actors.Tests.Reclaim;

/// <summary>Whose free list a freed page goes to, and what becomes of the lists under pressure.</summary>
public sealed class CpuListTests : KernelStage
{
    private static readonly long First = Process.Range(0);

    [Theory] // smp_processor_id(): a page goes to the list of the CPU that frees it
    [InlineData(0)]
    [InlineData(1)]
    public void A_page_goes_to_the_list_of_the_CPU_that_frees_it(int cpu)
    {
        Boot(Kernels.New);
        Process task = Start(cpu: cpu);
        task.MapFilled(1);
        DrainBatches();
        Node.DrainFreePages();
        task.AdvisePages(Advice.DontNeed, First, 0, 300);
        Assert.Equal((300, 0), (Node.FreePagesOf(cpu), Node.FreePagesOf(1 - cpu)));
    }

    [Fact] // ZONE_RECLAIM_ACTIVE: while kswapd works the lists are short; afterwards they grow again
    public void Kswapd_at_work_keeps_the_lists_short()
    {
        Boot(Kernels.New, mebibytes: 64);
        Process task = Start();
        task.MapFilled(28);
        task.Advise(Advice.Free, First, 28);
        DrainBatches();
        Node.DrainFreePages();
        Process other = Start("other", cpu: 1);
        long start = other.Map(2);
        for (int page = 0; Stat(VmCounter.PageOutRun) == 0; page++)
        {
            Assert.True(page < 1024, "kswapd is not woken");
            other.Write(start + (page / 512 * 0x20_0000L), page % 512, (page % 512) + 1);
        }

        bool active = Node.IsReclaimActive;
        int most = 0;
        while (Node.IsReclaimActive)
        {
            most = Math.Max(most, Node.FreePagesOf(0));
            AdvanceBy(TimeSpan.FromMicroseconds(5));
        }

        Assert.True(active);
        Assert.InRange(most, 1, 4 * 3); // four batches of three pages: zone_batchsize of 64 MiB
        Assert.True(Stat(VmCounter.PgStealKswapd) > 0);
    }
}
