using System.Collections.Immutable;
using MmActors.Actors.Protocol;
using MmActors.Actors.Tasks;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Validation;

/// <summary>Holds a replay against its recording, category by category.</summary>
internal sealed partial class RunComparison
{
    private readonly RecordedRun _run;
    private readonly ReplayPlan _plan;
    private readonly ReplayedRun _seen;
    private readonly Quiet _quiet;
    private readonly SortedDictionary<string, Tally> _tallies = new(StringComparer.Ordinal);
    private int _overlapping;

    private RunComparison(RecordedRun run, Quiet quiet, ReplayPlan plan, ReplayedRun seen)
    {
        (_run, _quiet, _plan, _seen) = (run, quiet, plan, seen);
        foreach (string name in Categories.Names)
        {
            _tallies.Add(name, new Tally(name, name == Categories.Outcomes ? TimeSpan.MaxValue : run.Race ?? TimeSpan.MaxValue));
        }
    }

    /// <summary>Reads, runs and compares one directory.</summary>
    /// <exception cref="ScenarioException">The directory does not hold a recorded run that can be replayed.</exception>
    public static ValidatedRun Of(string directory, MachinePreset machine, ScenarioCatalog catalog, CancellationToken cancel)
    {
        RecordedRun run = RecordedRunReader.Read(directory, catalog);
        var plan = new ReplayPlan(run, machine);
        var quiet = new Quiet(run);
        ReplayedRun seen = Replay.Run(run, quiet, plan, cancel);
        return new RunComparison(run, quiet, plan, seen).Compare();
    }

    private ValidatedRun Compare()
    {
        CompareSequence(_tallies["scan_pmd"], _run.Ranges, _seen.Ranges, static range => RuleOf(range.Status));
        CompareSequence(_tallies["scan_calls"], _run.Visits, _seen.Visits, static _ => "KH-13…KH-17a");
        CompareSequence(
            _tallies["deferred_split"], _run.Walk, _seen.Walk, static _ => "DS-10…DS-16");
        CompareSnapshots();
        CompareEvents();
        CompareOutcomes();
        ImmutableArray<Tally> tallies = [.. Categories.Names.Select(name => _tallies[name])];
        return new ValidatedRun
        {
            Name = _run.Name,
            Scores = [.. tallies.Select(static tally => tally.Score)],
            Differences = [.. tallies.SelectMany(static tally => tally.Differences)],
            Race = _run.Race,
            AfterRace = new CategoryScore(
                "after the race", tallies.Sum(static tally => tally.Later.Matched), tallies.Sum(static tally => tally.Later.Total)),
            Overlapping = _overlapping,
            Explain = () => Explain(_run, _seen),
        };
    }

    internal static string RuleOf(string status) => status switch
    {
        "pmd_none" or "pmd_null" or "no_pte_table" => "KH-26",
        "page_pmd_mapped" => "KH-26",
        "exceed_none_pte" => "KH-28",
        "exceed_swap_pte" => "KH-28",
        "exceed_shared_pte" => "KH-28, SM-10",
        "page_lazyfree" => "KH-28b, VR-2",
        "lack_referenced_page" => "KH-29",
        "no_writable_page" => "VR-5",
        "alloc_huge_page_failed" => "KH-4a",
        "ccgroup_charge_failed" => "KH-35a",
        _ => "KH-36",
    };

    internal static void CompareSequence<T>(
        Tally tally, IReadOnlyList<(TimeSpan Time, T Line)> recorded, IReadOnlyList<(TimeSpan Time, T Line)> simulated, Func<T, string> rule)
        where T : struct, IEquatable<T>
    {
        foreach ((int left, int right) in Join(recorded, simulated))
        {
            if (left >= 0 && right >= 0 && recorded[left].Line.Equals(simulated[right].Line))
            {
                tally.Match(recorded[left].Time);
            }
            else
            {
                tally.Miss(
                    left >= 0 ? recorded[left].Time : simulated[right].Time, $"line {(left >= 0 ? left : right) + 1}",
                    left >= 0 ? recorded[left].Line.ToString()! : "", right >= 0 ? simulated[right].Line.ToString()! : "",
                    rule(left >= 0 ? recorded[left].Line : simulated[right].Line));
            }
        }
    }

