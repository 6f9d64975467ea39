using System.Globalization;
using MmActors.Experiments.Exploring;
using MmActors.Model.Injection;

namespace MmActors.Cli.Execution;

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

    /// <summary>Tells what went wrong; the exit code.</summary>
    public static int Tell(Terminal terminal, ExploreRequest request, RunChoices choices, FailedSchedule failed, string directory)
    {
        terminal.Error.Write($"violation ({failed.Violation.Kind}) with seed {failed.Seed}: {failed.Violation.Message}\n");
        terminal.Error.Write($"replay: {CommandFor(request, choices, failed.Seed, 1)}\n");
        return ExitCode.Internal;
    }
}
