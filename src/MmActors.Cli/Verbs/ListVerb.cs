using System.CommandLine;
using MmActors.Cli.Execution;
using MmActors.Experiments.Rendering;
using MmActors.Experiments.Scenarios;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors list</c>: the shipped scenarios.</summary>
internal static class ListVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, ISimulator simulator)
    {
        var verb = new Command("list", "List the shipped scenarios with their variants.");
        verb.SetAction(_ =>
        {
            var scenarios = new List<Scenario>();
            var code = ExitCode.Success;
            foreach (var name in simulator.Scenarios)
            {
                try
                {
                    scenarios.Add(simulator.Load(name));
                }
                catch (ScenarioException fault)
                {
                    // One broken file must not hide the others.
                    terminal.Error.Write($"error: {fault.Located}\n");
                    code = ExitCode.Usage;
                }
            }

            Reports.Catalog(scenarios).WriteText(terminal.Out, terminal.Colour);
            return code;
        });
        return verb;
    }
}
