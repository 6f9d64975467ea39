using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Settings;

namespace MmActors.Actors.Tests.SelfTest;

/// <summary>Ranges shared with a child (ST-49, KH-28a, UT-16, UT-17).</summary>
public class ForkCaseTests : KernelStage
{
    private const ScanResult Shared = ScanResult.ExceedSharedPte;
    private const ScanResult Done = ScanResult.Succeed;
    private static readonly long First = Process.Range(0);
    private static readonly int[] Rewritten = [0, 1, 255, 256, 257, 511, 512];

    [Theory] // ST-49
    [InlineData(0, new[] { Shared, Shared, Shared, Shared, Shared, Shared, Done })]
    [InlineData(256, new[] { Shared, Shared, Shared, Done, Done, Done, Done })]
    public void Ranges_rewritten_after_fork(int limit, ScanResult[] whileShared)
    {
        (Process parent, Process child) = StartRewritten(limit);
        FinishPass();
        Assert.Equal(whileShared, Results());
        Assert.All(Enumerable.Range(0, 7), range => Assert.Equal(512, child.CountNonzero(Process.Range(range), 0, 512)));
        Assert.Equal(Errno.None, child.Call(new ExitMm(1)).Errno);
        Events.Clear();
        RunPasses(1);
        Assert.Equal(
            [ScanResult.PageRo, .. whileShared.Skip(1).Select(static result => result == Shared ? Done : ScanResult.PmdMapped)], Results());
        Events.Clear();
        RunPasses(2);
        Assert.Equal(ScanResult.PageRo, Results()[0]);
        Assert.Equal(6, parent.Mm.HugeRanges);
        AssertSound();
    }

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
