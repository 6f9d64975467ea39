using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Validation;

/// <summary>Reads the directory of a recorded run.</summary>
internal static class RecordedRunReader
{
    /// <summary>The file that makes a directory a recorded run.</summary>
    public const string Marker = "scenario.json";

    private const string EndName = "(end)";

    /// <summary>The tables give ms to three places, the trace s to six.</summary>
    private static readonly TimeSpan TableRounding = TimeSpan.FromMicroseconds(5);

    /// <exception cref="ScenarioException">A file is missing or wrong.</exception>
    public static RecordedRun Read(string directory, ScenarioCatalog catalog)
    {
        string In(string file) => Path.Combine(directory, file);
        DriverScript script = DriverScript.Read(In("scenario.txt"));
        var ops = new RecordedOps(script, In("events.csv"));
        using JsonDocument description = Json(In(Marker));
        using JsonDocument vmstat = Json(In("vmstat.json"));
        var machines = new RecordedMachineReader(directory, description.RootElement, script, catalog);
        RecordedMachine machine = machines.Read(FreePages(In("vmstat.json"), vmstat.RootElement), CpuFreePages(vmstat.RootElement));
        var trace = RecordedTrace.Read(In("trace.txt"), machines.TraceStart);
        var visits = Visits(In("scan_calls.csv"));
        var ranges = Ranges(In("scan_pmd.csv"));
        var passes = Passes(visits, trace.Khugepaged, machine.Thp.ScanSleepMillisecs);
        ImmutableArray<RecordedSmaps> smaps = Smaps(In("snap_smaps.csv"), In("pages.csv"));
        TimeSpan end = smaps.Where(static row => row.Snap == "after").Select(static row => row.Time).Append(ops.End).Max();
        return new RecordedRun
        {
            Name = Path.GetFileName(Path.GetFullPath(directory).TrimEnd(Path.DirectorySeparatorChar)),
            Script = script,
            Machine = machine,
            Roles = ops.Roles,
            Exits = ops.Exits,
            Ranges = ranges,
            Visits = visits,
            Passes = passes,
            Race = Races.First(passes, ranges, ops.Roles, trace.Reclaim),
            Walk = trace.Walk,
            Reclaim = trace.Reclaim,
            CpuAt = trace.CpuAt,
            Smaps = smaps,
            Snaps = Snaps(In("vmstat.json"), vmstat.RootElement, ops, end, out TimeSpan baseline),
            Baseline = baseline,
            End = end,
        };
    }

    private static JsonDocument Json(string path)
    {
        RecordedFile file = RecordedFile.Open(path);
        try
        {
            return JsonDocument.Parse(file.Text);
        }
        catch (JsonException exception)
        {
            throw new ScenarioException(file.Path, (int?)exception.LineNumber + 1, $"not JSON: {exception.Message}");
        }
    }

    private static long FreePages(string path, JsonElement vmstat) =>
        vmstat.TryGetProperty("before", out JsonElement before) && before.TryGetProperty("nr_free_pages", out JsonElement pages)
        && pages.TryGetInt64(out long free)
            ? free : throw new ScenarioException(path, null, "it holds 'before' with 'nr_free_pages'");

    /// <summary>Pages that were freed, not allocated again, and yet are not in nr_free_pages: the CPUs kept them.</summary>
    private static long CpuFreePages(JsonElement vmstat)
    {
        long pages = 0;
        foreach (JsonProperty counter in vmstat.GetProperty("before").EnumerateObject())
        {
            int sign = counter.Name == "pgfree" ? 1
                : counter.Name == "nr_free_pages" || counter.Name.StartsWith("pgalloc_", StringComparison.Ordinal) ? -1 : 0;
            pages += sign != 0 && counter.Value.TryGetInt64(out long value) ? sign * value : 0;
        }

        return Math.Max(0, pages);
    }

    private static ImmutableArray<(TimeSpan, RecordedRange)> Ranges(string path) => RecordedFile.TryOpen(path) is { } file
        ? [.. RecordedFile.Table(file, "t_ms,scanner,role,addr,region,pmd_index,status,referenced,none_or_zero,unmapped,writable,looked")
            .Select(static row => (row.Time(0), new RecordedRange(
                row[1], row[2], row.Address(3), row[6], row.Small(7), row.Small(8), row.Small(9), row.Small(11))))]
        : [];

    private static ImmutableArray<(TimeSpan Time, RecordedVisit Visit)> Visits(string path) => RecordedFile.TryOpen(path) is { } file
        ? [.. RecordedFile.Table(file, "t_ms,role,progress,budget,full_scan_finished")
            .Select(static row => (row.Time(0), new RecordedVisit(row[1], row.Number(2), row.Number(3), row.Number(4) != 0)))]
        : [];

    /// <summary>A pass begins with the VISIT that has the whole budget. What khugepaged traced before its end belongs to it, back
    /// to the end of the pass before.</summary>
    private static ImmutableArray<(TimeSpan, TimeSpan)> Passes(
        ImmutableArray<(TimeSpan Time, RecordedVisit Visit)> visits, List<TimeSpan> traced, uint scanSleep)
    {
        TimeSpan apart = TimeSpan.FromMilliseconds(Math.Clamp(scanSleep / 2.0, 1, 100));
        var passes = ImmutableArray.CreateBuilder<(TimeSpan, TimeSpan)>();
        var begin = TimeSpan.MinValue;
        long budget = 0;
        for (int index = 0; index < visits.Length; index++)
        {
            (TimeSpan time, RecordedVisit visit) = visits[index];
            bool isFirst = index == 0 || visit.Budget > budget
                || (visit.Budget == budget && (visits[index - 1].Visit.Progress > 0 || time - visits[index - 1].Time > apart));
            if (isFirst)
            {
                TimeSpan after = index == 0 ? TimeSpan.MinValue : visits[index - 1].Time + TableRounding;
                if (index > 0)
                {
                    passes.Add((begin, visits[index - 1].Time));
                }

                int first = traced.BinarySearch(after);
                first = first < 0 ? ~first : first + 1;
                begin = first < traced.Count && traced[first] < time ? traced[first] : time;
            }

            budget = visit.Budget;
        }

        if (visits.Length > 0)
        {
            passes.Add((begin, visits[^1].Time));
        }

        return passes.ToImmutable();
    }

