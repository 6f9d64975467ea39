using MmActors.Experiments.Results;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Rendering;

/// <summary>The seed's own table (metric, without, with, delta) per machine, next to the published numbers, and what
/// of the agreement is fit and what is prediction.</summary>
internal static class PublishedSection
{
    private static readonly Metric[] Metrics =
    [
        new("total accesses time (s)", m => m.ElapsedSeconds, p => p.ElapsedSeconds, 2),
        new("cycles per access", m => m.CyclesPerAccess, p => p.CyclesPerAccess, 2),
        new("throughput (M/s)", m => m.ThroughputMPerS, p => p.ThroughputMPerS, 2),
        new("dTLB-load-misses", m => m.DtlbLoadMisses, p => p.DtlbLoadMisses, 0),
    ];

    /// <summary>The section's blocks; empty when there is nothing published to compare with.</summary>
    public static IEnumerable<ReportBlock> Build(ReportInput input)
    {
        if (input.Scenario.Published is not { } published || input.Published.IsEmpty)
        {
            yield break;
        }

        yield return new Heading(2, $"{published.Task}: without ({published.Without}) and with ({published.With})");
        yield return new Paragraph(
            $"Published: {published.Source}. Simulated: this run, seed {input.Result.Seed}; every time and cycle "
            + "count below is simulated, none was measured here. Error: simulated relative to published.");
        foreach (var runs in input.Published)
        {
            var without = Measured(runs.Without, published.Task);
            var with = Measured(runs.With, published.Task);
            yield return new Heading(3, $"{runs.Machine.Label} (machine preset {runs.Machine.Machine.Name})");
            yield return ComparisonTable(runs.Machine, without?.Measured, with?.Measured);
            yield return new Statements([.. Sentences(input, published, runs, without, with)]);
        }
    }

    private static TaskResult? Measured(VariantResult? result, string task) =>
        result?.Tasks.FirstOrDefault(candidate => candidate.Name == task);

    private static Table ComparisonTable(PublishedMachine machine, MeasuredAccess? without, MeasuredAccess? with) =>
        new(
            [
                new("metric", IsFigure: false),
                new("without", Group: "simulated"), new("with", Group: "simulated"), new("delta", Group: "simulated"),
                new("without", Group: "published"), new("with", Group: "published"), new("delta", Group: "published"),
                new("without", Group: "error"), new("with", Group: "error"),
            ],
            [.. Metrics.Select(metric => metric.Row(machine, without, with))]);

    private static IEnumerable<string> Sentences(
        ReportInput input, PublishedComparison published, PublishedRuns runs, TaskResult? without, TaskResult? with)
    {
        foreach (var (column, task) in new[] { ("without", without), ("with", with) })
        {
            if (task?.Measured is null)
            {
                yield return $"{published.Task} did not finish its measurement in '{column}', so that column is empty.";
            }
        }

        if (ScenarioFacts.MeasuredReads(input.Scenario, published) is not { } reads || without is null)
        {
            yield break;
        }

        foreach (var sentence in FitSentences.Constants(published, runs.Machine, reads, without.Ranges, input.ExactTlb))
        {
            yield return sentence;
        }

        if (without.Measured is { } left)
        {
            yield return FitSentences.Without(runs.Machine, left, input.ExactTlb);
        }

        if (with?.Measured is { } right)
        {
            foreach (var sentence in FitSentences.With(input, published, runs, with, right, reads))
            {
                yield return sentence;
            }
        }
    }

    private sealed record Metric(
        string Title, Func<MeasuredAccess, double> Simulated, Func<PublishedFigures, double> Published, int Decimals)
    {
        public System.Collections.Immutable.ImmutableArray<string> Row(
            PublishedMachine machine, MeasuredAccess? without, MeasuredAccess? with)
        {
            var ours = (Without: Value(without), With: Value(with));
            var theirs = (Without: Published(machine.Without), With: Published(machine.With));
            return
            [
                Title, Show(ours.Without), Show(ours.With), Change(ours.With, ours.Without),
                Show(theirs.Without), Show(theirs.With), Change(theirs.With, theirs.Without),
                Change(ours.Without, theirs.Without), Change(ours.With, theirs.With),
            ];
        }

        private double? Value(MeasuredAccess? access) => access is null ? null : Simulated(access);

        private string Show(double? value) => value is not { } number ? Figures.None
            : Decimals == 0 ? Figures.Count((long)number) : Figures.Fixed(number, Decimals);

        private static string Change(double? value, double? reference) =>
            value is { } number && reference is { } other ? Figures.Change(number, other) : Figures.None;
    }
}
