using System.Collections.Immutable;
using MmActors.Actors;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Experiments.Validation;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Runtime;

namespace MmActors.Experiments.Traces;

/// <summary>A user's own trace against a scenario: the same decisions in the same order? Times are not compared: the simulator keeps
/// its own.</summary>
/// <param name="Run">Scores and differences, of the categories scan_pmd, scan_calls and deferred_split.</param>
/// <param name="Tasks">Which mm stood for which task.</param>
/// <param name="Beyond">Lines the simulator has after its last counterpart in the trace; the trace had ended, and they are in no score.</param>
public sealed record TraceVerdict(ValidatedRun Run, ImmutableArray<TraceTask> Tasks, int Beyond);

/// <summary>Holds a trace against a variant of a scenario.</summary>
public static class TraceComparison
{
    /// <summary>Runs the variant and compares what khugepaged and the shrinker did. Compared of a range: who scanned it, whose it is, status,
    /// referenced, none_or_zero, unmapped and, where the kernel prints it, the PTEs looked at; of a VISIT: progress, full_scan_finished and, where
    /// printed, the budget. Addresses are not: they are the process's own.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="request">The variant to run.</param>
    /// <param name="mmToTask">Tasks of mms, by pointer or pid, as far as the user says.</param>
    /// <param name="cancel">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ScenarioException">The trace has no lines of khugepaged, or a given mm or task does not exist.</exception>
    public static TraceVerdict Compare(
        TraceFile trace, RunRequest request, IReadOnlyDictionary<string, string> mmToTask, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(request);
        if (!trace.Records.Any(static record => record is ScanPmdRecord or ScanRecord))
        {
            throw new ScenarioException(trace.Path, null, "the trace has no mm_khugepaged_scan_pmd and no mm_khugepaged_scan line to compare");
        }

        Simulated simulated = Run(request, cancel);
        List<TraceTask> tasks = TraceTasks.Of(trace, [.. request.Variant.Tasks.Select(static task => task.Name)], simulated.Visited, mmToTask);
        var recorded = new Recorded(trace, tasks);
        return Verdict(trace, recorded, simulated.Of(tasks, recorded), tasks);
    }

    private static Simulated Run(RunRequest request, CancellationToken cancel)
    {
        using SimHost host = SimHost.Start(new SimSettings { Seed = request.Seed });
        var world = new World(host, ExperimentRunner.SpecOf(request));
        var simulated = new Simulated(world);
        world.Events.AttachFollower(simulated);
        world.RunUntil(request.Scenario.Duration, cancel);
        cancel.ThrowIfCancellationRequested();
        return simulated;
    }

    private static TraceVerdict Verdict(TraceFile trace, Recorded recorded, Lines simulated, List<TraceTask> tasks)
    {
        var ranges = new Tally("scan_pmd", TimeSpan.MaxValue);
        var calls = new Tally("scan_calls", TimeSpan.MaxValue);
        var walk = new Tally("deferred_split", TimeSpan.MaxValue);
        int beyond = Compare(ranges, recorded.Lines.Ranges, simulated.Ranges, static range => RunComparison.RuleOf(range.Status));
        if (recorded.Lines.Calls.Count > 0)
        {
            beyond += Compare(calls, recorded.Lines.Calls, simulated.Calls, static _ => "KH-13…KH-17a"); // not every kernel traces them (VR-6)
        }

        if (recorded.Lines.Walk.Count > 0)
        {
            beyond += Compare(walk, recorded.Lines.Walk, simulated.Walk, static _ => "DS-10…DS-16");
        }

        ImmutableArray<Tally> tallies = [ranges, calls, walk];
        var run = new ValidatedRun
        {
            Name = Path.GetFileName(trace.Path),
            Scores = [.. Categories.Names.Select(name => tallies.FirstOrDefault(tally => tally.Score.Name == name)?.Score ?? new CategoryScore(name, 0, 0))],
            Differences = [.. tallies.SelectMany(static tally => tally.Differences)],
            Race = null,
            AfterRace = default,
            Overlapping = 0,
            Explain = () => [.. RunComparison.Join(recorded.Lines.Ranges, simulated.Ranges).Select(pair => new AlignedLine(
                pair.Left >= 0 ? recorded.Lines.Ranges[pair.Left].Time : simulated.Ranges[pair.Right].Time,
                pair.Left >= 0 ? recorded.Lines.Ranges[pair.Left].Line.ToString() : "",
                pair.Right >= 0 ? simulated.Ranges[pair.Right].Line.ToString() : ""))],
        };
        return new TraceVerdict(run, [.. tasks], beyond);
    }

