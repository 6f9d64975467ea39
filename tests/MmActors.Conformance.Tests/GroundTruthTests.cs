using System.Collections.Immutable;
using System.Globalization;
using MmActors.Experiments.Scenarios;
using MmActors.Experiments.Validation;

namespace MmActors.Conformance.Tests;

/// <summary>Recorded runs of real kernels, read as <c>mmactors validate</c> reads them and held to the floor: what a run once
/// reached, it reaches. The floor is that command's csv output over all public runs.</summary>
public class GroundTruthTests
{
    private static ScenarioCatalog Catalog => ScenarioCatalog.Shipped;

    public static TheoryData<string> Copies => new(Directory.GetDirectories(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)!);

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "GroundTruth");

    [Theory]
    [MemberData(nameof(Copies))]
    public void RN_12_a_recorded_run_agrees_as_far_as_the_floor_says(string run) =>
        Assert.Equal([], Below(RunValidator.Validate(Path.Combine(Folder, run), Catalog)));

    [GroundTruthFact]
    public void RN_12_every_public_run_agrees_as_far_as_the_floor_says()
    {
        string[] runs = [.. RunValidator.Find(GroundTruthFactAttribute.Directory)];
        var validated = runs.AsParallel().AsOrdered().Select(run => RunValidator.Validate(run, Catalog)).ToList();
        Assert.Equal([], validated.SelectMany(Below));
        Assert.Equal(Floor().Select(static row => row.Run).Distinct(), validated.Select(static run => run.Name));
    }

    /// <summary>What the simulator undertakes over all public runs together.</summary>
    [Theory]
    [InlineData("scan_pmd", 100)]
    [InlineData("scan_calls", 100)]
    [InlineData("pages", 99)]
    [InlineData("counters", 97)]
    [InlineData("smaps", 98)]
    [InlineData("deferred_split", 100)]
    [InlineData("events", 100)]
    public void The_floor_itself_is_not_lowered_below_what_was_undertaken(string category, double percent)
    {
        var rows = Floor().Where(row => row.Score.Name == category).ToList();
        Assert.True(rows.Sum(static row => row.Score.Matched) * 100 >= percent * rows.Sum(static row => row.Score.Total));
        Assert.NotEqual(0, rows.Sum(static row => row.Score.Total));
    }

    /// <summary>Copies of at least twelve runs, so that the repository validates itself alone.</summary>
    [Fact]
    public void The_copies_cover_khugepaged_reclaim_swap_limits_fork_and_the_shrinker()
    {
        Assert.Equal(21, Copies.Count);
        var copied = Floor().Where(static row => Directory.Exists(Path.Combine(Folder, row.Run)) && row.Score.Total > 0)
            .Select(static row => row.Score.Name).Distinct();
        Assert.Equal(Categories.Names.Where(static name => name != Categories.Outcomes).Order(), copied.Order());
    }

    private static ImmutableArray<(string Run, CategoryScore Score)> Floor() =>
        [.. File.ReadLines(Path.Combine(Folder, "floor.csv")).Skip(1).Select(static line => line.Split(',')).Select(static cells =>
            (cells[0], new CategoryScore(cells[1], Number(cells[2]), Number(cells[3]))))];

    private static long Number(string cell) => long.Parse(cell, CultureInfo.InvariantCulture);

    /// <summary>Categories that miss more, or compare less, than the floor says; and those that do better, for which it is to be raised.</summary>
    private static IEnumerable<string> Below(ValidatedRun run) =>
        from row in Floor()
        where row.Run == run.Name
        let now = run.Scores.Single(score => score.Name == row.Score.Name)
        where now != row.Score
        select $"{run.Name} {now.Name}: {now.Matched} of {now.Total} match, the floor is {row.Score.Matched} of {row.Score.Total}; first difference "
            + $"{run.Differences.FirstOrDefault(difference => difference.Category == now.Name)}. A better score raises the floor: write the output "
            + "of 'validate --format csv' over all public runs to GroundTruth/floor.csv";
}
