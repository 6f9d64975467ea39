using System.Collections.Immutable;
using CsCheck;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>Random worlds of one to four tasks over a handful of ranges each.</summary>
internal static class WorldGen
{
    private static readonly ImmutableArray<string> KnobLines =
    [
        "khugepaged/pages_to_scan=1", "khugepaged/pages_to_scan=600", "khugepaged/pages_to_scan=100000",
        "khugepaged/scan_sleep_millisecs=1", "khugepaged/scan_sleep_millisecs=20", "khugepaged/alloc_sleep_millisecs=5",
        "khugepaged/max_ptes_none=0", "khugepaged/max_ptes_none=511", "khugepaged/max_ptes_none=100",
        "khugepaged/max_ptes_shared=0", "khugepaged/max_ptes_shared=511", "khugepaged/max_ptes_swap=0",
        "enabled=always", "enabled=madvise", "enabled=never", "hugepages-2048kB/enabled=never",
        "hugepages-2048kB/enabled=inherit", "shrink_underused=0", "use_zero_page=0", "use_zero_page=1",
    ];

    private static readonly Gen<ThpSettings> Thp =
        from enabled in Gen.OneOf(ThpEnabled.Always, ThpEnabled.Madvise, ThpEnabled.Madvise, ThpEnabled.Never)
        from pages in Gen.OneOf(1u, 512u, 600u, 2048u, 4096u, 100_000u)
        from sleep in Gen.OneOf(1u, 1u, 4u, 10u, 100u)
        from allocSleep in Gen.OneOf(0u, 4u, 30u)
        from none in Gen.OneOf(0, 1, 255, 511, 511)
        from shared in Gen.OneOf(0, 1, 256, 511)
        from flags in Gen.Int[0, 3]
        select new ThpSettings
        {
            Enabled = enabled,
            PagesToScan = pages,
            ScanSleepMillisecs = sleep,
            AllocSleepMillisecs = allocSleep,
            MaxPtesNone = none,
            MaxPtesShared = shared,
            UseZeroPage = (flags & 1) == 0,
            ShrinkUnderused = (flags & 2) == 0,
        };

    private static readonly Gen<KernelSwitches> Switches =
        from charging in Gen.Enum<ScanCharging>()
        from lazyfree in Gen.Enum<LazyfreeHandling>()
        from flags in Gen.Int[0, 31]
        select new KernelSwitches
        {
            Charging = charging,
            Lazyfree = lazyfree,
            MergedNoPteTable = (flags & 1) != 0,
            RequireWritable = (flags & 2) != 0,
            LeavesDisabledMmAtOnce = (flags & 4) != 0,
            ExactMappedShared = (flags & 8) != 0,
            CollapseToleratesEmptyRange = (flags & 16) != 0,
        };

    private static readonly Gen<string> RegionName = Gen.OneOf("a", "a", "b");

    internal static readonly Gen<RegionSpan> Span =
        from kind in Gen.Int[0, 3]
        from range in Gen.Int[0, 1]
        from first in Gen.Int[0, 511]
        from length in Gen.OneOf(Gen.Int[1, 40], Gen.Int[1, 511])
        select kind switch
        {
            0 => RegionSpan.All,
            1 => new RegionSpan(ByteSize.FromPages(range * 512), ByteSize.FromPages(512)),
            2 => new RegionSpan(ByteSize.FromPages(first), ByteSize.FromPages(Math.Min(length, 512 - first))),
            _ => new RegionSpan(default, ByteSize.FromPages(length)),
        };

    private static readonly Gen<Step> Map =
        from name in RegionName
        from pages in Gen.OneOf(512, 512, 1024, 1024, 1536, 600, 1100, 700)
        from flags in Gen.Int[0, 15]
        from offset in Gen.OneOf(0, 0, 1, 37)
        select (Step)new MapStep(
            name, ByteSize.FromPages(pages), (flags & 1) != 0, (flags & 14) == 14, (flags & 6) == 2 ? ByteSize.FromPages(offset) : null);

    private static readonly Gen<Step> Madvise =
        from name in RegionName
        from span in Span
        from advice in Gen.OneOf(
            Advice.Free, Advice.Free, Advice.DontNeed, Advice.HugePage, Advice.HugePage, Advice.NoHugePage, Advice.Collapse,
            Advice.PopulateWrite)
        select (Step)new MadviseStep(name, span, advice);

