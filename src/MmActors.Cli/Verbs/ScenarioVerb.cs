using System.CommandLine;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Verbs;

/// <summary>What the commands that run a scenario share: the SCENARIO word, the options, and their checks.</summary>
internal static class ScenarioVerb
{
    /// <summary>A verb that checks its command line and then runs.</summary>
    public static Command Create(
        string name, string description, Terminal terminal, ISimulator simulator,
        TraceOptions traces, Func<ParseResult, RunChoices, int> execute)
    {
        var verb = new Command(name, description);
        var scenario = ScenarioArgument.AddTo(verb);
        var read = AddOptions(verb, terminal, simulator, traces);
        verb.SetAction(parsed => execute(parsed, read(parsed, scenario.Read(parsed, simulator))));
        return verb;
    }

    /// <summary>Adds the options to a command.</summary>
    /// <returns>How they are read and checked, for a scenario.</returns>
    public static Func<ParseResult, string, RunChoices> AddOptions(
        Command verb, Terminal terminal, ISimulator simulator, TraceOptions traces)
    {
        var options = new RunOptions();
        options.AddTo(verb);
        traces.AddTo(verb);
        var report = new ReportOptions();
        report.AddTo(verb);
        var mode = new ModeOptions();
        mode.AddTo(verb);
        var telemetry = new TelemetryOptions();
        telemetry.AddTo(verb);
        return (parsed, scenario) =>
        {
            // Folders first: they are made where they are missing, and a single file may go into one of them.
            RunChoices choices = options.Read(parsed, simulator, scenario);
            choices = mode.Read(parsed, report.Read(parsed, choices with
            {
                Traces = traces.Read(parsed),
                Telemetry = telemetry.Read(parsed, terminal.Variable),
            }));
            ResultOutput.Check(choices);
            Outputs.CheckApart(choices);
            return choices;
        };
    }
}
