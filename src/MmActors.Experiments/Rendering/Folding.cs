using System.Collections.Immutable;
using MmActors.Experiments.Results;

namespace MmActors.Experiments.Rendering;

/// <summary>Adds up replicas of a task, so that a scenario with a hundred processes still fits a page: with more than
/// <see cref="MaxTasks"/> tasks, those whose names differ only in a trailing number become one. JSON and CSV keep each
/// task.</summary>
internal sealed class Folding
{
    private const int MaxTasks = 12;
    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);

    private Folding(ImmutableArray<string> tasks)
    {
        Tasks = tasks.Length;
        var groups = tasks.GroupBy(Stem).ToArray();
        Groups = groups.Length;
        foreach (var group in groups)
        {
            var members = group.ToArray();
            var label = members.Length == 1 ? members[0] : $"{group.Key} x{members.Length}";
            foreach (var task in members)
            {
                _labels.Add(task, label);
            }
        }
    }

    /// <summary>Tasks of the result.</summary>
    public int Tasks { get; }

    /// <summary>Rows they become.</summary>
    public int Groups { get; }

    /// <summary>The folding a result needs, or null when its tasks can be shown one by one.</summary>
    public static Folding? Of(ImmutableArray<VariantResult> variants)
    {
        ImmutableArray<string> tasks = [.. Differences.Tasks(variants)];
        return tasks.Length > MaxTasks ? new(tasks) : null;
    }

    /// <summary>The name a task is shown under.</summary>
    public string Label(string task) => _labels.GetValueOrDefault(task, task);

    /// <summary>The variant with its replicas added up.</summary>
    public VariantResult Fold(VariantResult variant) => variant with
    {
        Tasks = [.. variant.Tasks.GroupBy(task => Label(task.Name)).Select(Sum)],
        Khugepaged = variant.Khugepaged with
        {
            Budget = Sum(variant.Khugepaged.Budget),
            Statuses = Sum(variant.Khugepaged.Statuses),
        },
        Snaps = [.. variant.Snaps.Select(snap => snap with { Tasks = Sum(snap.Tasks) })],
        Timeline =
        [
            .. variant.Timeline.Select(point => point with
            {
                HugeRanges =
                [
                    .. point.HugeRanges.GroupBy(ranges => Label(ranges.Task))
                        .Select(group => new TaskHugeRanges(group.Key, group.Sum(ranges => ranges.Ranges))),
                ],
                Statuses = Sum(point.Statuses),
            }),
        ],
    };

    private static string Stem(string task) => task.TrimEnd("0123456789".ToCharArray()).TrimEnd('-', '_', '.', '#');

    private static TaskResult Sum(IGrouping<string, TaskResult> group)
    {
        var tasks = group.ToArray();
        if (tasks.Length == 1)
        {
            return tasks[0] with { Name = group.Key };
        }

        var faults = tasks.Where(task => task.Fault is not null).ToArray();
        return new TaskResult
        {
            Name = group.Key,
            HugeRanges = tasks.Sum(task => task.HugeRanges),
            Ranges = tasks.Sum(task => task.Ranges),
            RssPages = tasks.Sum(task => task.RssPages),
            SwapPages = tasks.Sum(task => task.SwapPages),
            LazyfreePages = tasks.Sum(task => task.LazyfreePages),
            StalledSeconds = tasks.Sum(task => task.StalledSeconds),
            Fault = faults.Length == 0 ? null : $"{faults[0].Fault} ({faults.Length} of {tasks.Length} tasks)",
        };
    }

    private ImmutableArray<TaskStatuses> Sum(ImmutableArray<TaskStatuses> all) =>
    [
        .. all.GroupBy(task => Label(task.Task)).Select(group => new TaskStatuses(
            group.Key,
            [
                .. group.SelectMany(task => task.Amounts).GroupBy(amount => amount.Status)
                    .Select(same => new StatusAmount(same.Key, same.Sum(amount => amount.Amount))),
            ])),
    ];

    private ImmutableArray<SnapTask> Sum(ImmutableArray<SnapTask> all) =>
    [
        .. all.GroupBy(task => Label(task.Task)).Select(group => new SnapTask(
            group.Key, group.Sum(task => task.RssKb), group.Sum(task => task.HugeKb),
            group.Sum(task => task.LazyfreeKb), group.Sum(task => task.SwapKb))),
    ];
}