    private static readonly Gen<Step> Access =
        from name in RegionName
        from span in Span
        from stride in Gen.OneOf(0L, 0L, 4096L, 4096L * 7, 4096L * 100, 4096L * 512)
        from value in Gen.OneOf(-1, 0, 1, 2, 3, 256)
        select (Step)new AccessStep(name, span, new ByteSize(stride), value switch
        {
            -1 => null,
            256 => FillByte.LoopIndex,
            _ => new FillByte((byte)value, false),
        });

    private static readonly Gen<Step> Area =
        from name in RegionName
        from span in Span
        from kind in Gen.Int[0, 7]
        from small in Gen.Int[1, 20]
        select kind switch
        {
            0 => new MunmapStep(name, span),
            1 or 2 => new MprotectStep(name, span, false),
            3 or 4 => new MprotectStep(name, span, true),
            5 => new StripeStep(name, small),
            _ => (Step)new CountStep(name, span),
        };

    private static readonly Gen<Step> Pause =
        from kind in Gen.Int[0, 4]
        from amount in Gen.Int[0, 40]
        select kind switch
        {
            0 => new UntilStep(TimeSpan.FromMilliseconds(amount / 10 * 50)),
            1 or 2 => (Step)new SleepStep(TimeSpan.FromMilliseconds(amount)),
            _ => new SleepStep(TimeSpan.FromMicroseconds(amount * 10)),
        };

    private static readonly Gen<Step> Other =
        from kind in Gen.Int[0, 9]
        from knob in Gen.Int[0, KnobLines.Length - 1]
        select kind switch
        {
            0 => new ThpDisableStep(true),
            1 => new ThpDisableStep(false),
            2 or 3 => new SnapStep("s"),
            4 => new RandomReadsStep("a", 1 + (knob % 3), 1 + (knob * 100)),
            5 when knob < 4 => new ExitStep(),
            _ => (Step)new SetKnobStep(KnobLines[knob].Split('=')[0], KnobLines[knob].Split('=')[1]),
        };

    /// <summary>A range that is populated, advised, freed and touched a little: what the lazyfree rules are about.</summary>
    internal static readonly Gen<Step> Freed =
        from name in RegionName
        from before in Pause
        from span in Span
        from access in Access
        from after in Pause
        select (Step)new LoopStep(1,
            [
                new MadviseStep(name, RegionSpan.All, Advice.PopulateWrite), new MadviseStep(name, RegionSpan.All, Advice.HugePage),
                before, new MadviseStep(name, span, Advice.Free), access, after,
            ]);

    internal static readonly Gen<Step> Plain = Gen.Frequency(
        (6, Madvise), (5, Access), (2, Area), (4, Pause), (2, Other), (1, Map), (1, Freed));

    internal static readonly Gen<Step> Loop =
        from count in Gen.Int[1, 5]
        from body in Plain.Array[1, 5]
        select (Step)new LoopStep(count, [.. body]);

    internal static readonly Gen<Step> Fork =
        from child in Gen.OneOf("child", "other")
        from body in Gen.Frequency((6, Plain), (1, Loop)).Array[0, 6]
        select (Step)new ForkStep(child, [.. body]);

    internal static readonly Gen<TaskSpec> Task =
        from start in Gen.OneOf(0, 0, 0, 1, 7, 50)
        from below in Gen.OneOf(0, 1, 7)
        from above in Gen.OneOf(0, 3)
        from young in Gen.OneOf(0.0, 0.0, 0.0, 0.1)
        from first in Map
        from second in Map
        from program in Gen.Frequency((9, Plain), (2, Loop), (1, Fork)).Array[1, 16]
        select new TaskSpec(
            "", TimeSpan.FromMilliseconds(start), new ProcessImage(below, above),
            [Renamed(first, "a"), Renamed(second, "b"), .. program], young);

    /// <summary>Random worlds.</summary>
    public static readonly Gen<GeneratedWorld> Worlds =
        from memory in Gen.OneOf(64, 64, 96, 256)
        from cpus in Gen.Int[1, 3]
        from thp in Thp
        from switches in Switches
        from tasks in Task.Array[1, 4]
        from schedule in Gen.OneOf(Gen.Const(0UL), Gen.ULong[1, 1_000_000])
        select new GeneratedWorld(
            memory, cpus, thp, switches, [.. tasks.Select((task, index) => task with { Name = $"task{index}" })], schedule);

    private static MapStep Renamed(Step map, string name) => (MapStep)map with { Region = name };
}
