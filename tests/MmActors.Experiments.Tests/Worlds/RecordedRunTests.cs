using MmActors.Actors;
using MmActors.Experiments.Results;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Runtime;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>The shipped scenarios against what the real 6.12.117 kernel did, as far as no reclaim is involved. The numbers
/// are those of the recordings A-baseline, A-skip, A-refine and A-both, and of the patch series' idle desktop.</summary>
public class RecordedRunTests
{
    private static readonly int[] Hot1 = [8, 16, 24, 32, 40, 48, 56, 64, 64, 64, 64, 64, 64, 64, 64];
    private static readonly int[] Untouched = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly int[] Hot2WithBoth = [0, 0, 0, 0, 0, 0, 0, 0, 8, 16, 24, 32, 40, 48, 56];

    [Theory] // KH-53, KH-54: table A, collapsed ranges at t = 10, 20 … 150 s
    [InlineData("baseline", "cold lack_referenced_page 56, hot1 succeeded 64")]
    [InlineData("skip", "cold page_lazyfree 56, hot1 succeeded 64")]
    [InlineData("refine", "cold lack_referenced_page 56, hot1 succeeded 64")]
    [InlineData("both", "cold page_lazyfree 64, hot1 succeeded 64, hot2 succeeded 56")]
    public void Hot_cold_hot_collapses_what_the_recording_shows(string variant, string statuses)
    {
        Scenario scenario = ScenarioLoader.Load("hot-cold-hot", ScenarioCatalog.Shipped);
        Variant chosen = scenario.Variants.Single(v => v.Name == variant);
        using SimHost host = SimHost.Start(new SimSettings { Seed = 1 });
        var world = new World(host, new WorldSpec
        {
            Memory = scenario.Memory,
            Thp = chosen.Knobs,
            Switches = chosen.Switches,
            Machine = scenario.Machine,
            Tasks = scenario.Tasks,
            TimelineInterval = scenario.TimelineInterval,
            Seed = 1,
        });
        var log = new EventLog();
        world.Events.Attach(log);
        world.RunUntil(TimeSpan.FromSeconds(150));
        world.Finish();

        Assert.Equal(Hot1, Column(world, "hot1"));
        Assert.Equal(Untouched, Column(world, "cold"));
        Assert.Equal(variant == "both" ? Hot2WithBoth : Untouched, Column(world, "hot2"));
        Assert.Equal(statuses, Statuses(world, log));
    }

    [Theory] // the author of the new accounting measured 419 s before and 20 s after it
    [InlineData("baseline", 419, 0.05)]
    [InlineData("both", 20, 0.15)]
    public void The_second_full_scan_of_an_idle_desktop_takes_as_long_as_measured(string variant, double seconds, double tolerance)
    {
        Scenario scenario = ScenarioLoader.Load("idle-desktop", ScenarioCatalog.Shipped);
        VariantResult result = ExperimentRunner.Run(
            new RunRequest(scenario, scenario.Variants.Single(v => v.Name == variant), scenario.Machine, 1, TlbModel.Reach),
            null, CancellationToken.None);
        FullScan second = result.Khugepaged.Scans[1];
        Assert.InRange(second.EndSeconds - second.StartSeconds, seconds * (1 - tolerance), seconds * (1 + tolerance));
    }

    private static int[] Column(World world, string task) =>
        [.. world.Report.Timeline.Select(point => point.Tasks.Single(entry => entry.Task == task).Figures.HugeRanges)];

    private static string Statuses(World world, EventLog log) => string.Join(", ", log.Of(KernelEventKind.ScanPmd)
        .GroupBy(entry => (Task: world.Report.Tasks.Single(task => task.Mm == entry.Mm).Name, Status: entry.Status.Text()))
        .OrderBy(static group => group.Key.Task, StringComparer.Ordinal).ThenBy(static group => group.Key.Status, StringComparer.Ordinal)
        .Select(static group => $"{group.Key.Task} {group.Key.Status} {group.Count()}"));
}
