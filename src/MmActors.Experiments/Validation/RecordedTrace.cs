using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MmActors.Experiments.Validation;

/// <summary>What a recorded run's own trace tells beyond its tables: when khugepaged was at work, and what the deferred split
/// shrinker walked.</summary>
internal sealed partial class RecordedTrace
{
    private readonly SortedDictionary<string, List<(TimeSpan Time, int Cpu)>> _cpus = new(StringComparer.Ordinal);

    private RecordedTrace()
    {
    }

    /// <summary>The folios the shrinker walked, in order; none without a trace.</summary>
    public ImmutableArray<(TimeSpan Time, RecordedWalk Walk)> Walk { get; private set; } = [];

    /// <summary>Times of khugepaged's events.</summary>
    public List<TimeSpan> Khugepaged { get; } = [];

    /// <summary>When somebody but khugepaged was reclaiming, in order.</summary>
    public List<TimeSpan> Reclaim { get; } = [];

    /// <summary>The CPU on which a role began an operation at this time (RN-15); null when the trace does not say.</summary>
    public int? CpuAt(string role, TimeSpan start)
    {
        TimeSpan latest = start + MarkerBeforeStart;
        return _cpus.TryGetValue(role, out List<(TimeSpan Time, int Cpu)>? marks) && marks.FindLastIndex(mark => mark.Time <= latest) is >= 0 and var at
            ? marks[at].Cpu : null;
    }

    /// <summary>The driver writes its marker before it looks at the clock.</summary>
    private static readonly TimeSpan MarkerBeforeStart = TimeSpan.FromMicroseconds(50);

    /// <summary>Reads what there is of it.</summary>
    /// <param name="path">trace.txt, or its gzipped form.</param>
    /// <param name="start">Trace time of the start of the scenario.</param>
    public static RecordedTrace Read(string path, TimeSpan start)
    {
        var trace = new RecordedTrace();
        if (RecordedFile.TryOpen(path) is not { } file)
        {
            return trace;
        }

        var walk = ImmutableArray.CreateBuilder<(TimeSpan, RecordedWalk)>();
        while (file.Next() is { } line)
        {
            if (line.StartsWith('#') || Event().Match(line) is not { Success: true } match)
            {
                continue;
            }

            if (!decimal.TryParse(match.Groups[3].Value, CultureInfo.InvariantCulture, out decimal seconds) || seconds > 1_000_000_000)
            {
                throw file.Fault("a trace line has a time in s before its event");
            }

            TimeSpan time = TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)) - start;
            string name = match.Groups[4].Value;
            if (name == "lab_deferred_split")
            {
                walk.Add((time, new RecordedWalk(Field(line, "partially_mapped="), Field(line, "underused="), Field(line, "split="))));
            }
            else if (name == "tracing_mark_write")
            {
                trace.AddMark(line, match, time);
            }
            else if (match.Groups[1].Value.StartsWith("khugepaged-", StringComparison.Ordinal) && name.StartsWith("mm_", StringComparison.Ordinal))
            {
                trace.Khugepaged.Add(time);
            }
            else if (name is "mm_vmscan_lru_isolate" or "mm_vmscan_write_folio" or "mm_vmscan_lru_shrink_inactive")
            {
                trace.Reclaim.Add(time);
            }
        }

        trace.Walk = walk.ToImmutable();
        return trace;
    }

    private void AddMark(string line, Match match, TimeSpan time)
    {
        string text = line[(match.Index + match.Length)..].TrimStart();
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (text.StartsWith("OP ", StringComparison.Ordinal) && colon > 3
            && int.TryParse(match.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int cpu))
        {
            string role = text[3..colon];
            if (!_cpus.TryGetValue(role, out List<(TimeSpan, int)>? marks))
            {
                _cpus.Add(role, marks = []);
            }

            marks.Add((time, cpu));
        }
    }

    private static int Field(string line, string name)
    {
        int at = line.IndexOf(" " + name, StringComparison.Ordinal) + 1;
        return at > 0 && at + name.Length < line.Length ? line[at + name.Length] - '0' : 0;
    }

    /// <summary>Task, CPU, time and event of a line of tracefs.</summary>
    [GeneratedRegex(@"^\s*(\S+-\d+)\s+\[(\d+)\]\s+\S+\s+([\d.]+): (\w+):", RegexOptions.CultureInvariant)]
    private static partial Regex Event();
}
