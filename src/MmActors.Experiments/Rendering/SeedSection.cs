using System.Collections.Immutable;
using System.Globalization;
using MmActors.Experiments.Results;

namespace MmActors.Experiments.Rendering;

/// <summary>The variants side by side in the style of mm patches: the mean over the seeds, and in brackets its change against
/// the reference; stars instead of brackets where the confidence intervals of the two do not touch.</summary>
internal static class SeedSection
{
    /// <summary>Counters of /proc/vmstat worth a row when a variant moved them.</summary>
    private static readonly string[] Counters =
        ["thp_collapse_alloc", "pglazyfree", "pglazyfreed", "pswpout", "pswpin", "pgmajfault", "thp_split_page"];

    /// <summary>Title of the section.</summary>
    public static string Title(ReportInput input) => IsSingle(input) ? "Figures" : "Comparison";

    /// <summary>The section for a text report: nothing for a single seed, whose figures the other sections have.</summary>
    public static IEnumerable<ReportBlock> Build(ReportInput input) => input.MoreSeeds.IsEmpty ? []
        : [new Heading(2, $"{Title(input)} over {Seeds(input)} seeds{(Runs(input).All(count => count == Seeds(input)) ? "" : ", as far as they ran")}"), new Paragraph(Guide(input)), Table(input)];

    /// <summary>How the table is read.</summary>
    public static string Guide(ReportInput input)
    {
        var reference = Differences.Reference(input)?.Name;
        var seeds = Seeds(input) == 1 ? "" : Over(input);
        var confidence = Figures.Fixed(SeedStatistics.Confidence * 100, 0);
        return (IsSingle(input), Seeds(input) == 1) switch
        {
            (true, true) => $"One run with seed {input.Result.Seed}; --seeds N adds means and confidence intervals.",
            (true, false) => $"{seeds}, with half the width of its {confidence}% confidence interval (Student's t).{Agreement(input)}",
            (false, true) => $"One seed ({input.Result.Seed}): in brackets the change against {reference}; no change is starred, for that takes "
                + "several seeds (--seeds N).",
            _ => $"{seeds}; in brackets the change against {reference}, starred where the {confidence}% confidence intervals of the two means "
                + $"(Student's t) do not touch.{Agreement(input)}",
        };
    }

    private static ImmutableArray<int> Runs(ReportInput input) =>
        [.. input.Result.Variants.Select(variant => input.OverSeeds(variant.Name).Count())];

