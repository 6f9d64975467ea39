using System.CommandLine;
using MmActors.Cli.Execution;
using MmActors.Experiments.Soaking;
using MmActors.Model.Memory;
using MmActors.Runtime;

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
        verb.SetAction(parsed =>
        {
            RunChoices choices = options.Read(parsed, simulator, scenario.Read(parsed, simulator));
            SoakRequest request = soak.Read(parsed, choices);
            using WatchServer? server = soak.Port(parsed) is { } port ? WatchServer.Start(port) : null;
            return Execute(request, choices, server, terminal);
        });
        return verb;
    }

    private static int Execute(SoakRequest request, RunChoices choices, WatchServer? server, Terminal terminal)
    {
        using var output = SoakOutput.Open(request, choices, terminal);
        using SoakRun run = SoakRun.Start(request);
        var progress = new SoakProgress(request, output, server is null ? null : new SoakWatch(server), terminal);
        SoakResult result;
        try
        {
            result = new SoakRunner(run, progress).Run(terminal.Cancel);
            progress.Clear();
        }
        catch (Exception failure) when (failure is SimulationFailedException or InvariantException)
        {
            progress.Clear();
            server?.Fail(failure.Message);
            throw new RunFailedException(request.Run, SoakCommand.For(request, choices), failure);
        }

        output.End(result);
        if (result.IsStopped)
        {
            terminal.Out.Flush();
            terminal.Error.Write($"stopped at {SoakCommand.Time(result.Time)} of {SoakCommand.Time(request.Horizon)}\n");
        }

        return ExitCode.Success;
    }
}
