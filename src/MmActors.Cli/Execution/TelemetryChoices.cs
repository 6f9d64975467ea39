namespace MmActors.Cli.Execution;

/// <summary>What a command line asks to be seen of its runs.</summary>
internal sealed record TelemetryChoices
{
    /// <summary>Nothing.</summary>
    public static readonly TelemetryChoices None = new();

    /// <summary>Where series go; null for none.</summary>
    public string? SeriesDirectory { get; init; }

    /// <summary>Simulated time between two rows.</summary>
    public TimeSpan SeriesInterval { get; init; }
}