    /// <summary>After an interruption the mean is over fewer runs than were asked for, and not over the same number in each column.</summary>
    private static string Over(ReportInput input)
    {
        var seeds = $"{Seeds(input)} seeds ({input.Result.Seed} to {input.MoreSeeds[^1].Seed})";
        var runs = Runs(input);
        return runs.All(count => count == Seeds(input)) ? $"Mean over {seeds}"
            : $"Of {seeds} mean over those that ran: {Figures.And([.. input.Result.Variants.Zip(runs,
                static (variant, count) => $"{Figures.Count(count)} for {variant.Name}")])}";
    }

    private static bool IsSingle(ReportInput input) => input.Result.Variants.Length == 1;

    /// <summary>Where all seeds give the same figure, its interval is a point, and a star says only that two figures differ.</summary>
    private static string Agreement(ReportInput input)
    {
        var cells = Rows(input).SelectMany(static row => row.Statistics).OfType<SeedStatistics>().ToArray();
        var points = cells.Count(static cell => cell.HalfWidth is 0);
        return points == 0 ? "" : $" In {points} of {cells.Length} cells all seeds agree exactly: chance does not reach them, and their interval is a point.";
    }

    /// <summary>One row per task and metric, one column per variant.</summary>
    public static Table Table(ReportInput input)
    {
        var variants = input.Result.Variants;
        return new Table(
            [new("", IsFigure: false), new("metric", IsFigure: false), .. variants.Select(static variant => new Column(variant.Name))],
            [.. Rows(input).Select(row => (ImmutableArray<string>)
            [
                row.Metric.Group, row.Metric.Name,
                .. row.Statistics.Select(cell => IsSingle(input) ? Alone(row.Metric, cell) : Cell(row, cell)),
            ])],
            KeyColumns: 2);
    }

    /// <summary>The intervals behind the table, one row per metric and variant.</summary>
    public static Table Intervals(ReportInput input) => new(
        [
            new("", IsFigure: false), new("metric", IsFigure: false), new("variant", IsFigure: false), new("seeds"), new("mean"),
            new("lower"), new("upper"),
        ],
        [
            .. Rows(input).SelectMany(row => row.Statistics.Zip(input.Result.Variants).Where(static pair => pair.First is not null)
                .Select(pair => (ImmutableArray<string>)
                [
                    row.Metric.Group, row.Metric.Name, pair.Second.Name, Figures.Count(pair.First!.Value.Count),
                    Show(row.Metric, pair.First.Value.Mean), Bound(row.Metric, pair.First.Value, -1), Bound(row.Metric, pair.First.Value, 1),
                ])),
        ],
        KeyColumns: 3);

    private static int Seeds(ReportInput input) => input.MoreSeeds.Length + 1;

    private static IEnumerable<Row> Rows(ReportInput input)
    {
        var variants = input.Result.Variants;
        var reference = Differences.Reference(input);
        foreach (var metric in Metrics(input))
        {
            ImmutableArray<SeedStatistics?> statistics = [.. variants.Select(variant => SeedStatistics.Of([
                .. input.OverSeeds(variant.Name).Select(metric.Value).Where(static value => value is not null).Select(static value => value!.Value)]))];
            var shown = statistics.Any(static cell => cell is not null) && (metric.IsAlwaysShown || statistics.Any(static cell => cell is { Mean: not 0 }));
            if (shown)
            {
                yield return new Row(metric, statistics, reference is null ? null : statistics[variants.IndexOf(reference)]);
            }
        }
    }

    private static IEnumerable<Metric> Metrics(ReportInput input)
    {
        foreach (var task in Differences.Tasks(input.Result.Variants))
        {
            Metric Measured(string name, int decimals, Func<MeasuredAccess, double> value) => new(
                task, name, decimals, IsAlwaysShown: true, variant => Of(variant, task)?.Measured is { } measured ? value(measured) : null);

            yield return new(task, "huge ranges at the end", 0, IsAlwaysShown: true, variant => Of(variant, task)?.HugeRanges);
            yield return Measured("total accesses time, s", 2, static access => access.ElapsedSeconds);
            yield return Measured("cycles per access", 2, static access => access.CyclesPerAccess);
            yield return Measured("throughput, M/s", 2, static access => access.ThroughputMPerS);
            yield return Measured("dTLB-load-misses", 0, static access => access.DtlbLoadMisses);
            yield return new(task, "stalled, ms", 2, IsAlwaysShown: false, variant => Of(variant, task)?.StalledSeconds * 1000);
        }

        yield return new("khugepaged", "pages_collapsed", 0, IsAlwaysShown: true, static variant => variant.Khugepaged.PagesCollapsed);
        yield return new("khugepaged", "full_scans", 0, IsAlwaysShown: true, static variant => variant.Khugepaged.FullScans);
        yield return new("khugepaged", "budget charged, pages", 0, IsAlwaysShown: true, static variant =>
            variant.Khugepaged.Budget.SelectMany(static task => task.Amounts).Sum(static amount => amount.Amount));
        foreach (var counter in Counters)
        {
            yield return new("vmstat", counter, 0, IsAlwaysShown: false, variant =>
                variant.Vmstat.FirstOrDefault(delta => delta.Name == counter)?.Delta);
        }

        yield return new("vmstat", "oom_kill", 0, IsAlwaysShown: false, static variant => variant.OomKills);
    }

    private static TaskResult? Of(VariantResult variant, string task) => variant.Tasks.FirstOrDefault(candidate => candidate.Name == task);

    private static string Alone(Metric metric, SeedStatistics? cell) => cell switch
    {
        null => Figures.None,
        { HalfWidth: null } => Show(metric, cell.Value.Mean),
        _ => $"{Show(metric, cell.Value.Mean)} +- {Show(metric, cell.Value.HalfWidth.Value)}",
    };

    private static string Cell(Row row, SeedStatistics? cell)
    {
        if (cell is not { } statistics)
        {
            return Figures.None;
        }

        var mean = Show(row.Metric, statistics.Mean);
        if (row.Reference is not { } reference || (reference.Mean == 0 && statistics.Mean != 0))
        {
            return $"{mean} {Figures.None,10}";
        }

        var change = reference.Mean == 0 ? 0 : ((statistics.Mean / reference.Mean) - 1) * 100;
        var percent = string.Create(CultureInfo.InvariantCulture, $"{change,7:0.00}%");
        return statistics.IsSeparateFrom(reference) ? $"{mean} *{percent}*" : $"{mean} ({percent})";
    }

    private static string Show(Metric metric, double value) => value.ToString($"N{metric.Decimals}", CultureInfo.InvariantCulture);

    private static string Bound(Metric metric, SeedStatistics statistics, int sign) => statistics.HalfWidth is { } half
        ? (statistics.Mean + (sign * half)).ToString($"N{metric.Decimals + 1}", CultureInfo.InvariantCulture) : Figures.None;

    private sealed record Metric(string Group, string Name, int Decimals, bool IsAlwaysShown, Func<VariantResult, double?> Value);

    private sealed record Row(Metric Metric, ImmutableArray<SeedStatistics?> Statistics, SeedStatistics? Reference);
}