    private static ImmutableArray<RecordedSmaps> Smaps(string path, string pagesPath)
    {
        List<RecordedSmaps> rows = [];
        if (RecordedFile.TryOpen(path) is { } file)
        {
            rows.AddRange(RecordedFile.Table(file, "snap,t_ms,role,rss_kb,anonymous_kb,anonhuge_kb,lazyfree_kb,swap_kb")
                .Select(static row => new RecordedSmaps(
                    row[0], row.Time(1), row[2], row.Number(3), row.Number(5), row.Number(6), row.Number(7))));
        }

        if (RecordedFile.TryOpen(pagesPath) is { } pages)
        {
            AddPages(rows, RecordedFile.Table(pages, "snap,role,region,pmd_index,states_rle"), pages);
        }

        return [.. rows];
    }

    private static void AddPages(List<RecordedSmaps> rows, IEnumerable<RecordedRow> table, RecordedFile file)
    {
        foreach (RecordedRow row in table)
        {
            RecordedSmaps owner = rows.FindLast(smaps => smaps.Snap == row[0] && smaps.Role == row[1])
                ?? throw file.Fault($"snap_smaps.csv has no row of {row[1]} at {row[0]}");
            owner.Pages.Add((row[2], row.Small(3), Expand(row[4], file)));
        }
    }

    /// <summary>A run-length coded list of states: letter and count, separated by spaces.</summary>
    private static string Expand(string coded, RecordedFile file)
    {
        var states = new System.Text.StringBuilder(512);
        foreach (string run in coded.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(run.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count > 512)
            {
                throw file.Fault($"a run of page states is a letter and a count up to 512, not '{run}'");
            }

            states.Append(run[0], count);
        }

        return states.ToString();
    }

    private static ImmutableArray<RecordedSnap> Snaps(
        string path, JsonElement vmstat, RecordedOps ops, TimeSpan end, out TimeSpan baseline)
    {
        SortedDictionary<string, TimeSpan> times = new(StringComparer.Ordinal);
        foreach (RecordedOp op in ops.Roles.SelectMany(static role => Flatten(role.Ops)).Where(static op => op.Op.Name == "snap"))
        {
            times[op.Op.Words[1]] = op.Start;
        }

        // RN-13: a role's snap of the controller's name replaced the controller's.
        baseline = times.TryGetValue("before", out TimeSpan before) ? before : TimeSpan.Zero;
        List<RecordedSnap> snaps = [];
        if (vmstat.TryGetProperty("snaps", out JsonElement all))
        {
            foreach (JsonProperty snap in all.EnumerateObject().Where(snap => times.ContainsKey(snap.Name)))
            {
                snaps.Add(new RecordedSnap(
                    snap.Name, times[snap.Name], Numbers(snap.Value, "delta_since_start"), Groups(snap.Value)));
            }
        }

        if (!vmstat.TryGetProperty("delta", out _))
        {
            throw new ScenarioException(path, null, "it holds 'delta', the difference over the whole run");
        }

        TimeSpan last = times.TryGetValue("after", out TimeSpan after) ? after : end;
        snaps.Add(new RecordedSnap(EndName, last, Numbers(vmstat, "delta"), new(StringComparer.Ordinal)));
        return [.. snaps.OrderBy(static snap => snap.Time)];
    }

    /// <summary>Operations with those of forked children after their fork.</summary>
    public static IEnumerable<RecordedOp> Flatten(IEnumerable<RecordedOp> ops) =>
        ops.SelectMany(static op => Flatten(op.Child).Prepend(op));

    private static SortedDictionary<string, long> Numbers(JsonElement parent, string name)
    {
        SortedDictionary<string, long> numbers = new(StringComparer.Ordinal);
        if (parent.TryGetProperty(name, out JsonElement values) && values.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty value in values.EnumerateObject())
            {
                if (value.Value.ValueKind == JsonValueKind.Number && value.Value.TryGetInt64(out long number))
                {
                    numbers[value.Name] = number;
                }
            }
        }

        return numbers;
    }

    private static SortedDictionary<string, SortedDictionary<string, long>> Groups(JsonElement snap)
    {
        SortedDictionary<string, SortedDictionary<string, long>> groups = new(StringComparer.Ordinal);
        if (snap.TryGetProperty("cgroup", out JsonElement cgroups) && cgroups.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty group in cgroups.EnumerateObject())
            {
                SortedDictionary<string, long> numbers = Numbers(group.Value, "memory.stat");
                foreach (string file in (string[])["memory.current", "memory.swap.current"])
                {
                    if (group.Value.TryGetProperty(file, out JsonElement value) && value.TryGetInt64(out long number))
                    {
                        numbers[file] = number;
                    }
                }

                groups.Add(group.Name, numbers);
            }
        }

        return groups;
    }
}
