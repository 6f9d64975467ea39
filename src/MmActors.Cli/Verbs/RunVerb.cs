using System.CommandLine;
using MmActors.Cli.Execution;
using MmActors.Experiments.Rendering;
using MmActors.Experiments.Running;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors run SCENARIO --variant V</c>: one variant in detail.</summary>
internal static class RunVerb
{
    /// <summary>The verb with its options.</summary>
    public static Command Create(Terminal terminal, ISimulator simulator) =>
        ScenarioVerb.Create("run", "Run one variant and show its counters, statuses and snapshots.", terminal, simulator, Execute);

    private static int Execute(RunChoices choices, Terminal terminal, ISimulator simulator)
    {
        if (choices.Variants is not [var variant])
        {
            throw new UsageException("'run' takes exactly one --variant; allowed: "
                + string.Join(", ", choices.Scenario.Variants.Select(declared => declared.Name)));
        }

        using var telemetry = new Telemetry(choices.Telemetry, terminal);
        var request = telemetry.Observe(choices.Request(variant, choices.Machine));
        var result = new ParallelRuns(simulator, terminal, choices).Run([request])[0];
        if (result is null)
        {
            return Interruption.Nothing(terminal);
        }

        var input = new ReportInput
        {
            Scenario = choices.Scenario,
            ExactTlb = choices.Tlb == TlbModel.Exact,
            Result = new(
                choices.Scenario.Name, choices.Seed, VersionVerb.Number, choices.Machine.Name, choices.TlbName, [result]),
        };
        ResultOutput.Write(choices, terminal, input, Reports.SingleRun);
        telemetry.Deliver([result]);
        return Interruption.Code(terminal, input);
    }
}
