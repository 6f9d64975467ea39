using MmActors.Actors;
using MmActors.Experiments.Populations;
using MmActors.Experiments.Running;
using MmActors.Runtime;

namespace MmActors.Experiments.Soaking;

/// <summary>A soak under way: the host with its kernel, the world in it, and what the runner keeps.</summary>
public sealed class SoakRun : IDisposable
{
    /// <summary>Takes over a world, new or restored.</summary>
    public SoakRun(SoakRequest request, SimHost host, World world, SoakState state)
    {
        Request = request;
        Host = host;
        World = world;
        State = state;
    }

    /// <summary>What was asked for.</summary>
    public SoakRequest Request { get; }

    /// <summary>The actor system.</summary>
    public SimHost Host { get; }

    /// <summary>The simulated machine with its tasks.</summary>
    public World World { get; }

    /// <summary>What is kept between slices.</summary>
    public SoakState State { get; }

    /// <summary>A new world at time 0.</summary>
    public static SoakRun Start(SoakRequest request)
    {
        SimHost host = SimHost.Start(SettingsOf(request));
        return new SoakRun(request, host, new World(host, SpecOf(request)), new SoakState());
    }

    /// <summary>Settings of the kernel: nothing ends a soak before its time.</summary>
    public static SimSettings SettingsOf(SoakRequest request) =>
        new() { Seed = request.Run.Seed, StepLimit = long.MaxValue, Log = request.Run.Log };

    /// <summary>What the world is made of.</summary>
    public static WorldSpec SpecOf(SoakRequest request) => ExperimentRunner.SpecOf(request.Run) with
    {
        TimelineInterval = TimeSpan.Zero,
        Population = new Population(request.Population, request.Run.Scenario.Memory, request.Run.Seed),
    };

    /// <inheritdoc/>
    public void Dispose() => Host.Dispose();
}
