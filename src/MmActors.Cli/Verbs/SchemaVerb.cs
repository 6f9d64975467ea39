using System.CommandLine;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors schema</c>: the JSON schema of scenario files, or of results.</summary>
internal static class SchemaVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, ISimulator simulator)
    {
        var verb = new Command("schema", "Print the JSON schema of scenario files.");
        var result = new Option<bool>("--result") { Description = "Print the schema of --format json instead." };
        verb.Options.Add(result);
        verb.SetAction(parsed =>
        {
            var name = parsed.GetValue(result) ? "result.schema.json" : "scenario.schema.json";
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
