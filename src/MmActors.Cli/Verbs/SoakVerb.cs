using System.CommandLine;
using MmActors.Cli.Execution;
using MmActors.Experiments.Checkpoints;
using MmActors.Experiments.Soaking;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors soak SCENARIO</c>: a population on the scenario's machine for simulated days or weeks.</summary>
internal static class SoakVerb
{
    /// <summary>The verb with its options.</summary>
    public static Command Create(Terminal terminal, ISimulator simulator)
    {
        var verb = new Command("soak", "Run a population of tasks that come and go for simulated days or weeks.");
        var scenario = ScenarioArgument.AddTo(verb);
        var options = new RunOptions("all", isOpenEnded: true);
        var soak = new SoakOptions();
        options.AddTo(verb);
        soak.AddTo(verb);
        var watch = new WatchOption();
        watch.AddTo(verb);
        var saving = new CheckpointOptions(hasPlace: true);
        saving.AddTo(verb);
        verb.SetAction(parsed =>
        {
            if (soak.IsLong(parsed))
            {
                terminal.PrepareForMinutes();
            }

            RunChoices choices = options.Read(parsed, simulator, scenario.Read(parsed, simulator));
            ResultOutput.Check(choices);
            SoakRequest request = soak.Read(parsed, choices);
            CheckpointChoices? checkpoints = saving.Read(parsed, null, choices.ScenarioArgument);
            CheckpointOptions.CheckApart(checkpoints?.Location, choices.OutputFile);
            using WatchServer? server = watch.Read(parsed) is { } port ? WatchServer.Start(port) : null;
            return Execute(request, choices, checkpoints, server, terminal);
        });
        return verb;
    }

    private static int Execute(
        SoakRequest request, RunChoices choices, CheckpointChoices? saving, WatchServer? server, Terminal terminal)
    {
        string command = SoakCommand.For(request, choices);
        var began = new RunBegan($"mmactors {VersionVerb.Number}", command, saving is null ? "" : SoakImage.IdentityOf(request), request.Run.Seed);
        using CheckpointStore? store = saving is null ? null : CheckpointStore.Create(saving.Location, began, saving.Keep);
        using SoakRun run = SoakRun.Start(request);
        return new SoakExecution(terminal, server, command).Run(run, choices, [], store, saving);
    }
}
