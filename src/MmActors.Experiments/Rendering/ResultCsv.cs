using System.Globalization;
using MmActors.Experiments.Results;

namespace MmActors.Experiments.Rendering;

/// <summary>The tidy long form of a result: one value per line, RFC 4180 (CRLF, quotes only where needed).</summary>
public static class ResultCsv
{
    private const string LineEnd = "\r\n";

    /// <summary>Writes the header and all lines.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="result">The comparison.</param>
    public static void Write(TextWriter writer, ComparisonResult result) => Write(writer, [result]);

    /// <summary>Writes one header and the lines of several comparisons.</summary>
    public static void Write(TextWriter writer, IReadOnlyList<ComparisonResult> results)
    {
        Line(writer, "scenario", "seed", "machine", "variant", "section", "task", "name", "t_s", "value");
        foreach (var (result, variant) in results.SelectMany(static result => result.Variants, static (result, variant) => (result, variant)))
        {
            foreach (var row in Rows(variant))
            {
                Line(
                    writer, result.Scenario, Text(result.Seed), result.Machine, variant.Name,
                    row.Section, row.Task, row.Name, row.Time is { } time ? Text(time) : "", row.Value);
            }
        }
    }

    /// <summary>A field as RFC 4180 wants it: quoted when it holds a comma, a quote or a line break.</summary>
    public static string Field(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0
        ? text
        : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static IEnumerable<Row> Rows(VariantResult variant) =>
    [
        new("run", "", "hash", null, variant.Hash),
        .. variant.IsConcurrent ? [new("run", "", "mode", null, "concurrent")] : (Row[])[],
        new("run", "", "preset", null, variant.Preset),
        new("run", "", "charging", null, SwitchWords.Of(variant.Switches.Charging)),
        new("run", "", "lazyfree", null, SwitchWords.Of(variant.Switches.Lazyfree)),
        new("run", "", "simulated_s", null, Text(variant.SimulatedSeconds)),
        new("run", "", "wall_s", null, Text(variant.WallSeconds)),
        new("run", "", "partial", null, variant.Partial ? "true" : "false"),
        new("run", "", "oom_kills", null, Text(variant.OomKills)),
        .. ReclaimRows(variant),
        .. variant.Tasks.SelectMany(TaskRows),
        .. KhugepagedRows(variant.Khugepaged),
        .. variant.Vmstat.Select(counter => new Row("vmstat", "", counter.Name, null, Text(counter.Delta))),
        .. variant.Snaps.SelectMany(SnapRows),
        .. variant.Timeline.SelectMany(point => point.HugeRanges.Select(ranges =>
            new Row("timeline", ranges.Task, "huge_ranges", point.TimeSeconds, Text(ranges.Ranges)))),
    ];

    private static IEnumerable<Row> ReclaimRows(VariantResult variant)
    {
        ReclaimResult reclaim = variant.Reclaim;
        double? began = reclaim.PressureSeconds;
        yield return new("reclaim", "", "collapsed_before_pressure", began, Text(reclaim.CollapsedBefore));
        yield return new("reclaim", "", "collapsed_after_pressure", began, Text(reclaim.CollapsedAfter));
        yield return new("reclaim", "", "lazy_collapsed_before_pressure", began, Text(reclaim.LazyCollapsedBefore));
        yield return new("reclaim", "", "hollow_collapsed_after_pressure", began, Text(reclaim.HollowCollapsedAfter));
        yield return new("reclaim", "", "thps_walked", began, Text(reclaim.ThpsWalked));
        yield return new("reclaim", "", "thps_split", began, Text(reclaim.ThpsSplit));
        yield return new("reclaim", "", "split_freed_kb", began, Text(reclaim.SplitFreedKb));
        foreach (CgroupWriteResult write in variant.CgroupWrites)
        {
            yield return new("cgroup", write.Task, $"{write.Group}/{write.File}", write.TimeSeconds, write.Errno ?? "0");
        }
    }

    private static IEnumerable<Row> TaskRows(TaskResult task)
    {
        yield return new("task", task.Name, "huge_ranges", null, Text(task.HugeRanges));
        yield return new("task", task.Name, "ranges", null, Text(task.Ranges));
        yield return new("task", task.Name, "rss_pages", null, Text(task.RssPages));
        yield return new("task", task.Name, "swap_pages", null, Text(task.SwapPages));
        yield return new("task", task.Name, "lazyfree_pages", null, Text(task.LazyfreePages));
        yield return new("task", task.Name, "stalled_s", null, Text(task.StalledSeconds));
        if (task.Fault is { } fault)
        {
            yield return new("task", task.Name, "fault", null, fault);
        }

        if (task.Measured is { } measured)
        {
            var start = measured.StartSeconds;
            yield return new("measured", task.Name, "elapsed_s", start, Text(measured.ElapsedSeconds));
            yield return new("measured", task.Name, "cycles_per_access", start, Text(measured.CyclesPerAccess));
            yield return new("measured", task.Name, "throughput_m_per_s", start, Text(measured.ThroughputMPerS));
            yield return new("measured", task.Name, "dtlb_load_misses", start, Text(measured.DtlbLoadMisses));
            yield return new("measured", task.Name, "huge_ranges_at_start", start, Text(measured.HugeRangesAtStart));
            yield return new("measured", task.Name, "huge_ranges_at_end", start, Text(measured.HugeRangesAtEnd));
        }
    }

    private static IEnumerable<Row> KhugepagedRows(KhugepagedResult khugepaged) =>
    [
        new("khugepaged", "", "pages_collapsed", null, Text(khugepaged.PagesCollapsed)),
        new("khugepaged", "", "full_scans", null, Text(khugepaged.FullScans)),
        new("khugepaged", "", "passes", null, Text(khugepaged.Passes)),
        .. khugepaged.Budget.SelectMany(task => task.Amounts.Select(amount =>
            new Row("budget", task.Task, amount.Status, null, Text(amount.Amount)))),
        .. khugepaged.Statuses.SelectMany(task => task.Amounts.Select(amount =>
            new Row("status", task.Task, amount.Status, null, Text(amount.Amount)))),
        .. khugepaged.Scans.SelectMany(scan => (Row[])
        [
            new("scan", "", "duration_s", scan.EndSeconds, Text(scan.EndSeconds - scan.StartSeconds)),
            new("scan", "", "progress_pages", scan.EndSeconds, Text(scan.ProgressPages)),
            new("scan", "", "passes", scan.EndSeconds, Text(scan.Passes)),
            new("scan", "", "visits", scan.EndSeconds, Text(scan.Visits)),
        ]),
    ];

    private static IEnumerable<Row> SnapRows(SnapResult snap) => snap.Tasks.SelectMany(task => (Row[])
    [
        new("snap", task.Task, $"{snap.Name}.rss_kb", snap.TimeSeconds, Text(task.RssKb)),
        new("snap", task.Task, $"{snap.Name}.huge_kb", snap.TimeSeconds, Text(task.HugeKb)),
        new("snap", task.Task, $"{snap.Name}.lazyfree_kb", snap.TimeSeconds, Text(task.LazyfreeKb)),
        new("snap", task.Task, $"{snap.Name}.swap_kb", snap.TimeSeconds, Text(task.SwapKb)),
    ]);

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private static void Line(TextWriter writer, params ReadOnlySpan<string> fields)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (i > 0)
            {
                writer.Write(',');
            }

            writer.Write(Field(fields[i]));
        }

        writer.Write(LineEnd);
    }

    private readonly record struct Row(string Section, string Task, string Name, double? Time, string Value);
}
