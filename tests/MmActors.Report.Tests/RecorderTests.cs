using MmActors.Experiments.Recording;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Model;

namespace MmActors.Report.Tests;

/// <summary>What a recorder takes down of the seed experiment.</summary>
public class RecorderTests
{
    [Theory]
    [InlineData(165, 1, 10)]
    [InlineData(34, 0.2, 1)]
    [InlineData(900, 5, 60)]
    [InlineData(0.05, 0.00005, 0.0002)] // so short a run is looked at ten times as closely
    [InlineData(100_000, 1000, 5000)]
    public void Distances_are_1_2_or_5_and_slices_follow_a_readable_timeline(double seconds, double interval, double slice)
    {
        var timeline = TimeSpan.FromSeconds(seconds > 1000 ? 1 : seconds >= 900 ? 60 : seconds >= 100 ? 10 : 1);
        var recorder = new RunRecorder(TimeSpan.FromSeconds(seconds), timeline);
        Assert.Equal((TimeSpan.FromSeconds(interval), TimeSpan.FromSeconds(slice)), (recorder.Interval, recorder.Finish().SliceLength));
    }

    [Fact] // with both halves: hot1 is complete after 8 passes of 8 ranges, cold costs the 9th 64 pages, hot2 gets the rest of it
    public void The_seed_experiment_is_taken_down_as_its_rules_say()
    {
        var recording = Record("both", 165);
        Assert.Equal(["hot1", "cold", "hot2"], recording.Lanes.Select(static lane => lane.Task));
        Assert.All(recording.Lanes, static lane => Assert.Equal((64, 64, "buf"), (lane.Windows, lane.Cells.Length, lane.Region)));
        Assert.Equal((64, 64L), Sum(recording, lane: 1, ScanResult.PageLazyfree));
        Assert.Equal((64, 32_768L), Sum(recording, lane: 2, ScanResult.Succeed));
        Assert.Equal(192, recording.Looks.Sum(static look => look.Ranges));
        Assert.Equal(128, recording.Collapses.Length);
        Assert.All(recording.Lanes[1].Cells, static row => Assert.Equal(PageState.Lazyfree, row[100]));
        Assert.Equal(64, recording.Lanes[0].Cells.Count(static row => row[75] == PageState.Huge));
        Assert.Equal(16, recording.Lanes[2].Cells.Count(static row => row[93] == PageState.Huge)); // passes at 82 and 92 s
    }

    [Fact] // UT-31: nothing is known of a task before its map and after its exit, at 154 s and later
    public void A_lane_is_empty_before_its_region_and_after_its_task()
    {
        var row = Record("baseline", 165).Lanes[1].Cells[0];
        Assert.Equal(165, row.Length);
        Assert.Null(row[164]);
        Assert.Equal(PageState.Small, row[5]);
        Assert.Equal(PageState.Lazyfree, row[20]);
    }

    [Fact] // 2 GiB node, three tasks of 128 MiB: 384 MiB on the lists, a third of it file once it is lazyfree
    public void The_nodes_memory_is_sampled_with_its_lists()
    {
        var recording = Record("baseline", 60);
        Assert.Equal(recording.Interval * recording.Memory.Length, recording.End);
        var last = recording.Memory[^1];
        Assert.Equal((65_536L, 32_768L), (last.Lists.Anon, last.Lists.File));
        Assert.InRange(last.Free, 524_288 - 98_304 - 4096, 524_288 - 98_304);
    }

    [Fact] // the last of three tasks begins at 1.5 ms and sleeps for 1 ms; the run goes on to 60 ms
    public void Of_a_scenario_for_exploring_the_part_is_shown_in_which_tasks_live()
    {
        var scenario = ScenarioLoader.Load("explore-seed", ScenarioCatalog.Shipped);
        var recorder = new RunRecorder(scenario.Duration, scenario.TimelineInterval);
        ExperimentRunner.Run(
            new RunRequest(scenario, scenario.Variants[0], scenario.Machine, Seed: 1, TlbModel.Reach) { Recorder = recorder }, progress: null,
            CancellationToken.None);
        var recording = recorder.Finish();
        Assert.InRange(recording.IdleFrom!.Value.TotalMilliseconds, 2.5, 2.7);
        Assert.InRange((recording.End - recording.IdleFrom.Value).TotalMilliseconds, 0.05, 0.1);
        Assert.Equal(recording.End, recording.Interval * recording.Memory.Length);
        Assert.All(recording.Lanes, lane => Assert.All(lane.Cells, row => Assert.Equal(recording.Memory.Length, row.Length)));
        Assert.All(recording.Lanes, static lane => Assert.Contains(PageState.Small, lane.Cells[7])); // eight pages of 512 are all it ever uses
        Assert.Equal(2, recording.Lanes[0].Cells.Count(static row => row.Contains(PageState.Huge)));
        Assert.Null(Record("both", 60).IdleFrom);
    }

    private static (int, long) Sum(RunRecording recording, int lane, ScanResult status)
    {
        var looks = recording.Looks.Where(look => look.Lane == lane && look.Status == status).ToArray();
        return (looks.Sum(static look => look.Ranges), looks.Sum(static look => look.Charge));
    }

    private static RunRecording Record(string name, int seconds)
    {
        var scenario = ScenarioLoader.Load("hot-cold-hot", ScenarioCatalog.Shipped) with { Duration = TimeSpan.FromSeconds(seconds) };
        var variant = scenario.Variants.Single(candidate => candidate.Name == name);
        var recorder = new RunRecorder(scenario.Duration, scenario.TimelineInterval);
        ExperimentRunner.Run(
            new RunRequest(scenario, variant, scenario.Machine, Seed: 1, TlbModel.Reach) { Recorder = recorder }, progress: null, CancellationToken.None);
        return recorder.Finish();
    }
}
