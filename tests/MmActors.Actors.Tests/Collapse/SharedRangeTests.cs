using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Settings;

namespace MmActors.Actors.Tests.Collapse;

/// <summary>Ranges shared with a child (KH-28a, UT-16, UT-17).</summary>
public class SharedRangeTests : KernelStage
{
    private const ScanResult Done = ScanResult.Succeed;
    private static readonly long First = Process.Range(0);
    private static readonly int[] Rewritten = [0, 1, 255, 256, 257, 511, 512];

    [Fact] // KH-28a: one write to any page makes an unshared range collapsible
    public void One_write_makes_a_write_protected_range_collapsible()
    {
        (Process parent, Process child) = StartRewritten(256);
        child.Call(new ExitMm(1));
        FinishPass();
        Assert.Equal(ScanResult.PageRo, Results()[0]);
        parent.Write(First, 400, 401, 9);
        Events.Clear();
        RunPasses(1);
        Assert.Equal(Done, Results()[0]);
        AssertSound();
    }

    [Fact] // UT-17, KH-39: the collapse copies; the child keeps the old pages, now mapped once and still write-protected
    public void A_collapse_of_shared_pages_copies_them()
    {
        (Process parent, Process child) = StartRewritten(511);
        int used = Folios.Pages - Node.FreePages;
        FinishPass();
        Assert.Equal(Done, Results()[1]);
        Assert.Equal((512, 0, 1), Mappings(child, 1));
        Assert.Equal(512, parent.CountNonzero(Process.Range(1), 0, 512));
        Assert.True(Folios.Pages - Node.FreePages > used);
        AssertSound();
    }

    private (int Present, int Writable, int Maps) Mappings(Process child, int range)
    {
        long address = Process.Range(range);
        return (child.Table(address).Present.Count(), child.Table(address).Writable.Count(), Folios.MapCount(child.Pfn(address, 7)));
    }

    /// <summary>Seven ranges, forked before anybody registered, then rewritten in part by the parent.</summary>
    private (Process Parent, Process Child) StartRewritten(int limit)
    {
        Boot(Kernels.Old, new ThpSettings { MaxPtesShared = limit });
        Process parent = Start("parent");
        parent.MapFilled(7);
        Process child = Fork(parent);
        for (int range = 0; range < Rewritten.Length; range++)
        {
            parent.Write(Process.Range(range), 0, Rewritten[range], 9);
        }

        AdviseHuge(parent, First, 7);
        return (parent, child);
    }

    private ScanResult[] Results() => [.. Events.Of(KernelEventKind.ScanPmd).Select(static line => line.Status)];
}
