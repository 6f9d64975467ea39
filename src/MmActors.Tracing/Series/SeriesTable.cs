using MmActors.Model.Memory;

namespace MmActors.Tracing.Series;

/// <summary>One column of whole numbers.</summary>
/// <param name="Name">A counter's kernel name, a gauge, or TASK.gauge.</param>
/// <param name="Values">One value per row.</param>
public sealed record SeriesColumn(string Name, long[] Values);

/// <summary>A run's series as columns. Names are stable: counters in the kernel's order, then the machine, then the tasks in
/// order of creation.</summary>
/// <param name="Times">Simulated time of each row.</param>
/// <param name="Columns">Everything else.</param>
public sealed record SeriesTable(TimeSpan[] Times, IReadOnlyList<SeriesColumn> Columns)
{
    /// <summary>Name of the column of times, in simulated seconds.</summary>
    public const string TimeName = "time_s";

    /// <summary>Name of the column that only the series of an interrupted run have: 1 in the row at which it was stopped.</summary>
    public const string PartialName = "partial";

    internal static SeriesTable Of(IReadOnlyList<(SystemSample Sample, long BudgetLeft)> rows)
    {
        List<SeriesColumn> columns = [];
        void Add(string name, Func<SystemSample, long> value) =>
            columns.Add(new SeriesColumn(name, [.. rows.Select(row => value(row.Sample))]));

        for (int counter = 0; counter < VmStat.Count; counter++)
        {
            int index = counter;
            Add(VmStat.Name((VmCounter)counter), sample => sample.Vmstat[index]);
        }

        Add("nr_free_pages", static sample => sample.FreePages);
        Add("nr_inactive_anon", static sample => sample.Lists.InactiveAnon); // TC-8
        Add("nr_active_anon", static sample => sample.Lists.ActiveAnon);
        Add("nr_inactive_file", static sample => sample.Lists.InactiveFile);
        Add("nr_active_file", static sample => sample.Lists.ActiveFile);
        Add("nr_anon_transparent_hugepages", static sample => sample.HugePages);
        Add("split_queue_len", static sample => sample.SplitQueueLength);
        columns.Add(new SeriesColumn("budget_left", [.. rows.Select(static row => row.BudgetLeft)]));
        IReadOnlyList<string> tasks = rows.Count == 0 ? [] : UniqueNames(rows[^1].Sample);
        for (int task = 0; task < tasks.Count; task++)
        {
            int index = task;
            TaskSample Of(SystemSample sample) => index < sample.Tasks.Length ? sample.Tasks[index] : default;
            Add($"{tasks[task]}.huge_ranges", sample => Of(sample).HugeRanges);
            Add($"{tasks[task]}.lazyfree_pages", sample => Of(sample).LazyfreePages);
            Add($"{tasks[task]}.rss_pages", sample => Of(sample).RssPages);
            Add($"{tasks[task]}.swap_pages", sample => Of(sample).SwapPages);
        }

        return new SeriesTable([.. rows.Select(static row => row.Sample.Time)], columns);
    }

    /// <summary>The same table, marked: CSV has no other place for it than a column, so that Parquet has it there, too.</summary>
    internal SeriesTable Interrupted()
    {
        long[] stopped = new long[Times.Length];
        if (stopped.Length > 0)
        {
            stopped[^1] = 1;
        }

        return this with { Columns = [.. Columns, new SeriesColumn(PartialName, stopped)] };
    }

    /// <summary>Fork children may share a name: the second is NAME#2.</summary>
    private static List<string> UniqueNames(SystemSample sample)
    {
        List<string> names = [];
        foreach (TaskSample task in sample.Tasks)
        {
            string name = task.Name;
            for (int number = 2; names.Contains(name); number++)
            {
                name = $"{task.Name}#{number}";
            }

            names.Add(name);
        }

        return names;
    }
}
