using System.Globalization;
using MathNet.Numerics.Statistics;
using MmActors.Actors;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;
using MmActors.Runtime;
using MmActors.Runtime.Concurrent;
using Xunit.Abstractions;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>Whether real threads give the results that the deterministic kernel gives: twenty runs of each, with twenty seeds. docs/concurrent.md declares the band.</summary>
public class ConcurrentStatisticsTests(ITestOutputHelper output)
{
    private const int Runs = 20;
    private const int Tasks = 6;
    private const int Pages = 1024;
    private const long Limit = Tasks * Pages * 2 / 3;

    /// <summary>The band: so many standard errors of the difference of two means, and a hundredth of the mean.</summary>
    private const double StandardErrors = 4;
    private const double Share = 0.01;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(1.2);

    private static readonly VmCounter[] Metrics = [VmCounter.ThpCollapseAlloc, VmCounter.PgLazyfreed, VmCounter.PswpOut];

    [Fact] // architecture.md section 4
    public void Twenty_concurrent_runs_give_the_means_of_twenty_deterministic_ones()
    {
        double[][] deterministic = Sample(Runs, Deterministic);
        double[][] concurrent = Sample(Runs, Concurrent);
        for (int metric = 0; metric < Metrics.Length; metric++)
        {
            output.WriteLine(Line(metric, deterministic[metric], concurrent[metric]));
        }

        for (int metric = 0; metric < Metrics.Length; metric++)
        {
            Assert.True(deterministic[metric].Mean() > 10, $"{Metrics[metric]}: nothing to compare");
            Assert.True(IsWithinBand(deterministic[metric], concurrent[metric]), Line(metric, deterministic[metric], concurrent[metric]));
        }
    }

    [Fact]
    public void The_bands_tell_a_limit_from_one_that_is_a_tenth_higher()
    {
        double[][] tight = Sample(Runs, Deterministic);
        double[][] wider = Sample(Runs / 2, static seed => Deterministic(seed, Limit * 11 / 10));
        const int SwappedOut = 2;
        output.WriteLine(Line(SwappedOut, tight[SwappedOut], wider[SwappedOut]));
        Assert.False(IsWithinBand(tight[SwappedOut], wider[SwappedOut]));
    }

    private static bool IsWithinBand(double[] expected, double[] found) =>
        Math.Abs(found.Mean() - expected.Mean()) <= Band(expected, found);

    private static double Band(double[] expected, double[] found) =>
        (StandardErrors * Math.Sqrt((expected.Variance() / expected.Length) + (found.Variance() / found.Length))) + (Share * expected.Mean());

    private static string Line(int metric, double[] expected, double[] found) => string.Create(
        CultureInfo.InvariantCulture,
        $"{VmStat.Name(Metrics[metric])}: {expected.Mean():0.0} (sd {expected.StandardDeviation():0.0}) expected, "
        + $"{found.Mean():0.0} (sd {found.StandardDeviation():0.0}) found, band {Band(expected, found):0.0}");

    /// <summary>The metrics of so many runs, metric by metric.</summary>
    private static double[][] Sample(int runs, Func<ulong, VmStat> run)
    {
        VmStat[] results = [.. Enumerable.Range(1, runs).Select(seed => run((ulong)seed))];
        return [.. Metrics.Select(metric => results.Select(vmstat => (double)vmstat[metric]).ToArray())];
    }

    private static VmStat Deterministic(ulong seed) => Deterministic(seed, Limit);

    private static VmStat Deterministic(ulong seed, long limit)
    {
        using SimHost host = SimHost.Start(new SimSettings { Seed = seed });
        return Run(host, seed, limit);
    }

    private static VmStat Concurrent(ulong seed)
    {
        using ConcurrentHost host = ConcurrentHost.Start(new ConcurrentSettings { Seed = seed });
        return Run(host, seed, Limit);
    }

    private static VmStat Run(IRunHost host, ulong seed, long limit)
    {
        var world = new World(host, Spec(seed, limit));
        Assert.Equal(RunOutcome.HorizonReached, world.RunUntil(Duration));
        world.Finish();
        return world.Context.Vmstat;
    }

    /// <summary>A crowd whose tasks do the same at the same moments, in a cgroup that holds two thirds of it: write, give half back,
    /// read a page of each range at random, sleep, again.</summary>
    private static WorldSpec Spec(ulong seed, long limit)
    {
        var half = new RegionSpan(ByteSize.FromPages(0), ByteSize.FromPages(Pages / 2));
        Step[] program =
        [
            new MapStep("a", ByteSize.FromPages(Pages), Populate: false, Droppable: false, ByteSize.FromPages(0)),
            new MadviseStep("a", RegionSpan.All, Advice.HugePage),
            new LoopStep(4, [
                new AccessStep("a", RegionSpan.All, new ByteSize(4096), new FillByte(1, IsLoopIndex: false)),
                new MadviseStep("a", half, Advice.Free),
                new SleepStep(TimeSpan.FromMilliseconds(20)),
                new RandomReadsStep("a", Batches: 4, AccessesPerBatch: 64),
                new SleepStep(TimeSpan.FromMilliseconds(200)),
            ]),
            new SleepStep(Duration),
        ];
        return new WorldSpec
        {
            Memory = ByteSize.FromMebibytes(64),
            Thp = new ThpSettings { ScanSleepMillisecs = 20, PagesToScan = 1024, Defrag = ThpDefrag.Never },
            Switches = TestMachine.Switches612,
            Machine = TestMachine.With(4),
            Tasks = [.. Enumerable.Range(1, Tasks).Select(number =>
                new TaskSpec($"t{number}", TimeSpan.Zero, ProcessImage.Recorded, [.. program], 0.2) { Cgroup = "g" })],
            Cgroups = [new CgroupSpec("g", new MemcgLimits { MaxPages = limit })],
            Swap = new SwapSpec(ByteSize.FromMebibytes(64), SwapKind.Ram),
            TimelineInterval = TimeSpan.Zero,
            Seed = seed,
        };
    }
}
