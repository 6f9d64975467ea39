using MmActors.Experiments.Exploring;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Model;
using MmActors.Model.Injection;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Tests.Exploring;

/// <summary>The search finds what was planted, repeats it from a file, and finds nothing in the protocol as it is.</summary>
public sealed class ExploreTests : IDisposable
{
    private const string Races = "explore-races";
    private readonly string _directory = Directory.CreateTempSubdirectory("mmactors-explore-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    public static TheoryData<PlantedBug> Bugs => [.. PlantedBugs.All()];

    [Theory] // with the seeds that docs/explore.md names: at most 200 schedules from there
    [MemberData(nameof(Bugs))]
    public void Every_planted_bug_is_found_and_its_file_repeats_it_bit_for_bit(PlantedBug bug)
    {
        ExploreRequest request = Request(Races, "pct:3+timers", 200, FirstSeed(bug)) with { Planted = bug };
        ExploreResult result = Explorer.Run(request, null, CancellationToken.None);
        FailedSchedule failed = Assert.IsType<FailedSchedule>(result.Failed);
        Assert.True(result.IsPartial);

        string path = Path.Combine(_directory, "case.replay.json");
        new ReplayFile("test", CaseOf(request, result), failed.Violation, failed.Hash).Write(path);
        ReplayFile read = ReplayFile.Read(path);
        Assert.True(Replayer.Run(read, 10, ScenarioCatalog.Shipped).IsSame);

        // It is the bug: the same schedule of the intact protocol holds.
        ReplayFile intact = read with { Case = read.Case with { Planted = PlantedBug.None } };
        Assert.Null(Replayer.Run(intact, 10, ScenarioCatalog.Shipped).Violation);
    }

    [Theory]
    [MemberData(nameof(Bugs))]
    public void Order_of_arrival_finds_none_of_them(PlantedBug bug) => Assert.Null(
        Explorer.Run(Request(Races, "fifo", 1) with { Planted = bug }, null, CancellationToken.None).Failed);

    [Theory]
    [InlineData(Races, "pct:3+timers", false)]
    [InlineData(Races, "random+timers", true)]
    [InlineData(Races, "delay:20+timers", true)]
    [InlineData("explore-seed", "pct:3+timers", true)]
    public void The_protocol_as_it_is_holds_in_every_order(string scenario, string strategy, bool isSwarm)
    {
        ExploreResult result = Explorer.Run(
            Request(scenario, strategy, 300) with { IsSwarm = isSwarm, Workers = 2 }, null, CancellationToken.None);
        Assert.Null(result.Failed);
        Assert.Equal(300, result.Schedules);
        Assert.False(result.IsPartial);
        Assert.True(result.Orders > 100, $"only {result.Orders} different orders in 300 schedules");
    }

    [Fact]
    public void What_is_found_does_not_hang_on_the_number_of_workers()
    {
        ExploreResult one = Explorer.Run(Request(Races, "pct:3+timers", 256), null, CancellationToken.None);
        ExploreResult two = Explorer.Run(Request(Races, "pct:3+timers", 256) with { Workers = 2 }, null, CancellationToken.None);
        Assert.Equal(2, two.Workers);
        Assert.Equal((one.EndStates, one.Orders, one.Steps), (two.EndStates, two.Orders, two.Steps));
        Assert.Equal(one.Reached.AsEnumerable(), two.Reached.AsEnumerable());
    }

    [Fact]
    public void The_named_seed_reaches_the_result_it_is_named_for()
    {
        ExploreResult result = Explorer.Run(Request(Races, "pct:3+timers", 300), null, CancellationToken.None);
        ReachedResult reached = Assert.Single(
            result.Reached, static reached => reached is { Place: ResultPlace.Collapse, Result: ScanResult.PmdMapped });
        ExploreResult again = Explorer.Run(
            Request(Races, "pct:3+timers", 1) with { FirstSeed = reached.Seed }, null, CancellationToken.None);
        Assert.Contains(again.Reached, other => other.Place == reached.Place && other.Result == reached.Result && other.Steps == reached.Steps);
    }

    [Fact]
    public void An_interrupted_search_says_that_it_is_partial()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        ExploreResult result = Explorer.Run(Request(Races, "random+timers", 100), null, cancel.Token);
        Assert.True(result.IsPartial);
        Assert.Equal(0, result.Schedules);
    }

