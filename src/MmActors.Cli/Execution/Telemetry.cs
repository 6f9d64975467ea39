using MmActors.Experiments.Results;
using MmActors.Experiments.Running;
using MmActors.Tracing.Series;

namespace MmActors.Cli.Execution;

/// <summary>What is seen of the runs of one command: observers are added to the requests, and once everything has run, each
/// delivers what it saw.</summary>
internal sealed class Telemetry(TelemetryChoices choices)
{
    private readonly List<(RunRequest Request, SeriesRecorder Recorder)> _series = [];

    /// <summary>Rows of a series at most: a row is some 500 bytes.</summary>
    private const long MostRows = 1_000_000;

    /// <summary>Fails early, before a long run, when a file can never be written.</summary>
    public static void Check(TelemetryChoices choices)
    {
        if (choices.SeriesDirectory is { } directory)
        {
            Try(directory, () => Directory.CreateDirectory(directory));
        }
    }

    /// <summary>The same run, watched.</summary>
    public RunRequest Observe(RunRequest request)
    {
        if (choices.SeriesDirectory is not null)
        {
            if (request.Scenario.Duration / choices.SeriesInterval > MostRows)
            {
                throw new UsageException($"'--series-interval' is too short: more than {MostRows} rows");
            }

            var recorder = new SeriesRecorder(choices.SeriesInterval);
            _series.Add((request, recorder));
            request = request with { Observers = request.Observers.Add(recorder) };
        }

        return request;
    }

    /// <summary>Writes and sends what was seen of the runs that began.</summary>
    /// <param name="results">Results by request, as <see cref="ParallelRuns.Run"/> returned them.</param>
    public void Deliver(IReadOnlyList<VariantResult?> results)
    {
        for (var index = 0; index < _series.Count; index++)
        {
            if (results[index] is not null)
            {
                var (request, recorder) = _series[index];
                Try(choices.SeriesDirectory!, () =>
                    SeriesFiles.Write(choices.SeriesDirectory!, FileName(request.Variant.Name), recorder.Table()));
            }
        }
    }

    /// <summary>A variant's name as a file name: the characters of portable file names stay.</summary>
    private static string FileName(string variant) =>
        new([.. variant.Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '_')]);

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
}
