namespace MmActors.Experiments.Soaking;

/// <summary>How a soak ended.</summary>
/// <param name="Time">Simulated time reached.</param>
/// <param name="Hash">Hash of the event stream until then.</param>
/// <param name="Totals">Everything that was counted.</param>
public sealed record SoakResult(TimeSpan Time, string Hash, SoakTotals Totals)
{
    /// <summary>It was stopped before its time.</summary>
    public required bool IsStopped { get; init; }

    /// <summary>Full audits that found nothing wrong.</summary>
    public required long Audits { get; init; }

    /// <summary>Measured: mean resident memory in the three thirds of the time asked for, in bytes; 0 for a third that was
    /// not reached.</summary>
    public required long[] MeasuredThirds { get; init; }

    /// <summary>Measured: real time.</summary>
    public required TimeSpan MeasuredWall { get; init; }

    /// <summary>Measured: processor time, all threads together.</summary>
    public required TimeSpan MeasuredProcessor { get; init; }
}
