using System.Collections.Immutable;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Actors.Tests.Harness;

/// <summary>Whole worlds for tests that run programs: a round machine, one task unless said.</summary>
public static class Worlds
{
    /// <summary>A world with these programs, started at time 0 in this order.</summary>
    public static WorldSpec Of(KernelSwitches switches, ThpSettings thp, params ImmutableArray<Step>[] programs) => new()
    {
        Memory = ByteSize.FromMebibytes(512),
        Thp = thp,
        Switches = switches,
        Machine = RoundMachine.Preset,
        Tasks = [.. programs.Select(static (program, index) =>
            new TaskSpec($"task{index + 1}", TimeSpan.Zero, new ProcessImage(0, 0), program, 0))],
        TimelineInterval = TimeSpan.Zero,
        Seed = 1,
    };

    /// <summary>mmap of so many ranges at a fixed address.</summary>
    public static MapStep Map(int ranges, bool populate = false) =>
        new("m", ByteSize.FromMebibytes(2 * ranges), populate, false, default(ByteSize));

    /// <summary>Writes one byte to every page of the region.</summary>
    public static AccessStep Fill() => new("m", RegionSpan.All, new ByteSize(Geometry.PageSize), new FillByte(7, false));

    /// <summary>Writes one byte to the pages [first, end) of the region.</summary>
    public static AccessStep Write(int first, int end) => new("m", Pages(first, end), new ByteSize(Geometry.PageSize), new FillByte(9, false));

    /// <summary>madvise on the whole region.</summary>
    public static MadviseStep Advise(Advice advice) => new("m", RegionSpan.All, advice);

    /// <summary>A window of the region in pages.</summary>
    public static RegionSpan Pages(int first, int end) => new(ByteSize.FromPages(first), ByteSize.FromPages(end - first));

    /// <summary>A sysfs write.</summary>
    public static SetKnobStep Knob(string knob, string value) => new(knob, value);

    /// <summary>Sleeps so many milliseconds.</summary>
    public static SleepStep Sleep(int milliseconds) => new(TimeSpan.FromMilliseconds(milliseconds));
}
