using MmActors.Experiments.Exploring;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Injection;

namespace MmActors.Experiments.Tests.Exploring;

/// <summary>What is written down after a violation can be read: a few tasks, a few steps, a short schedule, and the violation.</summary>
public sealed class ShrinkerTests
{
    private const string Races = "explore-races";

    [Theory] // docs/explore.md shows what 10,000 schedules come to; these are fewer, so there is some room
    [InlineData(PlantedBug.SkippedRevalidation, 2, 6, 18, 110, 14)]
    [InlineData(PlantedBug.WrongMmAfterExit, 1, 4, 14, 60, 6)]
    [InlineData(PlantedBug.DoublePutBack, 2, 8, 20, 130, 16)]
    [InlineData(PlantedBug.LeakedReference, 2, 8, 20, 130, 14)]
    public void A_planted_bug_is_shown_by_a_small_scenario_and_a_short_schedule(
        PlantedBug bug, int tasks, int steps, int lines, int messages, int departures)
    {
        (ReplayCase original, ShrunkCase shrunk) = Shrink(bug, 3000);
        Scenario smallest = ScenarioLoader.Parse(shrunk.Case.ScenarioText, "smallest", ScenarioCatalog.Shipped);
        Assert.InRange(smallest.Tasks.Length, 1, tasks);
        Assert.InRange(smallest.Tasks.Sum(static task => task.Program.Length), 1, steps);
        Assert.InRange(ReplayFiles.LinesOf(shrunk.Case), 8, lines);
        Assert.InRange(shrunk.Violation.Step, 1, messages);
        Assert.InRange(shrunk.Case.Deviations.Count, 1, departures);
        Assert.InRange(shrunk.Attempts, 1, 3000);
        AssertGoesWrong(original, shrunk);
    }

    [Fact] // 3,272 departures, nearly all of them timers, and a violation seen only at the very end
    public void A_long_schedule_is_made_short_enough_for_the_scenario_to_follow()
    {
        (ReplayCase original, ShrunkCase shrunk) = Shrink(PlantedBug.LostRedirty, 2500);
        Assert.InRange(original.Deviations.Count, 3000, int.MaxValue);
        Assert.InRange(shrunk.Case.Deviations.Count, 1, 500);
        Assert.InRange(ReplayFiles.LinesOf(shrunk.Case), 8, 40);
        AssertGoesWrong(original, shrunk);

        // what is lost is a write of the task that gave its memory back: it must remain
        Scenario smallest = ScenarioLoader.Parse(shrunk.Case.ScenarioText, "smallest", ScenarioCatalog.Shipped);
        Assert.Contains("lazy", smallest.Tasks.Select(static task => task.Name));
    }

    [Fact]
    public void The_same_case_comes_out_the_same_and_a_stop_keeps_what_was_reached()
    {
        (_, ShrunkCase one) = Shrink(PlantedBug.WrongMmAfterExit, 300);
        (_, ShrunkCase two) = Shrink(PlantedBug.WrongMmAfterExit, 300);
        Assert.Equal((one.Case.ScenarioText, one.Hash, one.Attempts), (two.Case.ScenarioText, two.Hash, two.Attempts));
        Assert.InRange(one.Attempts, 200, 300);

        (ReplayCase original, ShrunkCase stopped) = Shrink(PlantedBug.WrongMmAfterExit, 300, new CancellationToken(canceled: true));
        Assert.Equal(original.ScenarioText, stopped.Case.ScenarioText);
        Assert.Equal(1, stopped.Attempts);
        AssertGoesWrong(original, stopped);
    }

    private static (ReplayCase Original, ShrunkCase Shrunk) Shrink(PlantedBug bug, int attempts, CancellationToken cancel = default)
    {
        ExploreRequest request = ExploreTests.Request(Races, "pct:3+timers", 200) with { Planted = bug };
        ExploreResult result = Explorer.Run(request, null, CancellationToken.None);
        ReplayCase original = ExploreTests.CaseOf(request, result);
        using var shrinker = new Shrinker(request.Strategy, result.Failed!.Violation, ScenarioCatalog.Shipped, attempts, cancel);
        ShrunkCase shrunk = Assert.IsType<ShrunkCase>(shrinker.Shrink(original));
        Assert.Equal(result.Failed!.Violation.Shape, shrunk.Violation.Shape);
        return (original, shrunk);
    }

    private static void AssertGoesWrong(ReplayCase original, ShrunkCase shrunk)
    {
        var file = new ReplayFile("test", shrunk.Case, shrunk.Violation, shrunk.Hash);
        Assert.True(Replayer.Run(file, 10, ScenarioCatalog.Shipped).IsSame);
        Assert.Equal(original.Planted, shrunk.Case.Planted);

        // It is the bug: the same schedule of the intact protocol holds.
        ReplayFile intact = file with { Case = shrunk.Case with { Planted = PlantedBug.None } };
        Assert.Null(Replayer.Run(intact, 10, ScenarioCatalog.Shipped).Violation);
    }
}
