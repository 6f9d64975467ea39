using Akka.Event;
using MmActors.Tracing.Otlp;
using MmActors.Tracing.Spans;

namespace MmActors.Cli.Execution;

/// <summary>What a command line asks to be seen of its runs.</summary>
internal sealed record TelemetryChoices
{
    /// <summary>Nothing.</summary>
    public static readonly TelemetryChoices None = new();

    /// <summary>Whether anything is asked for: where nothing is, not even the libraries are loaded.</summary>
    public bool IsAsked => SeriesDirectory is not null || WantsSpans || LogLevel is not null;

    /// <summary>Where series go; null for none.</summary>
    public string? SeriesDirectory { get; init; }

    /// <summary>Where spans go; null for none.</summary>
    public string? SpansFile { get; init; }

    /// <summary>Where spans and metrics are sent; null for nowhere.</summary>
    public OtlpDelivery? Otlp { get; init; }

    /// <summary>The least severe level of log lines that are written; null for no log.</summary>
    public LogLevel? LogLevel { get; init; }

    /// <summary>Where log lines go instead of standard error.</summary>
    public string? LogFile { get; init; }

    /// <summary>Whether anybody takes spans.</summary>
    public bool WantsSpans => SpansFile is not null || Otlp is not null;

    /// <summary>How much becomes spans.</summary>
    public SpanSampling Sampling { get; init; } = SpanSampling.Default;

    /// <summary>Simulated time between two rows; null for what suits the run's duration.</summary>
    public TimeSpan? SeriesInterval { get; init; }
}