    /// <summary>Compares up to the last line of the trace that has a counterpart, or to its end; what the simulator did later is counted.</summary>
    private static int Compare<T>(
        Tally tally, List<(TimeSpan Time, T Line)> recorded, List<(TimeSpan Time, T Line)> simulated, Func<T, string> rule)
        where T : struct, IEquatable<T>
    {
        int beyond = SequenceAlignment.Align([.. recorded.Select(static line => line.Line)], [.. simulated.Select(static line => line.Line)])
            .AsEnumerable().Reverse().TakeWhile(static pair => pair.Left < 0).Count();
        RunComparison.CompareSequence(tally, recorded, simulated[..(simulated.Count - beyond)], rule);
        return beyond;
    }

    /// <summary>The compared lines of one side.</summary>
    private sealed class Lines
    {
        public List<(TimeSpan Time, TracedRange Line)> Ranges { get; } = [];

        public List<(TimeSpan Time, TracedCall Line)> Calls { get; } = [];

        public List<(TimeSpan Time, RecordedWalk Line)> Walk { get; } = [];
    }

    private sealed class Recorded
    {
        public Recorded(TraceFile trace, List<TraceTask> tasks)
        {
            double start = trace.Records[0].Stamp.Seconds;
            foreach (TraceRecord record in trace.Records)
            {
                TimeSpan time = Seconds(record.Stamp.Seconds - start);
                switch (record)
                {
                    case ScanPmdRecord range when Task(tasks, range.Mm) is { } task:
                        WithLooked |= range.Looked is not null;
                        Lines.Ranges.Add((time, new TracedRange(
                            range.Stamp.IsKhugepaged == false ? "MADV_COLLAPSE" : "khugepaged", task, range.Status.Text, range.Referenced,
                            range.NoneOrZero, range.Unmapped, range.Looked)));
                        break;
                    case ScanRecord call when Task(tasks, call.Mm) is { } task:
                        WithBudget |= call.Budget is not null;
                        Lines.Calls.Add((time, new TracedCall(task, call.Progress, call.FullScanFinished, call.Budget)));
                        break;
                    case DeferredSplitRecord split:
                        Lines.Walk.Add((time, new RecordedWalk(split.PartiallyMapped ? 1 : 0, split.Underused ? 1 : 0, split.Split ? 1 : 0)));
                        break;
                }
            }
        }

        public Lines Lines { get; } = new();

        /// <summary>The kernel prints PTEs looked at.</summary>
        public bool WithLooked { get; }

        /// <summary>The kernel prints the budget.</summary>
        public bool WithBudget { get; }

        private static string? Task(List<TraceTask> tasks, string mm) => tasks.Find(task => task.Mm == mm)?.Task;

        private static TimeSpan Seconds(double seconds) =>
            double.IsFinite(seconds) && Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
    }

    private sealed class Simulated(World world) : IKernelEventSink
    {
        private readonly Lines _lines = new();

        /// <summary>Tasks in the order in which khugepaged came to them.</summary>
        public List<string> Visited { get; } = [];

        public void Emit(in KernelEvent entry)
        {
            switch (entry.Kind)
            {
                case KernelEventKind.ScanPmd:
                    _lines.Ranges.Add((entry.Time, new TracedRange(
                        entry.Flag ? "khugepaged" : "MADV_COLLAPSE", Come(entry.Mm), entry.Status.Text(), entry.Referenced, entry.NoneOrZero,
                        entry.Unmapped, (int)entry.Extra)));
                    break;
                case KernelEventKind.Visit:
                    _lines.Calls.Add((entry.Time, new TracedCall(Come(entry.Mm), entry.Amount, entry.Writable, entry.Extra)));
                    break;
                case KernelEventKind.DeferredSplit:
                    _lines.Walk.Add((entry.Time, new RecordedWalk(entry.Referenced, entry.NoneOrZero, entry.Flag ? 1 : 0)));
                    break;
            }
        }

        /// <summary>The lines of the tasks that are in the trace, with the fields that its kernel prints.</summary>
        public Lines Of(List<TraceTask> tasks, Recorded recorded)
        {
            var lines = new Lines();
            lines.Ranges.AddRange(_lines.Ranges.Where(line => tasks.Exists(task => task.Task == line.Line.Task))
                .Select(line => (line.Time, recorded.WithLooked ? line.Line : line.Line with { Looked = null })));
            lines.Calls.AddRange(_lines.Calls.Where(line => tasks.Exists(task => task.Task == line.Line.Task))
                .Select(line => (line.Time, recorded.WithBudget ? line.Line : line.Line with { Budget = null })));
            lines.Walk.AddRange(_lines.Walk);
            return lines;
        }

        private string Come(int mm)
        {
            string task = world.Report.Tasks[mm - 1].Name;
            if (!Visited.Contains(task))
            {
                Visited.Add(task);
            }

            return task;
        }
    }
}
