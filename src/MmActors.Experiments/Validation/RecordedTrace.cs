using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MmActors.Experiments.Validation;

/// <summary>What a recorded run's own trace tells beyond its tables: when khugepaged was at work, and what the deferred split
/// shrinker walked.</summary>
internal static partial class RecordedTrace
{
    /// <summary>The folios the shrinker walked, in order, and the times of khugepaged's events; nothing without a trace.</summary>
    /// <param name="path">trace.txt, or its gzipped form.</param>
    /// <param name="start">Trace time of the start of the scenario.</param>
    public static (ImmutableArray<(TimeSpan, RecordedWalk)> Walk, List<TimeSpan> Khugepaged) Read(string path, TimeSpan start)
    {
        var walk = ImmutableArray.CreateBuilder<(TimeSpan, RecordedWalk)>();
        List<TimeSpan> times = [];
        if (RecordedFile.TryOpen(path) is not { } file)
        {
            return ([], times);
        }

        while (file.Next() is { } line)
        {
            if (line.StartsWith('#') || Event().Match(line) is not { Success: true } match)
            {
                continue;
            }

            if (!decimal.TryParse(match.Groups[2].Value, CultureInfo.InvariantCulture, out decimal seconds) || seconds > 1_000_000_000)
            {
                throw file.Fault("a trace line has a time in s before its event");
            }

            TimeSpan time = TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)) - start;
            string name = match.Groups[3].Value;
            if (name == "lab_deferred_split")
            {
                walk.Add((time, new RecordedWalk(Field(line, "partially_mapped="), Field(line, "underused="), Field(line, "split="))));
            }
            else if (match.Groups[1].Value.StartsWith("khugepaged-", StringComparison.Ordinal) && name.StartsWith("mm_", StringComparison.Ordinal))
            {
                times.Add(time);
            }
        }

        return (walk.ToImmutable(), times);
    }

    private static int Field(string line, string name)
    {
        int at = line.IndexOf(" " + name, StringComparison.Ordinal) + 1;
        return at > 0 && at + name.Length < line.Length ? line[at + name.Length] - '0' : 0;
    }

    /// <summary>Task, time and event of a line of tracefs.</summary>
    [GeneratedRegex(@"^\s*(\S+-\d+)\s+\[\d+\]\s+\S+\s+([\d.]+): (\w+):", RegexOptions.CultureInvariant)]
    private static partial Regex Event();
}
