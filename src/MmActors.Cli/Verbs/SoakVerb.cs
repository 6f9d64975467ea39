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
            return Execute(soak.Read(parsed, choices), choices, terminal);
        });
        return verb;
    }

    private static int Execute(SoakRequest request, RunChoices choices, Terminal terminal)
    {
        using var output = SoakOutput.Open(request, choices, terminal);
        using SoakRun run = SoakRun.Start(request);
        SoakResult result;
        try
        {
            result = new SoakRunner(run, new SoakProgress(request, output, terminal)).Run(terminal.Cancel);
        }
        catch (Exception failure) when (failure is SimulationFailedException or InvariantException)
        {
            throw new RunFailedException(request.Run, SoakCommand.For(request, choices), failure);
        }

        output.End(result);
        return ExitCode.Success;
    }
}
