using MmActors.Actors;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>What must hold in every world beyond its own audit.</summary>
internal static class WorldChecks
{
    /// <summary>The split queue and the folios agree (DS-2, DS-6); a folio the shrinker looks at is held and on no queue
    /// (DS-12).</summary>
    public static void RequireSplitQueueMatchesFolios(World world)
    {
        FolioTable folios = world.Context.Folios;
        HashSet<int> queued = [.. world.Report.SplitQueue.Heads];
        for (int head = 0; head < folios.Pages; head += Geometry.PtesPerTable)
        {
            if (folios.IsLarge(head) && folios.Has(head, FolioFlags.DeferredQueued) && !queued.Contains(head))
            {
                Assert.True(folios.TransientReferences(head) > 0, $"pfn {head} is marked as queued, but is on no queue");
            }
        }

        Assert.Equal(queued.Count, world.Report.SplitQueue.Length);
        Assert.All(world.Report.SplitQueue.Heads, head => Assert.True(
            folios.IsLarge(head) && folios.Has(head, FolioFlags.DeferredQueued), $"pfn {head} is queued but no large folio"));
    }

    /// <summary>Only a collapse or reclaim holds folio locks while simulated time passes (KH 2.8); called where neither works.</summary>
    public static void RequireNoForgottenLock(World world)
    {
        if (world.Report.Spaces.All(static mm => mm.Detached is null))
        {
            FolioTable folios = world.Context.Folios;
            for (int pfn = 0; pfn < folios.Pages; pfn += folios.FolioPages(pfn))
            {
                if (folios.Has(pfn, FolioFlags.Locked) && !folios.Has(pfn, FolioFlags.Buddy))
                {
                    Assert.Fail($"pfn {pfn} is locked and nobody works on it");
                }
            }
        }
    }

    /// <summary>After the last exit and a drain every page is free again, in the blocks it came from. Only what stood in
    /// the swap cache under I/O or under reclaim when its last user left may wait on a list for the next reclaim.</summary>
    public static void RequireNothingLeaked(World world, int kernelPages)
    {
        MemoryNode node = world.Report.Node;
        node.DrainAll();
        Assert.Equal(0, node.InFlightPages);
        Assert.Equal(0, node.IsolatedPages);
        int orphans = SwapCacheOrphans(node.Folios);
        Assert.Equal(kernelPages, node.KernelPages); // every page table went with its mm
        Assert.All(world.Report.Spaces, static mm => Assert.Equal(0, mm.PageTables));
        Assert.Equal(node.Folios.Pages - kernelPages, node.FreePages + orphans);
        Assert.Equal(orphans, world.Report.Swap?.UsedSlots ?? 0);
        Assert.True(orphans >= node.Memcgs.Skip(1).Select(static group => group.Usage).DefaultIfEmpty().Max(), "a cgroup stays charged");
        Assert.All(world.Report.SplitQueue.Heads, head => Assert.True(node.Folios.Has(head, FolioFlags.SwapCache))); // DS-6
        Assert.All(world.Report.Spaces, mm => Assert.Equal((0L, 0), (mm.RssPages, mm.HugeRanges)));
    }

    /// <summary>Folios that nobody maps and the swap cache keeps: clean or dirty, on a list, at rest.</summary>
    private static int SwapCacheOrphans(FolioTable folios)
    {
        const FolioFlags Busy = FolioFlags.Locked | FolioFlags.Writeback | FolioFlags.Lru;
        int pages = 0;
        for (int pfn = 0; pfn < folios.Pages; pfn += folios.FolioPages(pfn))
        {
            if (!folios.Has(pfn, FolioFlags.Buddy) && folios.Has(pfn, FolioFlags.SwapCache) && folios.MapCount(pfn) == 0)
            {
                Assert.Equal(FolioFlags.Lru, folios.Flags(pfn) & Busy);
                Assert.Equal(0, folios.TransientReferences(pfn));
                pages += folios.FolioPages(pfn);
            }
        }

        return pages;
    }

