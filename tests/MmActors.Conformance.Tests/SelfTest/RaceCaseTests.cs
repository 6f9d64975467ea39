using MmActors.Actors;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Conformance.Tests.SelfTest;

/// <summary>Somebody else acts while khugepaged is at work (ST-39, ST-40, ST-43). To meet the moment, one phase of the
/// machine is made long: the allocation of the huge page (C1), or calls that hold mmap_lock.</summary>
public class RaceCaseTests
{
    private const double LongPhaseNs = 20e6;

    [Theory]
    [InlineData("v6.12", ScanResult.Succeed)]
    [InlineData("v7.1", ScanResult.PageLazyfree)]
    public void ST_39_MADV_FREE_during_the_allocation_is_seen_by_v7_1_at_isolate(string kernel, ScanResult expected)
    {
        SelfTestScript script = new SelfTestScript().Map().Fill(0, 512).Advise(Advice.HugePage)
            .Sleep(5).Advise(Advice.Free, 100, 131).Snap("freed").Sleep(25).Snap("after").Count();
        SelfTestRun run = SlowAllocation(kernel).Run(script);
        Assert.Equal(31, run.At("freed").LazyfreePages);
        bool collapsed = expected == ScanResult.Succeed;
        KernelEvent[] attempt = [.. run.Between("freed", "after").Where(static line => line.Kind is KernelEventKind.CollapseIsolate
            or KernelEventKind.CollapseHugePage or KernelEventKind.ScanPmd).Take(3)];
        Assert.Equal(
            [(KernelEventKind.CollapseIsolate, expected), (KernelEventKind.CollapseHugePage, expected), (KernelEventKind.ScanPmd, expected)],
            attempt.Select(static line => (line.Kind, line.Status)));
        Assert.Equal((collapsed ? 0 : 31L, collapsed ? 1 : 0), (run.At("after").LazyfreePages, run.At("after").HugeRanges));
        Assert.Equal((1L, 512L), (run.Stat(VmCounter.ThpCollapseAlloc, "after"), run.Counted));
    }

    /// <summary>The lock of page 300 is taken during C1 and given back later.</summary>
    [Fact]
    public void ST_40_a_locked_source_rolls_the_collapse_back()
    {
        int pfn = -1;
        long onList = 0;
        SelfTestScript script = new SelfTestScript().Map().Fill(0, 512).Advise(Advice.HugePage)
            .Sleep(2).Snap("locked").Sleep(30).Snap("unlocked").Sleep(60).Snap("after").Count();
        SelfTestRun run = (SlowAllocation("v6.12") with
        {
            Interferences =
            [
                ("locked", world => Assert.True(world.Context.Folios.TryLock(pfn = PageOf(world, 300)))),
                ("unlocked", world =>
                {
                    onList = world.Report.Node.Lru.Pages(LruKind.InactiveAnon);
                    Assert.True(world.Context.Folios.RefcountSuitable(PageOf(world, 299)));
                    Assert.Equal(pfn, PageOf(world, 300));
                    world.Context.Folios.Unlock(pfn);
                }),
            ],
        }).Run(script);
        KernelEvent isolate = run.Between("locked", "unlocked").First(static line => line.Kind == KernelEventKind.CollapseIsolate);
        Assert.Equal((ScanResult.PageLock, 300), (isolate.Status, isolate.Referenced));
        Assert.Equal(ScanResult.PageLock, run.Lines("locked", "unlocked")[0].Status);
        Assert.Equal((0, 512L), (run.At("unlocked").HugeRanges, onList));
        Assert.Equal((1, 512L), (run.At("after").HugeRanges, run.Counted));
    }

    /// <summary>madvise holds mmap_lock for write 5 of every 7 ms. A refused VISIT costs 0, the next mm is looked at in the same
    /// pass, and what was left of this one is lost: its next scan begins at its first range.</summary>
    [Fact]
    public void ST_43_a_visit_without_mmap_lock_costs_nothing_and_loses_its_place()
    {
        SelfTestScript script = new SelfTestScript().Map(8).Fill(0, 8 * 512).Advise(Advice.Cold);
        for (int call = 0; call < 40; call++)
        {
            script.Advise(Advice.HugePage).Sleep(2);
        }

        SelfTestMachine machine = SelfTestMachine.With("v6.12");
        SelfTestRun run = (machine with
        {
            Thp = machine.Thp with { PagesToScan = 1024 },
            Preset = machine.Preset with { Costs = machine.Preset.Costs with { SyscallNs = 5e6 } },
        }).Run(script, ("second", new SelfTestScript().Map().Fill(0, 512).Advise(Advice.Cold).Sleep(30).Advise(Advice.HugePage)));
        KernelEvent[] lines = [.. run.Events.Where(static line =>
            line.Kind is KernelEventKind.Visit or KernelEventKind.ScanPmd or KernelEventKind.PassEnd)];
        int refusedInTheMiddle = 0;
        for (int index = 0; index < lines.Length; index++)
        {
            if (lines[index] is not { Kind: KernelEventKind.Visit, Amount: 0, Mm: 1 })
            {
                continue;
            }

            bool second = lines.Take(index).Any(static line => line.Mm == 2);
            bool middle = lines.Take(index).LastOrDefault(static line => line is { Kind: KernelEventKind.ScanPmd, Mm: 1 }) is { Address: > 0 } last
                && RangeOf(last) < 7;
            if (second && middle)
            {
                refusedInTheMiddle++;
                Assert.Equal((2, 0), (lines[index + 1].Mm, RangeOf(lines[index + 1])));
            }

            if (lines.Skip(index).FirstOrDefault(static line => line is { Kind: KernelEventKind.ScanPmd, Mm: 1 }) is { Mm: 1 } next)
            {
                Assert.Equal(0, RangeOf(next));
            }
        }

        Assert.True(refusedInTheMiddle > 0, "no VISIT was refused in the middle of the region");
    }

    private static SelfTestMachine SlowAllocation(string kernel)
    {
        SelfTestMachine machine = SelfTestMachine.With(kernel);
        return machine with { Preset = machine.Preset with { Costs = machine.Preset.Costs with { HugeAllocNs = LongPhaseNs } } };
    }

    private static int PageOf(World world, int page) =>
        world.Report.Spaces[0].Directory.Find(0x1000_0000_0000).Table!.Pfns[page];

    private static int RangeOf(KernelEvent line) => (int)(line.Address >> Geometry.PmdShift) & (Geometry.PtesPerTable - 1);
}