    /// <summary>Aligned; a recorded line without counterpart next to a simulated one without is one difference, not two.</summary>
    internal static List<(int Left, int Right)> Join<T>(IReadOnlyList<(TimeSpan Time, T Line)> recorded, IReadOnlyList<(TimeSpan Time, T Line)> simulated)
        where T : struct, IEquatable<T>
    {
        List<(int Left, int Right)> joined = [];
        Queue<int> lonely = [];
        foreach ((int left, int right) in SequenceAlignment.Align(
            [.. recorded.Select(static line => line.Line)], [.. simulated.Select(static line => line.Line)]))
        {
            if (left >= 0 && right >= 0)
            {
                lonely.Clear();
                joined.Add((left, right));
            }
            else if (left >= 0)
            {
                lonely.Enqueue(joined.Count);
                joined.Add((left, -1));
            }
            else if (lonely.TryDequeue(out int partner))
            {
                joined[partner] = (joined[partner].Left, right);
            }
            else
            {
                joined.Add((-1, right));
            }
        }

        return joined;
    }

    private void CompareEvents()
    {
        Tally tally = _tallies["events"];
        foreach (PlannedOp planned in _plan.Ops.OrderBy(static planned => planned.Op.End))
        {
            string recorded = Returned(planned.Op.Return, planned.Op.Errno);
            string simulated = Simulated(planned);
            if (recorded == simulated)
            {
                tally.Match(planned.Op.End!.Value);
            }
            else
            {
                tally.Miss(planned.Op.End!.Value, $"{planned.Role}: {planned.Op.Op.Text}", recorded, simulated, "RN-10");
            }
        }

        foreach ((string role, int status, int signal, TimeSpan time) in _run.Exits)
        {
            string recorded = signal == 0 ? $"exit status {status}" : $"signal {signal}";
            string simulated = _seen.Tasks.TryGetValue(role, out TaskReport? task) ? Ended(task) : "never started";
            if (recorded == simulated)
            {
                tally.Match(time);
            }
            else
            {
                tally.Miss(time, $"{role} exits", recorded, simulated, "RC-70");
            }
        }
    }

    private static string Ended(TaskReport task) => task.Fault is null
        ? task.HasExited ? "exit status 0" : "still alive"
        : task.IsOomKilled || !task.Fault.StartsWith("SIGSEGV", StringComparison.Ordinal) ? "signal 9" : "signal 11";

    private static string Returned(long value, int errno) => errno == 0 ? $"returns {value}" : $"fails with errno {errno}";

    private string Simulated(PlannedOp planned)
    {
        RecordedOp op = planned.Op;
        if (planned.Refused != 0)
        {
            return Returned(-planned.Refused, planned.Refused);
        }

        if (planned.Result < 0)
        {
            return Returned(op.Return, op.Errno); // a step of the recorder itself, or one that nothing can be said of
        }

        IReadOnlyList<StepResult> results = _seen.Tasks.TryGetValue(planned.Role, out TaskReport? task) ? task.Results : [];
        if (planned.Result >= results.Count)
        {
            return "does not return";
        }

        StepResult result = results[planned.Result];
        return result.Errno != Errno.None ? Returned(0, (int)result.Errno)
            : Returned(op.Op.Name == "count" ? result.Value : op.Op.Name == "fork" && op.Return > 0 ? op.Return : 0, 0);
    }

    /// <summary>khugepaged's lines of both sides in order.</summary>
    private static ImmutableArray<AlignedLine> Explain(RecordedRun run, ReplayedRun seen)
    {
        List<(TimeSpan Time, Line Line)> recorded = Merge(run.Ranges, run.Visits);
        List<(TimeSpan Time, Line Line)> simulated = Merge(seen.Ranges, seen.Visits);
        return [.. Join(recorded, simulated).Select(pair => new AlignedLine(
            pair.Left >= 0 ? recorded[pair.Left].Time : simulated[pair.Right].Time,
            pair.Left >= 0 ? recorded[pair.Left].Line.Text : "", pair.Right >= 0 ? simulated[pair.Right].Line.Text : ""))];
    }

    private static List<(TimeSpan Time, Line Line)> Merge(
        IReadOnlyList<(TimeSpan Time, RecordedRange Range)> ranges, IReadOnlyList<(TimeSpan Time, RecordedVisit Visit)> visits) =>
        [.. ranges.Select(static line => (line.Time, Line: new Line($"scan_pmd {line.Range}")))
            .Concat(visits.Select(static line => (line.Time, Line: new Line($"scan     {line.Visit}")))).OrderBy(static line => line.Time)];

    private readonly record struct Line(string Text);
}
