namespace MmActors.Experiments.Soaking;

/// <summary>One row of the rolling summary.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Start">Simulated time at which it begins.</param>
/// <param name="End">Simulated time at which it ends.</param>
/// <param name="Counts">What was counted in it.</param>
public sealed record SoakPeriod(long Number, TimeSpan Start, TimeSpan End, SoakTotals Counts)
{
    /// <summary>Tasks alive at the end, fork children included.</summary>
    public required int Alive { get; init; }

    /// <summary>Pages free at the end.</summary>
    public required long FreePages { get; init; }

    /// <summary>Mean share of the memory in use, 0…1, over the slices of the period.</summary>
    public required double Used { get; init; }

    /// <summary>Swap slots in use at the end.</summary>
    public required long SwapUsed { get; init; }

    /// <summary>Full audits that found nothing wrong.</summary>
    public required int Audits { get; init; }

    /// <summary>Measured, not simulated: mean resident memory of this process, in bytes.</summary>
    public required long MeasuredRss { get; init; }

    /// <summary>Measured, not simulated: real time it took.</summary>
    public required TimeSpan MeasuredWall { get; init; }
}
