using System.Collections.Immutable;
using System.CommandLine;
using MmActors.Cli.Execution;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;

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
        var report = new ReportOptions();
        report.AddTo(root);
        var mode = new ModeOptions();
        mode.AddTo(root);
        root.SetAction(parsed =>
        {
            RunChoices choices = mode.Read(
                parsed, report.Read(parsed, options.Read(parsed, simulator, MmActorsCommand.DefaultScenario)));
            return CompareVerb.Execute(choices, Evidence(choices, simulator), terminal, simulator);
        });
        return root;
    }

    /// <summary>The other half of the claim: what a collapse takes from reclaim and from the shrinker. Left out where the
    /// user asked for a part of the main comparison only.</summary>
    private static ImmutableArray<RunChoices> Evidence(RunChoices choices, ISimulator simulator) =>
        choices.UntilArgument is not null || choices.Variants.Length < choices.Scenario.Variants.Length
            ? []
            : [.. MmActorsCommand.EvidenceScenarios.Where(simulator.Scenarios.Contains).Select(name =>
            {
                Scenario scenario = simulator.Load(name);
                return choices with
                {
                    ScenarioArgument = name,
                    Scenario = scenario,
                    Variants = scenario.Variants,
                    Machine = choices.MachineArgument is null ? scenario.Machine : choices.Machine,
                    Tlb = TlbModel.Reach,
                };
            })];
}
