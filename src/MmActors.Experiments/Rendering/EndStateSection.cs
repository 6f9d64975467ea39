using System.Collections.Immutable;
using MmActors.Experiments.Results;

namespace MmActors.Experiments.Rendering;

/// <summary>How each task ended and what it measured.</summary>
internal static class EndStateSection
{
    /// <summary>The section's blocks.</summary>
    public static IEnumerable<ReportBlock> Build(ReportInput input)
    {
        var variants = input.Result.Variants;
        if (variants.All(variant => variant.Tasks.IsEmpty))
        {
            yield break;
        }

        yield return new Heading(2, "Tasks at the end");
        yield return new Table(
            [
                new("variant", IsFigure: false), new("task", IsFigure: false),
                new("huge ranges"), new("RSS MiB"), new("LazyFree MiB"), new("swap MiB"), new("stalled s"),
            ],
            [.. variants.SelectMany(variant => variant.Tasks.Select(task => (ImmutableArray<string>)
            [
                variant.Name, task.Name, $"{task.HugeRanges}/{task.Ranges}",
                Figures.Mebibytes(task.RssPages), Figures.Mebibytes(task.LazyfreePages),
                Figures.Mebibytes(task.SwapPages), Figures.Fixed(task.StalledSeconds, 3),
            ]))],
            KeyColumns: 2);

        var measuring = variants
            .SelectMany(variant => variant.Tasks, (variant, task) => (variant.Name, Task: task, task.Measured))
            .Where(entry => entry.Measured is not null)
            .ToArray();
        if (measuring.Length > 0)
        {
            yield return MeasuredTable(measuring!);
        }

        var faults = variants
            .SelectMany(variant => variant.Tasks, (variant, task) => (variant.Name, Task: task))
            .Where(entry => entry.Task.Fault is not null)
            .Select(entry => $"{entry.Name}: {entry.Task.Name} ended early: {entry.Task.Fault}.")
            .Concat(variants.Where(variant => variant.OomKills > 0)
                .Select(variant => $"{variant.Name}: {Figures.Plural(variant.OomKills, "OOM kill")}."))
            .ToImmutableArray();
        if (!faults.IsEmpty)
        {
            yield return new Statements(faults);
        }
    }

    private static Table MeasuredTable((string Variant, TaskResult Task, MeasuredAccess Measured)[] entries) => new(
        [
            new("variant", IsFigure: false), new("task", IsFigure: false),
            new("begins s"), new("elapsed s"), new("cycles/access"), new("M/s"), new("dTLB-load-misses"),
            new("huge at start"), new("at end"),
        ],
        [.. entries.Select(entry => (ImmutableArray<string>)
        [
            entry.Variant, entry.Task.Name,
            Figures.Seconds(entry.Measured.StartSeconds),
            Figures.Fixed(entry.Measured.ElapsedSeconds, 2), Figures.Fixed(entry.Measured.CyclesPerAccess, 2),
            Figures.Fixed(entry.Measured.ThroughputMPerS, 2), Figures.Count(entry.Measured.DtlbLoadMisses),
            $"{entry.Measured.HugeRangesAtStart}/{entry.Task.Ranges}",
            $"{entry.Measured.HugeRangesAtEnd}/{entry.Task.Ranges}",
        ])],
        KeyColumns: 2);
}
