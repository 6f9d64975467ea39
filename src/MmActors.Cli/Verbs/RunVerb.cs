using System.CommandLine;
using MmActors.Cli.Execution;
using MmActors.Experiments.Rendering;
using MmActors.Experiments.Running;
using MmActors.Tracing;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors run SCENARIO --variant V</c>: one variant in detail.</summary>
internal static class RunVerb
{
    /// <summary>The verb with its options.</summary>
    public static Command Create(Terminal terminal, ISimulator simulator)
    {
        var scanReport = new Option<bool>("--scan-report")
        {
            Description = "Instead of the counters: statuses, progress and time of each of khugepaged's full scans.",
        };
        var verb = ScenarioVerb.Create(
            "run", "Run one variant and show its counters, statuses and snapshots.", terminal, simulator, new TraceOptions(isFolder: false),
            (parsed, choices) => Execute(choices, parsed.GetValue(scanReport) ? new FullScanLog() : null, terminal, simulator));
        verb.Options.Add(scanReport);
        return verb;
    }

    private static int Execute(RunChoices choices, FullScanLog? scans, Terminal terminal, ISimulator simulator)
    {
        if (choices.Variants is not [var variant])
        {
            throw new UsageException("'run' takes exactly one --variant; allowed: "
                + string.Join(", ", choices.Scenario.Variants.Select(declared => declared.Name)));
        }

        if (scans is not null)
        {
            CheckScanReport(choices);
        }

        using var traces = new RunTraces(choices.Traces);
        using var telemetry = new Telemetry(choices.Telemetry, terminal);
        var drawings = new Drawings(choices, terminal);
        var request = choices.Request(variant, choices.Machine) with { Followers = scans is null ? [] : [scans] };
        List<RunRequest> requests = [drawings.Record(telemetry.Observe(traces.Follow(request))), .. MoreSeeds.Requests(choices)];
        var results = new ParallelRuns(simulator, terminal, choices).Run(requests);
        if (results[0] is not { } result)
        {
            return Interruption.Nothing(terminal);
        }

        var input = new ReportInput
        {
            Scenario = choices.Scenario,
            ExactTlb = choices.Tlb == TlbModel.Exact,
            Result = new(
                choices.Scenario.Name, choices.Seed, VersionVerb.Number, choices.Machine.Name, choices.TlbName, [result]),
            MoreSeeds = MoreSeeds.Results(choices, results.AsSpan(1)),
        };
        var unsaved = traces.Save(input.Result.Variants);
        if (scans is null)
        {
            drawings.WriteMap(input);
            ResultOutput.Write(choices, terminal, input, Reports.SingleRun);
        }
        else
        {
            var report = new ScanReport(input.Result, scans.Scans());
            ResultOutput.Write(choices, terminal, report.WriteJson, report.WriteCsv, report.Text);
        }

        drawings.WritePage(input, isSingle: true);
        telemetry.Deliver([result]);
        return unsaved is not null ? throw unsaved : Interruption.Code(terminal, input);
    }

    private static void CheckScanReport(RunChoices choices)
    {
        if (choices.Ascii)
        {
            throw new UsageException("'--ascii' is about the memory map, which '--scan-report' does not draw: leave out one of them");
        }

        if (choices.Seeds > 1 && choices.ReportFile is null)
        {
            throw new UsageException("'--scan-report' tells of the scans of one run: leave out '--seeds', or ask for a page of all seeds with '--report'");
        }
    }
}
