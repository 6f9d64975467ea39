using MmActors.Actors.Tests.Harness;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;
using MmActors.Runtime;

namespace MmActors.Actors.Tests.Tasks;

/// <summary>What the task actor makes of a program's corners, in whole worlds.</summary>
public sealed class ProgramTests : IDisposable
{
    private static readonly ThpSettings Always = new() { Enabled = ThpEnabled.Always };
    private readonly SimHost _host = SimHost.Start();

    public void Dispose() => _host.Dispose();

    [Fact] // a step over nothing ends at once; very many of them must not pile up on the stack
    public void A_long_loop_of_empty_steps_ends()
    {
        var nothing = new RegionSpan(default, new ByteSize(0));
        var write = new AccessStep("m", nothing, default, new FillByte(1, false));
        World world = Run(new ThpSettings(), Worlds.Map(1), new LoopStep(300_000, [write]));
        Assert.True(world.Report.Tasks[0].HasExited);
        Assert.Null(world.Report.Tasks[0].Fault);
    }

    [Fact] // KH-43: MADV_COLLAPSE of a window without an aligned range returns at once
    public void A_long_loop_of_empty_collapses_ends()
    {
        var collapse = new MadviseStep("m", Worlds.Pages(1, 512), Advice.Collapse);
        Assert.True(Run(new ThpSettings(), Worlds.Map(1), new LoopStep(300_000, [collapse])).Report.Tasks[0].HasExited);
    }

    [Theory] // UT-25: only a VMA that is split splits the huge PMD it cuts; one with the right flags already stays whole
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public void Advice_that_changes_nothing_splits_no_PMD(bool changes, long expected)
    {
        Advice advice = changes ? Advice.NoHugePage : Advice.HugePage;
        World world = Run(Always, Worlds.Map(2), Worlds.Advise(Advice.HugePage), Worlds.Fill(),
            new MadviseStep("m", Worlds.Pages(256, 1024), advice), new MprotectStep("m", Worlds.Pages(100, 700), true),
            Worlds.Sleep(3_600_000));
        Assert.Equal(expected, world.Context.Vmstat[VmCounter.ThpSplitPmd]);
        Assert.Equal(2 - (int)expected, world.Report.Spaces[0].HugeRanges);
        world.Audit();
    }

    [Fact] // KH-22: a fork child counts the aligned ranges of what it inherits, as its parent does
    public void Parent_and_child_have_as_many_ranges()
    {
        var map = new MapStep("m", ByteSize.FromMebibytes(5), false, false, ByteSize.FromMebibytes(1));
        World world = Run(Always, map, new ForkStep("child", [Worlds.Sleep(1_000)]), Worlds.Sleep(1_000));
        Assert.Equal([2, 2], world.Report.Tasks.Select(static task => task.Ranges));
    }

    [Fact] // a region that is unmapped and mapped again has its ranges once
    public void Mapping_a_region_again_does_not_add_its_ranges_again()
    {
        LoopStep loop = new(5, [Worlds.Map(2), Worlds.Fill(), new MunmapStep("m", RegionSpan.All)]);
        World world = Run(Always, loop, Worlds.Map(3), Worlds.Sleep(1_000));
        Assert.Equal(3, world.Report.Tasks[0].Ranges);
    }

    private World Run(ThpSettings thp, params Step[] program)
    {
        var world = new World(_host, Worlds.Of(Kernels.Old, thp, [.. program]));
        world.RunUntil(TimeSpan.FromMinutes(1));
        return world;
    }
}
