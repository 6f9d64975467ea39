using System.CommandLine;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors</c> without a verb: the comparison this program exists for.</summary>
internal static class DefaultVerb
{
    /// <summary>The root command with its options.</summary>
    public static RootCommand Create(Terminal terminal, ISimulator simulator)
    {
        var root = new RootCommand(
            "Simulates how Linux khugepaged, reclaim and user tasks interact. Without a command: compare "
            + $"{MmActorsCommand.DefaultScenario}, all variants, with the evidence.")
        {
            HelpName = MmActorsCommand.Name,
        };
        var options = new RunOptions();
        options.AddTo(root);
        root.SetAction(parsed => CompareVerb.Execute(
            options.Read(parsed, simulator, MmActorsCommand.DefaultScenario), terminal, simulator));
        return root;
    }
}