    /// <summary>UT-53 and KH-31 on the event stream; attempts under way at the end are allowed for.</summary>
    public static void RequireCollapseCounters(World world, EventLog log, int underWay)
    {
        int failedAlloc = log.Count(KernelEventKind.CollapseHugePage, ScanResult.AllocHugePageFail);
        int ended = log.Of(KernelEventKind.CollapseHugePage).Count();
        long allocated = world.Context.Vmstat[VmCounter.ThpCollapseAlloc];
        Assert.InRange(allocated, ended - failedAlloc, ended - failedAlloc + underWay);
        Assert.Equal(failedAlloc, world.Context.Vmstat[VmCounter.ThpCollapseAllocFailed]);
        int byKhugepaged = log.Of(KernelEventKind.CollapseHugePage).Count(e => e.Flag && e.Status == ScanResult.Succeed);
        Assert.Equal(byKhugepaged, world.Report.Khugepaged.PagesCollapsed);
    }

    /// <summary>UT-11 and UT-2: every fault that was counted was reported, once; what a collapse swaps in is no fault (recorded:
    /// 5 for a run with 123 pages swapped in so).</summary>
    public static void RequireFaultCounters(World world, EventLog log)
    {
        long huge = log.Of(KernelEventKind.ThpFault).Count(static entry => entry.Flag);
        long refused = log.Of(KernelEventKind.ThpFault).Count(static entry => !entry.Flag);
        long others = log.Of(KernelEventKind.Faults).Sum(static entry => entry.Amount);
        Assert.Equal(huge + others, world.Context.Vmstat[VmCounter.PgFault]);
        Assert.Equal(huge, world.Context.Vmstat[VmCounter.ThpFaultAlloc]);
        Assert.Equal(refused, world.Context.Vmstat[VmCounter.ThpFaultFallback]);
    }

    /// <summary>KH-8, KH-9, KH-10: an mm registers once and its slot is freed at most once, after it registered.</summary>
    public static void RequireOneRegistrationEach(EventLog log)
    {
        HashSet<int> registered = [];
        HashSet<int> freed = [];
        foreach (KernelEvent entry in log.All)
        {
            if (entry.Kind == KernelEventKind.Register)
            {
                Assert.True(registered.Add(entry.Mm), $"mm {entry.Mm} registered twice");
            }
            else if (entry.Kind == KernelEventKind.SlotFreed)
            {
                Assert.True(registered.Contains(entry.Mm) && freed.Add(entry.Mm), $"the slot of mm {entry.Mm} was freed twice");
            }
            else if (entry.Kind == KernelEventKind.ScanPmd && entry.Flag)
            {
                Assert.True(registered.Contains(entry.Mm) && !freed.Contains(entry.Mm), $"mm {entry.Mm} was scanned but not listed");
            }
        }
    }

    /// <summary>KH-4, KH-15, KH-16 on the event stream: charges, VISITs and passes add up.</summary>
    public static void RequireBudgetAddsUp(EventLog log, KernelSwitches switches)
    {
        long budget = 0;
        long progress = 0;
        long charges = 0;
        foreach (KernelEvent entry in log.All)
        {
            switch (entry.Kind)
            {
                case KernelEventKind.PassBegin:
                    (budget, progress, charges) = (entry.Amount, 0, 0);
                    break;
                case KernelEventKind.ScanPmd when entry.Flag:
                    Assert.Equal(switches.Charging == ScanCharging.WholeRange ? 512 : entry.Extra, entry.Amount);
                    Assert.InRange(entry.Extra, 1, 512);
                    charges += entry.Amount;
                    break;
                case KernelEventKind.Visit:
                    Assert.Equal(budget - progress, entry.Extra);
                    Assert.True(entry.Amount >= charges, "a VISIT made less progress than its ranges were charged");
                    Assert.True(charges - entry.Extra <= 511, "the ranges of a VISIT overshot its budget by more than 511");
                    progress += entry.Amount;
                    charges = 0;
                    break;
                case KernelEventKind.PassEnd:
                    Assert.True(entry.Amount == progress || entry.Amount == budget, "a pass ended with unexplained progress");
                    break;
            }
        }
    }
}
