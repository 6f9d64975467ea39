using System.Collections.Immutable;
using MmActors.Experiments.Results;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Rendering;

/// <summary>The reports the commands print, put together from their sections.</summary>
public static class Reports
{
    /// <summary>Several variants side by side. A scenario with published numbers begins with them and leaves out the
    /// generic tables; any other gets end states and full scans first.</summary>
    public static Report Comparison(ReportInput input) => FoldedComparison(input.Folded());

    private static Report FoldedComparison(ReportInput input) => new(
    [
        .. RunsSection.Opening(input, "compare"),
        .. ComparedSections(input),
        .. RunsSection.Build(input),
    ]);

    /// <summary>Everything between the opening and the runs: all that is simulated.</summary>
    internal static IEnumerable<ReportBlock> ComparedSections(ReportInput input) =>
    [
        .. input.Published.IsEmpty
            ? EndStateSection.Build(input).Concat(ScansSection.Build(input))
            : PublishedSection.Build(input),
        .. SeedSection.Build(input),
        .. TimelineSection.Build(input),
        .. BudgetSection.Build(input),
        .. ReclaimSections.Build(input),
        .. input.Evidence.SelectMany(ReclaimSections.OfEvidence),
    ];

    /// <summary>One variant in detail: counters, statuses, measured figures, snapshots.</summary>
    public static Report SingleRun(ReportInput input)
    {
        input = input.Folded();
        return new([.. RunsSection.Opening(input, "run"), .. SingleSections(input), .. RunsSection.Build(input)]);
    }

    /// <summary>Everything between the opening and the runs: all that is simulated.</summary>
    internal static IEnumerable<ReportBlock> SingleSections(ReportInput input)
    {
        var variant = input.Result.Variants[0];
        return
        [
            .. EndStateSection.Build(input),
            .. SeedSection.Build(input),
            .. StatusHistogram(variant),
            .. ScansSection.Build(input),
            .. ReclaimSections.Build(input),
            .. Vmstat(variant),
            .. Snaps(variant),
            .. TimelineSection.Build(input),
        ];
    }

    /// <summary>The scenarios one can name.</summary>
    public static Report Catalog(IEnumerable<Scenario> scenarios) => new(scenarios.SelectMany(CatalogEntry));

    private static ReportBlock[] CatalogEntry(Scenario scenario) =>
    [
        new Heading(3, scenario.Name),
        new Paragraph(scenario.Description),
        new Paragraph($"variants: {string.Join(", ", scenario.Variants.Select(variant => variant.Name))}; machine: "
            + $"{scenario.Machine.Name}; {Figures.Seconds(scenario.Duration.TotalSeconds)} s simulated"
            + (scenario.Published is null ? "." : "; compared with published numbers.")),
    ];

    private static IEnumerable<ReportBlock> StatusHistogram(VariantResult variant)
    {
        var keys = variant.Khugepaged.Statuses.Concat(variant.Khugepaged.Budget)
            .SelectMany(task => task.Amounts, (task, amount) => (task.Task, amount.Status))
            .Distinct()
            .ToArray();
        if (keys.Length == 0)
        {
            yield break;
        }

        yield return new Heading(2, "khugepaged statuses");
        yield return new Table(
            [
                new("task", IsFigure: false), new("status", IsFigure: false), new("ranges"), new("budget pages"),
            ],
            [.. keys.Select(key => (ImmutableArray<string>)
            [
                key.Task, key.Status,
                key.Status == BudgetSection.Overhead
                    ? Figures.None : Figures.Count(BudgetSection.Ranges(variant, key.Task, key.Status)),
                Figures.Count(BudgetSection.Pages(variant, key.Task, key.Status)),
            ])],
            KeyColumns: 2);
    }

    private static IEnumerable<ReportBlock> Vmstat(VariantResult variant)
    {
        yield return new Heading(2, "/proc/vmstat over the run (counters that did not change are left out)");
        ImmutableArray<CounterDelta> moved = [.. variant.Vmstat.Where(static counter => counter.Delta != 0)];
        if (moved.IsEmpty)
        {
            yield return new Paragraph("No counter changed.");
            yield break;
        }

        yield return new Table(
            [new("counter", IsFigure: false), new("delta")],
            [.. moved.Select(counter => (ImmutableArray<string>)
                [counter.Name, Figures.Count(counter.Delta)])]);
    }

    private static IEnumerable<ReportBlock> Snaps(VariantResult variant)
    {
        if (variant.Snaps.IsEmpty)
        {
            yield break;
        }

        yield return new Heading(2, "Snapshots (smaps figures, kB)");
        yield return new Table(
            [
                new("snap", IsFigure: false), new("t s"), new("task", IsFigure: false),
                new("Rss"), new("AnonHugePages"), new("LazyFree"), new("Swap"),
            ],
            [.. variant.Snaps.SelectMany(snap => snap.Tasks.Select(task => (ImmutableArray<string>)
            [
                snap.Name, Figures.Seconds(snap.TimeSeconds), task.Task, Figures.Count(task.RssKb),
                Figures.Count(task.HugeKb), Figures.Count(task.LazyfreeKb), Figures.Count(task.SwapKb),
            ]))],
            KeyColumns: 3);
    }
}
