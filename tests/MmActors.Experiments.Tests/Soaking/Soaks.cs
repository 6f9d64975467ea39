using MmActors.Experiments.Populations;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Experiments.Soaking;

namespace MmActors.Experiments.Tests.Soaking;

/// <summary>Small soaks: seconds of real time for hours of simulated time.</summary>
internal static class Soaks
{
    private static readonly Scenario Machine = ScenarioLoader.Parse(
        """
        name: small
        duration: 1m
        memory: 512M
        swap: {size: 256M, device: ram}
        kernel: v6.18
        knobs: {enabled: madvise, khugepaged/max_ptes_none: 409}
        cgroups: [{name: jobs, memory.max: 48M, memory.swap.max: 8M}]
        tasks: [{name: agent, program: [map: {region: a, size: 1H}, exit]}]
        population:
          tasks: 20
          gap: 20s
          classes:
            - {name: web, kind: server, weight: 4, memory_percent: 30, lifetime: 3h, period: 2m}
            - {name: pool, kind: allocator, weight: 4, memory_percent: 25, lifetime: 1h, period: 1m, decay: 2m}
            - {name: job, kind: batch, weight: 4, memory_percent: 9, lifetime: 10m, period: 1m, cgroups: jobs, overrun_percent: 20}
            - {name: build, kind: forker, weight: 3, memory_percent: 12, lifetime: 1h, period: 2m}
            - {name: idle, kind: idle, weight: 2, memory_percent: 15, lifetime: 2h, period: 20m}
            - {name: sparse, kind: sparse, weight: 3, memory_percent: 20, lifetime: 30m, period: 3m, huge: early}
        """, "small.yaml", ScenarioCatalog.Shipped);

    /// <summary>A soak of the small machine.</summary>
    public static SoakRequest Of(TimeSpan horizon, ulong seed = 1) => new(
        new RunRequest(Machine, Machine.Variants[0], Machine.Machine, seed, TlbModel.Reach),
        Machine.Population!, horizon, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(30));

    /// <summary>The same with tasks that live for a second or two: as many as one likes.</summary>
    public static SoakRequest OfBriefTasks(TimeSpan horizon)
    {
        PopulationSpec population = Machine.Population!;
        return Of(horizon) with
        {
            Population = new PopulationSpec(population.Tasks, TimeSpan.FromSeconds(1), [.. population.Classes.Select(static one => one with
            {
                MemoryPercent = one.MemoryPercent / 8,
                Lifetime = TimeSpan.FromSeconds(4),
                Period = TimeSpan.FromSeconds(1),
            })]),
        };
    }

    /// <summary>Runs a soak to its end.</summary>
    public static (SoakResult Result, List<SoakPeriod> Periods) Run(SoakRequest request, Action<SoakRun>? atRest = null)
    {
        using SoakRun run = SoakRun.Start(request);
        var listener = new Listener(atRest ?? (static _ => { }));
        return (new SoakRunner(run, listener).Run(CancellationToken.None), listener.Periods);
    }

    private sealed class Listener(Action<SoakRun> atRest) : ISoakListener
    {
        public List<SoakPeriod> Periods { get; } = [];

        public void AtRest(SoakRun run) => atRest(run);

        public void Summarise(SoakPeriod period) => Periods.Add(period);
    }
}
