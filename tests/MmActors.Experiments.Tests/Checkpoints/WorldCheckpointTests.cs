using System.Reflection;
using System.Security.Cryptography;
using MmActors.Actors;
using MmActors.Experiments.Exploring;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Experiments.Tests.Worlds;
using MmActors.Model.Memory;
using MmActors.Runtime;
using MmActors.Runtime.Checkpoints;

namespace MmActors.Experiments.Tests.Checkpoints;

/// <summary>A run that is taken down at some moment and set up again on another host ends as if nothing had happened: the same
/// event hash, the same number of steps, the same audit, the same counters.</summary>
public class WorldCheckpointTests
{
    private const int Programs = 40;

    private static readonly TimeSpan Horizon = TimeSpan.FromMilliseconds(400);

    public static TheoryData<string> Shipped => [.. ScenarioCatalog.Shipped.Scenarios];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_shipped_scenario_goes_on_from_any_moment(string name)
    {
        Scenario scenario = ScenarioLoader.Load(name, ScenarioCatalog.Shipped);
        TimeSpan end = Min(scenario.Duration, TimeSpan.FromSeconds(60));
        foreach (Variant variant in scenario.Variants.Take(2))
        {
            WorldSpec spec = ExperimentRunner.SpecOf(new RunRequest(scenario, variant, scenario.Machine, 7, TlbModel.Reach));
            CheckMoments(spec, new SimSettings { Seed = 7 }, end, 0.02, 0.31, 0.93);
        }
    }

    [Fact]
    public void Random_programs_go_on_from_any_moment() => FixedPrograms.Check(
        WorldGen.Worlds, Programs, static generated => CheckMoments(generated.Spec, generated, Horizon, 0.1, 0.4, 0.7));

    [Fact]
    public void Random_programs_under_pressure_go_on_from_any_moment() => FixedPrograms.Check(
        PressureGen.Worlds, Programs, static generated => CheckMoments(generated.Spec, generated, Horizon, 0.05, 0.3, 0.8));

    /// <summary>All fields are taken by themselves; these are made anew: Akka's log, the mark of a restored actor, and what an
    /// audit counts in.</summary>
    [Fact]
    public void Nothing_else_is_left_out()
    {
        IEnumerable<string> left = ((Assembly[])[typeof(MemoryNode).Assembly, typeof(World).Assembly, typeof(SimHost).Assembly, typeof(Variant).Assembly])
            .SelectMany(static assembly => assembly.GetTypes())
            .SelectMany(static type => type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(static field => field.IsDefined(typeof(NotInCheckpointAttribute), inherit: false))
            .Select(static field => $"{field.DeclaringType!.Name}.{field.Name}");
        Assert.Equal(["MmActor._log", "RestorableActor._isRestored", "World._counts"], left.Order(StringComparer.Ordinal));
    }

    private static void CheckMoments(WorldSpec spec, GeneratedWorld generated, TimeSpan end, params double[] moments) =>
        CheckMoments(spec, () => generated.Settings, end, moments);

    private static void CheckMoments(WorldSpec spec, SimSettings settings, TimeSpan end, params double[] moments) =>
        CheckMoments(spec, () => settings, end, moments);

    /// <summary>At each moment: take down, set up elsewhere, take down again (equal bytes), and go on there.</summary>
    private static void CheckMoments(WorldSpec spec, Func<SimSettings> settings, TimeSpan end, double[] moments)
    {
        Ending uninterrupted = default!;
        Hosts.Use(settings(), host => uninterrupted = Finish(host, new World(host, spec), end));
        Assert.True(uninterrupted.Events > 0);
        byte[] bytes = [];
        Hosts.Use(settings(), host =>
        {
            var world = new World(host, spec);
            world.RunUntil(end * moments[0]);
            bytes = Capture(host, world);
        });
        for (int moment = 0; moment < moments.Length; moment++)
        {
            Hosts.Use(settings() with { Strategy = null }, host =>
            {
                var world = (World)RunCheckpoint.Restore(host, [bytes]);
                Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)), Convert.ToHexString(SHA256.HashData(Capture(host, world))));
                if (moment + 1 < moments.Length)
                {
                    world.RunUntil(end * moments[moment + 1]);
                    bytes = Capture(host, world);
                }

                Assert.Equal(uninterrupted, Finish(host, world, end));
            });
        }
    }

    private static byte[] Capture(SimHost host, World world) =>
        [.. new RunCheckpoint().Capture(host, world).SelectMany(static block => block.ToArray())];

    private static Ending Finish(SimHost host, World world, TimeSpan end)
    {
        world.RunUntil(end);
        world.Finish();
        return new Ending(
            world.Events.Hash, world.Events.Count, host.Kernel.Steps, RestChecks.Fingerprint(world),
            string.Join(' ', Enumerable.Range(0, VmStat.Count).Select(index => world.Context.Vmstat[(VmCounter)index])));
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private sealed record Ending(string Hash, long Events, long Steps, ulong EndState, string Counters);
}
