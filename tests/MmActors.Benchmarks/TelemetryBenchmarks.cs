using BenchmarkDotNet.Attributes;
using MmActors.Experiments.Results;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Tracing;
using MmActors.Tracing.Metrics;
using MmActors.Tracing.Series;
using MmActors.Tracing.Spans;

namespace MmActors.Benchmarks;

/// <summary>A whole run without telemetry, with spans and metrics, and with series; files included, written to memory.</summary>
public class TelemetryBenchmarks
{
    private RunRequest _request = null!;

    /// <summary>The seed experiment is made of collapses, the other one of reclaim.</summary>
    [Params("hot-cold-hot", "mixed-load")]
    public string Scenario { get; set; } = "";

    [GlobalSetup]
    public void Load() => _request = RequestFor(Scenario);

    [Benchmark(Baseline = true)]
    public VariantResult Off() => ExperimentRunner.Run(_request, null, CancellationToken.None);

    [Benchmark]
    public long SpansAndMetrics() => RunTraced(_request);

    [Benchmark]
    public long Series() => RunSampled(_request);

    /// <summary>The first variant of a shipped scenario on its own machine.</summary>
    internal static RunRequest RequestFor(string name)
    {
        Scenario scenario = ScenarioLoader.Load(name, ScenarioCatalog.Shipped);
        return new RunRequest(scenario, scenario.Variants[0], scenario.Machine, 1, TlbModel.Reach);
    }

    /// <summary>Runs with spans and metrics on; the bytes written.</summary>
    internal static long RunTraced(RunRequest request)
    {
        var spans = new SpanProjector(SpanSampling.Default);
        ExperimentRunner.Run(request with { Observers = [spans, new RunMetrics()] }, null, CancellationToken.None);
        var run = new RunIdentity(request.Scenario.Name, request.Variant.Name, request.Seed, request.Variant.Preset, request.Machine.Name, "0");
        using var written = new MemoryStream();
        SpanJson.Write(written, run, spans.Spans);
        return written.Length;
    }

    /// <summary>Runs with series on; the bytes written.</summary>
    internal static long RunSampled(RunRequest request)
    {
        var series = new SeriesRecorder(SeriesRecorder.DefaultInterval(request.Scenario.Duration));
        ExperimentRunner.Run(request with { Observers = [series] }, null, CancellationToken.None);
        using var csv = new MemoryStream();
        SeriesFiles.WriteCsv(csv, series.Table());
        using var parquet = new MemoryStream();
        SeriesFiles.WriteParquet(parquet, series.Table());
        return csv.Length + parquet.Length;
    }
}
