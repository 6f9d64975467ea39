using System.Collections.Immutable;
using System.CommandLine;
using MmActors.Cli.Execution;
using MmActors.Experiments.Rendering;
using MmActors.Experiments.Results;
using MmActors.Experiments.Running;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors compare SCENARIO</c>: all variants side by side.</summary>
internal static class CompareVerb
{
    /// <summary>The verb with its options.</summary>
    public static Command Create(Terminal terminal, ISimulator simulator) =>
        ScenarioVerb.Create(
            "compare", "Run the variants of a scenario and show what differs.", terminal, simulator, new TraceOptions(isFolder: true),
            (_, choices) => Execute(choices, [], terminal, simulator));

    /// <summary>Runs and prints a comparison and further ones that belong to its evidence, all in one pool; shared with the default
    /// command.</summary>
    public static int Execute(
        RunChoices choices, ImmutableArray<RunChoices> evidence, Terminal terminal, ISimulator simulator)
    {
        using var traces = new RunTraces(choices.Traces);
        using var telemetry = new Telemetry(choices.Telemetry, terminal);
        var drawings = new Drawings(choices, terminal);
        List<RunRequest> requests = [.. Requests(choices).Select(traces.Follow).Select(telemetry.Observe).Select(drawings.Record)];
        requests.AddRange(PublishedElsewhere(choices));
        var published = requests.Count;
        requests.AddRange(evidence.SelectMany(Requests));
        var seeds = requests.Count;
        requests.AddRange(MoreSeeds.Requests(choices));
        var results = new ParallelRuns(simulator, terminal, choices).Run(requests);

        var further = ImmutableArray.CreateBuilder<ReportInput>();
        var next = published;
        foreach (var more in evidence)
        {
            further.Add(Input(more, results.AsSpan(next, more.Variants.Length)));
            next += more.Variants.Length;
        }

        var input = Input(choices, results.AsSpan(0, choices.Variants.Length)) with
        {
            Published = Published(choices, requests[..published], results),
            Evidence = further.ToImmutable(),
            MoreSeeds = MoreSeeds.Results(choices, results.AsSpan(seeds)),
        };
        var unsaved = traces.Save(input.Result.Variants);
        drawings.WriteMap(input);
        ResultOutput.Write(choices, terminal, input, Reports.Comparison);
        drawings.WritePage(input, isSingle: false);
        telemetry.Deliver(results);
        return unsaved is not null ? throw unsaved : Interruption.Code(terminal, input);
    }

    private static IEnumerable<RunRequest> Requests(RunChoices choices) =>
        choices.Variants.Select(variant => choices.Request(variant, choices.Machine));

    private static ReportInput Input(RunChoices choices, ReadOnlySpan<VariantResult?> results)
    {
        var ran = ImmutableArray.CreateBuilder<VariantResult>();
        var notRun = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i] is { } result)
            {
                ran.Add(result);
            }
            else
            {
                notRun.Add(choices.Variants[i].Name);
            }
        }

        return new ReportInput
        {
            Scenario = choices.Scenario,
            ExactTlb = choices.Tlb == TlbModel.Exact,
            Result = new(
                choices.Scenario.Name, choices.Seed, VersionVerb.Number, choices.Machine.Name, choices.TlbName, ran.ToImmutable()),
            NotRun = notRun.ToImmutable(),
        };
    }

    /// <summary>The published columns on machines other than the main one; only a person's report shows them.</summary>
    private static IEnumerable<RunRequest> PublishedElsewhere(RunChoices choices)
    {
        if (choices.Scenario.Published is not { } published
            || choices.MachineArgument is not null
            || (choices.Format is OutputFormat.Json or OutputFormat.Csv && choices.ReportFile is null))
        {
            return [];
        }

        return published.Rows
            .Where(row => row.Machine.Name != choices.Machine.Name)
            .SelectMany(row => choices.Variants
                .Where(variant => variant.Name == published.Without || variant.Name == published.With)
                .Select(variant => choices.Request(variant, row.Machine)));
    }

    private static ImmutableArray<PublishedRuns> Published(
        RunChoices choices, List<RunRequest> requests, VariantResult?[] results)
    {
        if (choices.Scenario.Published is not { } published
            || !new[] { published.Without, published.With }.All(name =>
                choices.Variants.Any(variant => variant.Name == name)))
        {
            return [];
        }

        VariantResult? Find(string machine, string variant)
        {
            var index = requests.FindIndex(request =>
                request.Machine.Name == machine && request.Variant.Name == variant);
            return index < 0 ? null : results[index];
        }

        return
        [
            .. published.Rows
                .Where(row => requests.Any(request => request.Machine.Name == row.Machine.Name))
                .Select(row => new PublishedRuns(
                    row, Find(row.Machine.Name, published.Without), Find(row.Machine.Name, published.With))),
        ];
    }
}