    [Fact]
    public void The_ledger_names_the_seeds_before_they_run_and_keeps_what_was_there()
    {
        string path = Path.Combine(_directory, SeedLedger.FileName);
        File.WriteAllText(path, "earlier\n");
        using (var ledger = new SeedLedger(_directory, "command"))
        {
            ledger.Begin(7, 64);
            Assert.Equal(["earlier", "search command", "seeds 7..70"], ReadShared(path));
        }
    }

    [Fact] // RC-31: a lazyfree page written after its walk and unmapped by its owner's exit has no place in swap
    public void A_lazyfree_page_written_and_unmapped_while_isolated_is_put_back()
    {
        string path = Path.Combine(
            AppContext.BaseDirectory, "Exploring", "Replays", "lazyfree-written-then-unmapped.replay.json");
        Assert.Null(Replayer.Run(ReplayFile.Read(path), 10, ScenarioCatalog.Shipped).Violation);
    }

    [Fact]
    public void Depth_first_counts_the_choice_points_of_a_tiny_scenario()
    {
        const string Tiny = """
            name: tiny
            duration: 1ms
            memory: 16M
            knobs: {enabled: madvise}
            tasks:
              - {name: a, program: [{map: {region: r, size: 2M}}, {write: {region: r, byte: 1, stride: 2M}}]}
              - {name: b, program: [{map: {region: r, size: 2M}}, {write: {region: r, byte: 1, stride: 2M}}]}
            """;
        Scenario scenario = ScenarioLoader.Parse(Tiny, "tiny", ScenarioCatalog.Shipped);
        var run = new RunRequest(scenario, scenario.Variants[0], scenario.Machine, 1, TlbModel.Reach);
        ExploreResult result = Explorer.Run(
            new ExploreRequest(run, StrategySpec.Parse("dfs:6+timers")!, 1, 100_000), null, CancellationToken.None);
        Assert.Null(result.Failed);
        Assert.True(result.Tree!.Value.IsComplete);
        Assert.False(result.IsPartial);

        // A tree of binary and wider choices has at least one leaf more than inner nodes, and at most 2^6 paths are binary.
        Assert.True(result.Schedules > result.Tree.Value.States);
        Assert.True(result.Schedules >= 1 << 6);
    }

    private static string[] ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The rarest needs more schedules than a test has time for.</summary>
    private static ulong FirstSeed(PlantedBug bug) => bug == PlantedBug.QueuedAfterFree ? 7200UL : 1;

    internal static ExploreRequest Request(string name, string strategy, long schedules, ulong firstSeed = 1)
    {
        Scenario scenario = ScenarioLoader.Load(name, ScenarioCatalog.Shipped);
        return new ExploreRequest(
            new RunRequest(scenario, scenario.Variants[0], scenario.Machine, 1, TlbModel.Reach),
            StrategySpec.Parse(strategy)!, firstSeed, schedules);
    }

    internal static ReplayCase CaseOf(ExploreRequest request, ExploreResult result) => new()
    {
        ScenarioText = File.ReadAllText(ReplayFiles.ScenarioPath(request.Run.Scenario.Name, ScenarioCatalog.Shipped)),
        ScenarioFile = request.Run.Scenario.Name,
        Variant = request.Run.Variant.Name,
        Machine = null,
        Until = null,
        Choices = request.Strategy.Choices,
        Seed = result.Failed!.Seed,
        IsSwarm = request.IsSwarm,
        ExpectedSteps = result.FifoSteps,
        Planted = request.Planted,
        Deviations = result.Failed.Deviations,
    };
}
