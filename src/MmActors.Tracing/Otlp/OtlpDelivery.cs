using MmActors.Tracing.Metrics;
using MmActors.Tracing.Spans;
using OpenTelemetry.Resources;

namespace MmActors.Tracing.Otlp;

/// <summary>What <c>--otlp</c> asks for: where spans and metrics go, null for what the environment switches off.</summary>
/// <param name="Traces">Where spans go.</param>
/// <param name="Metrics">Where metrics go.</param>
/// <param name="Logs">Where log lines go, if any are written.</param>
public sealed record OtlpDelivery(OtlpTarget? Traces, OtlpTarget? Metrics, OtlpTarget? Logs)
{
    /// <summary>The environment switches everything off.</summary>
    public bool SendsNothing => Traces is null && Metrics is null;

    /// <summary>Reads the command line's address and the standard variables.</summary>
    /// <exception cref="FormatException">A value is not allowed.</exception>
    public static OtlpDelivery For(string? endpoint, Func<string, string?> variable) =>
        new(OtlpTarget.For("TRACES", endpoint, variable), OtlpTarget.For("METRICS", endpoint, variable),
            OtlpTarget.For("LOGS", endpoint, variable));

    /// <summary>Sends one run.</summary>
    /// <param name="run">What makes it the run it is.</param>
    /// <param name="spans">Its spans.</param>
    /// <param name="metrics">Its metrics.</param>
    /// <param name="epoch">What stands for simulated time 0.</param>
    /// <exception cref="OtlpException">The receiver did not take it.</exception>
    public void Send(RunIdentity run, SpanProjector spans, RunMetrics metrics, DateTimeOffset epoch)
    {
        // OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME are the user's own words; nothing else of the environment is sent.
        KeyValuePair<string, object>[] resource =
            [.. ResourceBuilder.CreateEmpty().AddAttributes(run.Resource()).AddEnvironmentVariableDetector().Build().Attributes];
        if (Traces is { } traces)
        {
            using var sender = new SpanSender(traces);
            sender.Send(resource, run, spans.Spans, epoch);
        }

        if (Metrics is { } target)
        {
            MetricSender.Send(target, resource, metrics, spans.Dropped);
        }
    }
}
