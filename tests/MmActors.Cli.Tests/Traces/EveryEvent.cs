using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;

namespace MmActors.Cli.Tests.Traces;

/// <summary>A made-up second in which every event that has a trace line happens, with a number of its own in every field.</summary>
internal static class EveryEvent
{
    private const long Range = 0x100000000000;

    /// <summary>The events in order, details among them.</summary>
    public static IEnumerable<KernelEvent> All() => [.. Tasks(), .. Khugepaged(), .. Reclaim(), .. Shrinker(), .. End()];

    private static TimeSpan At(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static KernelEvent[] Tasks() =>
    [
        new() { Time = At(0.5), Kind = KernelEventKind.TaskStart, Mm = 1, Detail = new EventDetail { Name = "hot" } },
        new() { Time = At(0.6), Kind = KernelEventKind.TaskStart, Mm = 2, Detail = new EventDetail { Name = "a name of twenty-one" } },
    ];

    private static KernelEvent[] Khugepaged() =>
    [
        new() { Time = At(1), Kind = KernelEventKind.CollapseSwapin, Mm = 1, Address = Range, Status = ScanResult.Succeed, Flag = true, Referenced = 77, Amount = 3 },
        new() { Time = At(1.5), Kind = KernelEventKind.CollapseSwapin, Mm = 1, Address = Range, Status = ScanResult.PageLru, Flag = true, Referenced = 78, Amount = 0 },
        new() { Time = At(2.0004), Kind = KernelEventKind.CollapseIsolate, Mm = 1, Address = Range, Status = ScanResult.Succeed, Flag = true, Pfn = 0x1ff, Referenced = 512, NoneOrZero = 9, Writable = true },
        new() { Time = At(2.0005), Kind = KernelEventKind.CollapseHugePage, Mm = 1, Address = Range, Status = ScanResult.Succeed, Flag = true },
        new() { Time = At(3), Kind = KernelEventKind.ScanPmd, Mm = 1, Address = Range, Status = ScanResult.Succeed, Flag = true, Pfn = 0x200, Referenced = 511, NoneOrZero = 10, Unmapped = 4, Writable = true, Amount = 512, Extra = 510 },
        new() { Time = At(3.5), Kind = KernelEventKind.CollapseHugePage, Mm = 1, Address = Range + 0x200000, Status = ScanResult.CgroupChargeFail, Flag = true },
        new() { Time = At(4), Kind = KernelEventKind.ScanPmd, Mm = 1, Address = Range + 0x200000, Status = ScanResult.ExceedNonePte, Flag = true, Pfn = -1, NoneOrZero = 12, Amount = 512, Extra = 12 },
        new() { Time = At(4.5), Kind = KernelEventKind.Visit, Mm = 1, Amount = 1025, Extra = 4096 },
        new() { Time = At(4.6), Kind = KernelEventKind.Visit, Mm = 2, Amount = 0, Extra = 3071 },
        new() { Time = At(4.7), Kind = KernelEventKind.Visit, Mm = 1, Amount = 4, Extra = 3071, Writable = true },
        new() { Time = At(5), Kind = KernelEventKind.ScanPmd, Mm = 2, Address = Range, Status = ScanResult.PmdMapped, Pfn = -1, Extra = 1 },
    ];

    private static KernelEvent[] Reclaim() =>
    [
        new() { Time = At(6), Kind = KernelEventKind.ReclaimBegin, Mm = 1, Pfn = 2, Flag = true, Amount = 32, By = 1 },
        Isolated(6.1, LruKind.InactiveFile, by: 1),
        new() { Time = At(6.2), Kind = KernelEventKind.ShrinkInactive, Mm = 2, Pfn = 12, Address = (32 << 8) | (long)LruKind.InactiveFile, Amount = 31, Extra = 20, Referenced = 4, NoneOrZero = 5, Unmapped = 2, By = 1, More = 1 },
        Isolated(6.3, LruKind.ActiveAnon, by: 1),
        new() { Time = At(6.4), Kind = KernelEventKind.ShrinkActive, Mm = 2, Pfn = 11, Address = (long)LruKind.ActiveAnon, Amount = 31, Extra = 30, By = 1 },
        new() { Time = At(6.5), Kind = KernelEventKind.ReclaimEnd, Mm = 1, Pfn = 2, Flag = true, Amount = 20, By = 1 },
        new() { Time = At(7), Kind = KernelEventKind.ReclaimBegin, Flag = false, Amount = 32, Extra = 1, By = KernelThread.Khugepaged, More = 9 },
        new() { Time = At(7.1), Kind = KernelEventKind.ReclaimEnd, Amount = 0, By = KernelThread.Khugepaged },
        new() { Time = At(7.2), Kind = KernelEventKind.ReclaimBegin, Flag = true, Amount = 512, Extra = 1, By = KernelThread.Khugepaged },
        new() { Time = At(7.3), Kind = KernelEventKind.ReclaimEnd, Flag = true, Amount = 1, By = KernelThread.Khugepaged },
        new() { Time = At(7.4), Kind = KernelEventKind.ReclaimBegin, Mm = 2, Amount = 32, By = 2 },
        new() { Time = At(7.5), Kind = KernelEventKind.ReclaimEnd, Mm = 2, Amount = 2, By = 2 },
        new() { Time = At(8), Kind = KernelEventKind.KswapdWake, Amount = 0, By = KernelThread.Kswapd },
        Isolated(8.1, LruKind.InactiveAnon, KernelThread.Kswapd),
        new() { Time = At(8.2), Kind = KernelEventKind.FolioWritten, Pfn = 0x11440, Amount = 1, By = KernelThread.Kswapd },
        new() { Time = At(8.3), Kind = KernelEventKind.ShrinkInactive, Pfn = 10, Address = (14 << 8) | (long)LruKind.InactiveAnon, Amount = 31, Extra = 1, By = KernelThread.Kswapd },
        new() { Time = At(8.4), Kind = KernelEventKind.KswapdSleep, By = KernelThread.Kswapd },
    ];

    private static KernelEvent[] Shrinker() =>
    [
        new() { Time = At(9), Kind = KernelEventKind.ShrinkSlabBegin, Mm = 2, Pfn = 3, Address = 20, Referenced = 6, NoneOrZero = 10, Amount = 16, By = 1 },
        new() { Time = At(9.1), Kind = KernelEventKind.DeferredSplit, Mm = 2, Pfn = 0xac00, Referenced = 1, Flag = true, Amount = 500, By = 1 },
        new() { Time = At(9.2), Kind = KernelEventKind.DeferredSplit, Mm = 2, Pfn = 0xae00, NoneOrZero = 1, By = 1 },
        new() { Time = At(9.3), Kind = KernelEventKind.ShrinkSlab, Mm = 2, Pfn = 3, Address = 20, Referenced = 6, NoneOrZero = 10, Unmapped = 1, Amount = 16, Extra = 7, By = 1, More = 9 },
    ];

    private static KernelEvent[] End() =>
    [
        new() { Time = At(1000), Kind = KernelEventKind.TaskExit, Mm = 1 },
        new() { Time = At(1000.1), Kind = KernelEventKind.ScanPmd, Mm = 1, Address = Range, Status = ScanResult.AnyProcess, Flag = true, Pfn = -1, Extra = 1, Amount = 1 },
    ];

    private static KernelEvent Isolated(double at, LruKind list, int by) => new()
    {
        Time = At(at),
        Kind = KernelEventKind.LruIsolate,
        Mm = 2,
        Address = (32 << 8) | (long)list,
        Amount = 31,
        Extra = 30,
        By = by,
    };
}
