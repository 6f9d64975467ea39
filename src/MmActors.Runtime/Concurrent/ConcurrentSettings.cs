namespace MmActors.Runtime.Concurrent;

/// <summary>Everything that can be chosen about a concurrent run, apart from the actors in it. What it cannot choose is the
/// order of simultaneous messages: that is the machine's.</summary>
public sealed record ConcurrentSettings
{
    /// <summary>Seed of the run's random streams; named where a failure is told, since the run itself cannot be repeated.</summary>
    public ulong Seed { get; init; }

    /// <summary>Simulated seconds a second of wall time may hold; null for as many as the machine manages.</summary>
    public double? Pace { get; init; }

    /// <summary>Messages after which the run returns <see cref="RunOutcome.StepLimit"/>.</summary>
    public long StepLimit { get; init; } = SimSettings.DefaultStepLimit;

    /// <summary>Takes what actors log, one line at a time; null where nobody reads it.</summary>
    public SimLog? Log { get; init; }
}
