using System.Runtime.CompilerServices;
using MmActors.Cli.Verbs;
using MmActors.Experiments.Results;
using MmActors.Experiments.Running;
using MmActors.Tracing;
using MmActors.Tracing.Metrics;
using MmActors.Tracing.Otlp;
using MmActors.Tracing.Output;
using MmActors.Tracing.Series;
using MmActors.Tracing.Spans;

namespace MmActors.Cli.Execution;

/// <summary>What is seen of the runs of one command: observers are added to the requests, and once everything has run, each
/// delivers what it saw.</summary>
internal sealed class Telemetry(TelemetryChoices choices, Terminal terminal) : IDisposable
{
    /// <summary>Rows of a series at most: in memory a row is some 1.3 KB.</summary>
    private const long MostRows = 1_000_000;

    private readonly List<Seen> _runs = [];
    private readonly RunLog? _log = choices.LogLevel is null ? null : OpenLog(choices, terminal);

    /// <summary>Fails early, before a long run, when a file can never be written.</summary>
    public static void Check(TelemetryChoices choices)
    {
        if (choices.SeriesDirectory is { } directory)
        {
            Try(directory, () => Directory.CreateDirectory(directory));
        }

        foreach (var file in new[] { choices.SpansFile, choices.LogFile }.OfType<string>())
        {
            ResultOutput.CheckFile(file);
        }

        if (choices.LogFile is { } log)
        {
            // The library that writes it is silent about a file it cannot open.
            Try(log, () => new FileStream(log, FileMode.Append, FileAccess.Write).Dispose());
        }
    }

    /// <summary>The same run, watched.</summary>
    public RunRequest Observe(RunRequest request) => choices.IsAsked ? Watched(request) : request;

    private RunRequest Watched(RunRequest request)
    {
        var interval = choices.SeriesInterval ?? SeriesRecorder.DefaultInterval(request.Scenario.Duration);
        if (request.Scenario.Duration / interval > MostRows)
        {
            throw new UsageException($"'--series-interval' is too short: more than {MostRows} rows");
        }

        var seen = new Seen(
            new RunIdentity(
                request.Scenario.Name, request.Variant.Name, request.Seed, request.Variant.Preset, request.Machine.Name,
                VersionVerb.Number),
            choices.SeriesDirectory is null ? null : new SeriesRecorder(interval),
            choices.WantsSpans ? new SpanProjector(choices.Sampling) : null,
            choices.Otlp is null ? null : new RunMetrics());
        _runs.Add(seen);
        return request with { Observers = [.. request.Observers, .. seen.Observers], Log = _log?.For(seen.Run) };
    }

    /// <summary>A method of its own, so that a run without a log does not load what writes one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static RunLog OpenLog(TelemetryChoices choices, Terminal terminal) => new(choices, terminal.Error);

    /// <summary>The last log lines are written.</summary>
    public void Dispose() => _log?.Dispose();

    /// <summary>Writes and sends what was seen of the runs that began.</summary>
    /// <param name="results">Results by request, as <see cref="ParallelRuns.Run"/> returned them.</param>
    public void Deliver(IReadOnlyList<VariantResult?> results)
    {
        if (choices.IsAsked)
        {
            Write(results);
        }
    }

    private void Write(IReadOnlyList<VariantResult?> results)
    {
        List<(Seen Seen, bool IsPartial)> ran = [];
        for (var index = 0; index < _runs.Count; index++)
        {
            if (results[index] is { } result)
            {
                ran.Add((_runs[index], result.Partial));
                _runs[index].Spans?.Spans[0].With(MmAttributes.RunHash, result.Hash).With(MmAttributes.RunPartial, result.Partial);
            }
        }

        foreach (var ((run, series, spans, _), isPartial) in ran)
        {
            if (series is not null)
            {
                Try(choices.SeriesDirectory!, () =>
                    SeriesFiles.Write(choices.SeriesDirectory!, run.Variant, series.Table(isPartial)));
            }

            if (spans is { Dropped: > 0 })
            {
                terminal.Error.Write(
                    $"note: {run.Variant}: {spans.Dropped} spans dropped beyond --span-limit {choices.Sampling.Limit}\n");
            }
        }

        if (choices.SpansFile is { } file)
        {
            Try(file, () => AtomicFile.Write(file, stream => ran.ForEach(run => SpanJson.Write(stream, run.Seen.Run, run.Seen.Spans!.Spans))));
        }

        if (choices.Otlp is { } otlp)
        {
            terminal.Out.Flush();
            if (otlp.SendsNothing)
            {
                terminal.Error.Write("note: nothing is sent: the OTEL_* variables switch telemetry off\n");
            }

            ran.ForEach(run => Send(otlp, run.Seen));
        }
    }

    /// <summary>A viewer shows the last hour and nothing of the future: the run is made to end now.</summary>
    private static void Send(OtlpDelivery otlp, Seen seen)
    {
        var ends = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        try
        {
            otlp.Send(seen.Run, seen.Spans!, seen.Metrics!, ends - seen.Spans!.Spans[0].End);
        }
        catch (OtlpException fault)
        {
            throw new UsageException($"cannot send {seen.Run.Variant}: {fault.Message}");
        }
    }

    private static void Try(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write '{path}': {fault.Message}");
        }
    }

    /// <summary>One run and what watches it.</summary>
    private sealed record Seen(RunIdentity Run, SeriesRecorder? Series, SpanProjector? Spans, RunMetrics? Metrics)
    {
        public IEnumerable<IRunObserver> Observers => new IRunObserver?[] { Series, Spans, Metrics }.OfType<IRunObserver>();
    }
}
