using System.CommandLine;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors schema</c>: the JSON schema of scenario files, of results, of explanations, of scan reports, or of soaks.</summary>
internal static class SchemaVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, ISimulator simulator)
    {
        var verb = new Command("schema", "Print the JSON schema of scenario files.");
        var result = new Option<bool>("--result") { Description = "Print the schema of --format json instead." };
        var explanation = new Option<bool>("--explanation") { Description = "Print the schema of explain --format json instead." };
        var scans = new Option<bool>("--scan-report") { Description = "Print the schema of run --scan-report --format json instead." };
        var soak = new Option<bool>("--soak") { Description = "Print the schema of soak --format json instead." };
        verb.Options.Add(soak);
        verb.Options.Add(result);
        verb.Options.Add(explanation);
        verb.Options.Add(scans);
        verb.SetAction(parsed =>
        {
            string[] names =
            [
                .. parsed.GetValue(result) ? (string[])["result.schema.json"] : [],
                .. parsed.GetValue(explanation) ? (string[])["explanation.schema.json"] : [],
                .. parsed.GetValue(scans) ? (string[])["scan-report.schema.json"] : [],
                .. parsed.GetValue(soak) ? (string[])["soak.schema.json"] : [],
            ];
            if (names.Length > 1)
            {
                throw new UsageException("'schema' takes --result, --explanation, --scan-report or --soak, one of them");
            }

            string name = names.Length == 0 ? "scenario.schema.json" : names[0];
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
