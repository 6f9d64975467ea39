using System.Globalization;
using MmActors.Cli.Verbs;
using MmActors.Experiments.Exploring;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Injection;

namespace MmActors.Cli.Execution;

/// <summary>What a violation leaves behind.</summary>
/// <param name="Directory">Where.</param>
/// <param name="Shrinking">Schedules to spend on making it smaller.</param>
internal sealed record Leavings(string Directory, int Shrinking);

/// <summary>What is said, and left behind, when a schedule broke an invariant.</summary>
internal static class Violated
{
    /// <summary>The command line of a search.</summary>
    public static string CommandFor(ExploreRequest request, RunChoices choices, ulong seed, long schedules)
    {
        string scenario = RunChoices.Quote(choices.ScenarioArgument);
        string machine = choices.MachineArgument is { } named ? $" --machine {RunChoices.Quote(named)}" : "";
        string until = choices.UntilArgument is { } time ? $" --until {RunChoices.Quote(time)}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{MmActorsCommand.Name} explore {scenario} --variant {RunChoices.Quote(request.Run.Variant.Name)} --strategy {request.Strategy} "
            + $"--seed {seed} --schedules {schedules}{(request.IsSwarm ? " --swarm" : "")}")
            + (request.Planted == PlantedBug.None ? "" : $" --plant {PlantedBugs.NameOf(request.Planted)}") + machine + until;
    }

    /// <summary>Tells what went wrong, makes it small and writes it down; the exit code.</summary>
    public static int Tell(
        Terminal terminal, ExploreRequest request, RunChoices choices, ExploreResult result, Leavings leavings, ISimulator simulator)
    {
        FailedSchedule failed = result.Failed!;
        terminal.Error.Write($"violation ({failed.Violation.Kind}) with seed {failed.Seed}: {failed.Violation.Message}\n");
        terminal.Error.Write($"noticed in: {(failed.Violation.Where.Length > 0 ? failed.Violation.Where : "the checks at rest")}\n");
        terminal.Error.Write(request.Strategy.Kind == "dfs"
            ? $"repeat the search: {CommandFor(request, choices, request.FirstSeed, request.Schedules)}\n"
            : $"replay: {CommandFor(request, choices, failed.Seed, 1)}\n");
        string stem = Path.Combine(leavings.Directory, string.Create(
            CultureInfo.InvariantCulture, $"{request.Run.Scenario.Name}-{failed.Violation.Kind}-{failed.Seed}"));
        try
        {
            WriteDown(terminal, request, choices, result, stem, leavings.Shrinking, simulator);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            terminal.Error.Write($"error: cannot write '{stem}': {fault.Message}\n");
        }

        return ExitCode.Internal;
    }

    private static void WriteDown(
        Terminal terminal, ExploreRequest request, RunChoices choices, ExploreResult result, string stem, int shrinking,
        ISimulator simulator)
    {
        FailedSchedule failed = result.Failed!;
        var catalog = new ScenarioCatalog(simulator.ConfigDirectory);
        ReplayCase original = CaseOf(request, choices, result, catalog);
        string whole = stem + ".replay.json";
        new ReplayFile(VersionVerb.Number, original, failed.Violation, failed.Hash).Write(whole);
        terminal.Error.Write($"replay file: {MmActorsCommand.Name} replay {RunChoices.Quote(whole)}\n");
        if (shrinking == 0)
        {
            return;
        }

        terminal.Error.Write(string.Create(CultureInfo.InvariantCulture,
            $"making it smaller, in at most {shrinking} schedules (--shrink); Ctrl-C keeps the smallest so far\n"));
        using var shrinker = new Shrinker(request.Strategy, failed.Violation, catalog, shrinking, terminal.Cancel);
        if (shrinker.Shrink(original) is not { } shrunk)
        {
            terminal.Error.Write("the violation does not come back from its written-down schedule, so it was not made smaller\n");
            return;
        }

        string small = stem + ".min.replay.json";
        new ReplayFile(VersionVerb.Number, shrunk.Case, shrunk.Violation, shrunk.Hash).Write(small);
        ReplayFiles.WriteScenario(stem + ".min.yaml", shrunk, Path.GetFileName(small));
        terminal.Error.Write(string.Create(CultureInfo.InvariantCulture,
            $"made smaller in {shrunk.Attempts} of {shrinking} schedules: {ReplayFiles.LinesOf(original)} lines of scenario to "
            + $"{ReplayFiles.LinesOf(shrunk.Case)}, {failed.Deviations.Count} departures from order of arrival to "
            + $"{shrunk.Case.Deviations.Count}, {failed.Violation.Step} messages to {shrunk.Violation.Step}\n"));
        terminal.Error.Write($"smallest: {MmActorsCommand.Name} replay {RunChoices.Quote(small)} (scenario: {stem}.min.yaml)\n");
    }

    private static ReplayCase CaseOf(ExploreRequest request, RunChoices choices, ExploreResult result, ScenarioCatalog catalog)
    {
        string file = ReplayFiles.ScenarioPath(choices.ScenarioArgument, catalog);
        return new ReplayCase
        {
            ScenarioText = File.ReadAllText(file).Replace("\r\n", "\n", StringComparison.Ordinal),
            ScenarioFile = choices.ScenarioArgument,
            Variant = request.Run.Variant.Name,
            Machine = choices.MachineArgument,
            Until = choices.UntilArgument is null ? null : request.Run.Scenario.Duration,
            Choices = request.Strategy.Choices,
            Seed = result.Failed!.Seed,
            IsSwarm = request.IsSwarm,
            ExpectedSteps = result.FifoSteps,
            Planted = request.Planted,
            Deviations = result.Failed.Deviations,
        };
    }
}
