using System.CommandLine;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Verbs;

/// <summary>What the verbs that run a scenario share: the SCENARIO word, the options, and their checks.</summary>
internal static class ScenarioVerb
{
    /// <summary>A verb that checks its command line and then runs.</summary>
    public static Command Create(
        string name, string description, Terminal terminal, ISimulator simulator,
        TraceOptions traces, Func<ParseResult, RunChoices, int> execute)
    {
        var verb = new Command(name, description);
        var scenario = ScenarioArgument.AddTo(verb);
        var options = new RunOptions();
        options.AddTo(verb);
        traces.AddTo(verb);
        var report = new ReportOptions();
        report.AddTo(verb);
        var mode = new ModeOptions();
        mode.AddTo(verb);
        var telemetry = new TelemetryOptions();
        telemetry.AddTo(verb);
        verb.SetAction(parsed =>
        {
            RunChoices choices = mode.Read(
                parsed, report.Read(parsed, options.Read(parsed, simulator, scenario.Read(parsed, simulator))));
            return execute(parsed, choices with
            {
                Traces = traces.Read(parsed, choices.OutputFile),
                Telemetry = telemetry.Read(parsed, terminal.Variable),
            });
        });
        return verb;
    }
}
