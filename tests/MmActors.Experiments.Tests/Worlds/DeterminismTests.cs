using CsCheck;
using MmActors.Actors;
using MmActors.Runtime;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>The hash of the event stream is the identity of a run (architecture.md section 1).</summary>
public class DeterminismTests
{
    private const int Programs = 150;

    private static readonly TimeSpan Horizon = TimeSpan.FromMilliseconds(200);

    [Fact]
    public void The_same_world_gives_the_same_hash_on_a_fresh_and_on_a_reused_host() => RequireEqualHashes(WorldGen.Worlds);

    [Fact]
    public void The_same_world_under_pressure_gives_the_same_hash() => RequireEqualHashes(PressureGen.Worlds);

    private static void RequireEqualHashes(Gen<GeneratedWorld> worlds) => FixedPrograms.Check(worlds, Programs, static generated =>
    {
        (string Hash, long Events) reused = default;
        Hosts.Use(generated.Settings, host => reused = Run(host, generated));
        using SimHost fresh = SimHost.Start(generated.Settings);
        Assert.Equal(reused, Run(fresh, generated));
        fresh.Reset(generated.Settings);
        Assert.Equal(reused, Run(fresh, generated));
        Assert.True(reused.Events > 0);
    });

    private static (string Hash, long Events) Run(SimHost host, GeneratedWorld generated)
    {
        var world = new World(host, generated.Spec);
        world.RunUntil(Horizon);
        return (world.Events.Hash, world.Events.Count);
    }
}
