using System.Collections.Immutable;
using CsCheck;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>Random worlds with too little memory: small cgroups, a small machine, swap that may fill up, and tasks that ask
/// for reclaim.</summary>
internal static class PressureGen
{
    private const int MachineMebibytes = 64;

    private static readonly ImmutableArray<string> Groups = ["g", "g/a"];

    private static readonly Gen<long> Limit =
        Gen.OneOf(Gen.Const(MemcgLimits.Unlimited), Gen.Long[64, 700], Gen.Long[300, 3000], Gen.Long[300, 3000]);

    private static Gen<MemcgLimits> Limits(bool withHigh) =>
        from max in Limit
        from high in Gen.Frequency((3, Gen.Const(MemcgLimits.Unlimited)), (1, Limit))
        from low in Gen.Frequency((3, Gen.Const(0L)), (1, Gen.Long[0, 2000]))
        from min in Gen.Frequency((5, Gen.Const(0L)), (1, Gen.Long[0, 800]))
        from swapMax in Gen.Frequency((3, Gen.Const(MemcgLimits.Unlimited)), (1, Gen.Long[0, 1200]))
        select new MemcgLimits { MaxPages = max, HighPages = withHigh ? high : MemcgLimits.Unlimited, LowPages = low, MinPages = min, SwapMaxPages = swapMax };

    private static readonly Gen<SwapSpec?> Swap =
        from kind in Gen.Int[0, 4]
        from pages in Gen.OneOf(Gen.Int[1, 600], Gen.Int[500, 3000], Gen.Const(16_384))
        select kind == 0
            ? null
            : new SwapSpec(ByteSize.FromPages(pages), kind <= 2 ? SwapKind.Ram : SwapKind.Disk);

    private static Gen<Pressure> Scarcity(bool withHigh) =>
        from swap in Swap
        from swappiness in Gen.OneOf(0, 1, 60, 60, 100, 200)
        from minFree in Gen.Frequency((3, Gen.Const(0)), (1, Gen.Int[64, 4096]))
        from scale in Gen.OneOf(10, 10, 10, 300)
        from scarce in Gen.Int[0, 2]
        from free in Gen.Int[1500, 7000]
        from first in Limits(withHigh)
        from second in Limits(withHigh)
        select new Pressure(
            swap,
            new VmSettings { Swappiness = swappiness, MinFreeKbytes = minFree == 0 ? null : minFree, WatermarkScaleFactor = scale },
            scarce == 0 ? 960 : (MachineMebibytes * 256) - free,
            [new CgroupSpec(Groups[0], first), new CgroupSpec(Groups[1], second)]);

    private static Gen<Step> GroupWrite(bool withHigh) =>
        from kind in Gen.Int[0, 9]
        from index in Gen.Int[0, 1]
        from pages in Gen.OneOf(Gen.Long[1, 64], Gen.Long[64, 2500])
        from swappiness in Gen.OneOf(-1, -1, -1, 0, 200)
        select (Step)(kind switch
        {
            0 => new CgroupWriteStep(Groups[index], MemcgFile.Max, Math.Max(pages, 64), null),
            1 => new CgroupWriteStep(Groups[index], MemcgFile.Max, MemcgLimits.Unlimited, null),
            2 => new CgroupWriteStep(Groups[index], withHigh ? MemcgFile.High : MemcgFile.Low, pages, null),
            3 => new CgroupWriteStep(Groups[index], MemcgFile.SwapMax, pages, null),
            4 => new CgroupWriteStep("", MemcgFile.Reclaim, pages, null),
            _ => new CgroupWriteStep(Groups[index], MemcgFile.Reclaim, pages, swappiness < 0 ? null : swappiness),
        });

    private static readonly Gen<Step> VmWrite =
        from kind in Gen.Int[0, 5]
        from amount in Gen.Int[0, 200]
        select (Step)(kind switch
        {
            0 => new VmWriteStep(VmFile.Swappiness, amount),
            1 => new VmWriteStep(VmFile.MinFreeKbytes, 200 + (amount * 10)),
            2 => new VmWriteStep(VmFile.WatermarkScaleFactor, 1 + amount),
            _ => new VmWriteStep(VmFile.DropCaches, 1 + (amount % 3)),
        });

    private static readonly Gen<Step> Advise =
        from name in Gen.OneOf("a", "a", "b")
        from span in WorldGen.Span
        from advice in Gen.OneOf(Advice.Cold, Advice.PageOut, Advice.PageOut, Advice.Free)
        select (Step)new MadviseStep(name, span, advice);

    private static Gen<Step> Squeeze(bool withHigh) => Gen.Frequency((4, GroupWrite(withHigh)), (1, VmWrite), (3, Advise));

    private static Gen<Step> Any(bool withHigh) =>
        Gen.Frequency((5, WorldGen.Plain), (4, Squeeze(withHigh)), (1, WorldGen.Loop), (1, WorldGen.Fork));

    /// <summary>A loop that writes, gives back and presses: one round after the other on the same memory.</summary>
    private static Gen<Step> Round(bool withHigh) =>
        from count in Gen.Int[2, 4]
        from body in Gen.Frequency((3, WorldGen.Plain), (3, Squeeze(withHigh)), (1, WorldGen.Freed)).Array[2, 6]
        select (Step)new LoopStep(count, [.. body]);

    private static Gen<TaskSpec> Task(bool withHigh) =>
        from plain in WorldGen.Task
        from cgroup in Gen.OneOf("", Groups[0], Groups[0], Groups[1])
        from own in Gen.OneOf(0, 0, 25)
        from steps in Gen.Frequency((5, Any(withHigh)), (1, Round(withHigh))).Array[1, 14]
        select plain with
        {
            Cgroup = cgroup,
            Image = plain.Image with { OwnPages = own, TouchedPages = own / 2, FilePages = own * 3 },
            Program = [.. plain.Program.Take(2), .. steps],
        };

    /// <summary>Random worlds under pressure; in one of four memory.high slows the tasks, which makes it long, so khugepaged
    /// is slow there too.</summary>
    public static readonly Gen<GeneratedWorld> Worlds = Gen.Frequency(
        (1, WorldsOf(withHigh: true).Select(static world => world with
        {
            Thp = world.Thp with { ScanSleepMillisecs = Math.Max(20, world.Thp.ScanSleepMillisecs) },
        })),
        (3, WorldsOf(withHigh: false)));

    /// <summary>Random worlds under pressure, with or without memory.high.</summary>
    public static Gen<GeneratedWorld> WorldsOf(bool withHigh) =>
        from world in WorldGen.Worlds
        from pressure in Scarcity(withHigh)
        from tasks in Task(withHigh).Array[1, 4]
        select world with
        {
            MemoryMebibytes = MachineMebibytes,
            Pressure = pressure,
            Tasks = [.. tasks.Select((task, index) => task with { Name = $"task{index}" })],
        };
}
