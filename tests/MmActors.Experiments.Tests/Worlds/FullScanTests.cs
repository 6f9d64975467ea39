using System.Collections.Immutable;
using CsCheck;
using MmActors.Actors;
using MmActors.Model.Events;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>What pages_to_scan does to the time of a full scan.</summary>
public class FullScanTests
{
    private const int SleepMs = 100;

    /// <summary>KH-6a at HZ=250: below 63 jiffies a sleep is exact to one jiffy and rounded up by at most one more.</summary>
    private static readonly TimeSpan Granule = TimeSpan.FromMilliseconds(8);

    private static readonly Gen<TaskSpec> Population =
        from ranges in Gen.Int[1, 5]
        from tail in Gen.Int[0, 511]
        from populate in Gen.Bool
        from touched in Gen.Int[0, 5]
        from below in Gen.Int[0, 60]
        from freed in Gen.Bool
        select new TaskSpec("", TimeSpan.Zero, new ProcessImage(below, 3), Program(ranges, tail, populate, touched, freed), 0);

    private static readonly Gen<(uint Small, uint Large)> Budgets =
        Gen.Select(Gen.UInt[1, 6000], Gen.UInt[0, 6000]).Select(static (small, more) => (small, small + more));

    [Fact] // KH-4, KH-6a
    public void More_pages_to_scan_never_makes_a_full_scan_slower() =>
        Gen.Select(Population.Array[1, 6], Budgets, Gen.Enum<ScanCharging>()).Sample((tasks, budgets, charging) =>
        {
            (int smallPasses, TimeSpan smallTime) = Measure(tasks, budgets.Small, charging);
            (int largePasses, TimeSpan largeTime) = Measure(tasks, budgets.Large, charging);
            Assert.True(largePasses <= smallPasses, $"{budgets}: {smallPasses} passes became {largePasses}");
            Assert.True(
                largeTime <= smallTime - ((smallPasses - largePasses) * TimeSpan.FromMilliseconds(SleepMs)) + (smallPasses * Granule),
                $"{budgets}: {smallTime} became {largeTime}");
        }, iter: 150);

    [Fact] // KH-15: the new charge never costs more than the old one
    public void The_new_accounting_never_needs_more_passes() =>
        Gen.Select(Population.Array[1, 6], Gen.UInt[1, 6000]).Sample((tasks, budget) =>
        {
            (int old, _) = Measure(tasks, budget, ScanCharging.WholeRange);
            (int refined, _) = Measure(tasks, budget, ScanCharging.Visited);
            Assert.True(refined <= old, $"{budget}: {old} passes became {refined}");
        }, iter: 80);

    private static ImmutableArray<Step> Program(int ranges, int tail, bool populate, int touched, bool freed)
    {
        ImmutableArray<Step>.Builder steps = ImmutableArray.CreateBuilder<Step>();
        steps.Add(new MapStep("a", ByteSize.FromPages((ranges * 512) + tail), populate, false, null));
        steps.Add(new AccessStep("a", new RegionSpan(default, ByteSize.FromPages(1 + (touched * 100))), default, new FillByte(1, false)));
        if (freed)
        {
            steps.Add(new MadviseStep("a", RegionSpan.All, Advice.Free));
        }

        steps.Add(new MadviseStep("a", RegionSpan.All, Advice.HugePage));
        steps.Add(new SleepStep(TimeSpan.FromDays(1)));
        return steps.ToImmutable();
    }

    /// <summary>Passes and time of the first traversal that begins at the head of the list after the budget was set. Up to
    /// then both runs are the same: everything is mapped and khugepaged sleeps.</summary>
    private static (int Passes, TimeSpan Time) Measure(TaskSpec[] tasks, uint budget, ScanCharging charging)
    {
        TimeSpan begin = TimeSpan.FromSeconds(1);
        var control = new TaskSpec("ctl", TimeSpan.Zero, ProcessImage.Recorded,
            [
                new UntilStep(begin), new SetKnobStep("khugepaged/pages_to_scan", budget.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                new SetKnobStep("khugepaged/scan_sleep_millisecs", "100"),
            ], 0);
        var generated = new GeneratedWorld(
            256, 2, new ThpSettings { PagesToScan = 1, ScanSleepMillisecs = 1_000_000 },
            TestMachine.Switches612 with { Charging = charging },
            [.. tasks.Select(static (task, index) => task with { Name = $"t{index}" }), control], 0);
        (int, TimeSpan) result = default;
        Hosts.Use(generated.Settings, host =>
        {
            var world = new World(host, generated.Spec with { TimelineInterval = TimeSpan.Zero });
            var log = new EventLog();
            world.Events.Attach(log);
            TimeSpan until = begin;
            while (log.Of(KernelEventKind.Visit).Count(static e => e.Writable) < 2)
            {
                until += TimeSpan.FromSeconds(5);
                world.RunUntil(until);
            }

            TimeSpan[] ends = [.. log.Of(KernelEventKind.Visit).Where(static e => e.Writable).Select(static e => e.Time).Take(2)];
            TimeSpan first = ends[0] < begin ? begin : ends[0];
            result = (log.Of(KernelEventKind.PassBegin).Count(e => e.Time >= begin && e.Time <= ends[1]), ends[1] - begin);
            Assert.True(first <= ends[1]);
        });
        return result;
    }
}
