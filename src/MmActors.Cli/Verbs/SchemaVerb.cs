using System.CommandLine;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors schema</c>: the JSON schema of scenario files, of results, of explanations, or of scan reports.</summary>
internal static class SchemaVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, ISimulator simulator)
    {
        var verb = new Command("schema", "Print the JSON schema of scenario files.");
        var result = new Option<bool>("--result") { Description = "Print the schema of --format json instead." };
        var explanation = new Option<bool>("--explanation") { Description = "Print the schema of explain --format json instead." };
        var scans = new Option<bool>("--scan-report") { Description = "Print the schema of run --scan-report --format json instead." };
        verb.Options.Add(result);
        verb.Options.Add(explanation);
        verb.Options.Add(scans);
        verb.SetAction(parsed =>
        {
            var name = (parsed.GetValue(result), parsed.GetValue(explanation), parsed.GetValue(scans)) switch
            {
                (true, false, false) => "result.schema.json",
                (false, true, false) => "explanation.schema.json",
                (false, false, true) => "scan-report.schema.json",
                (false, false, false) => "scenario.schema.json",
                _ => throw new UsageException("'schema' takes --result, --explanation or --scan-report, one of them"),
            };
            var file = Path.Combine(simulator.ConfigDirectory, name);
            if (!File.Exists(file))
            {
                throw new UsageException($"{name} is missing from the installation");
            }

            terminal.Out.Write(File.ReadAllText(file));
            return ExitCode.Success;
        });
        return verb;
    }
}
