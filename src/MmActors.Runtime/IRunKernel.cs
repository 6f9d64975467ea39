namespace MmActors.Runtime;

/// <summary>What a world asks of whoever runs its actors: a clock, and leave to go on. <see cref="SimKernel"/> runs them one
/// after the other, <see cref="Concurrent.ConcurrentKernel"/> at the same time; a world cannot tell which.</summary>
public interface IRunKernel
{
    /// <summary>Simulated time since the start of the run.</summary>
    TimeSpan Now { get; }

    /// <summary>Messages handled so far.</summary>
    long Steps { get; }

    /// <summary>Runs everything due up to and including the horizon; nobody is at work when it returns.</summary>
    /// <exception cref="SimulationFailedException">An actor failed.</exception>
    RunOutcome RunUntil(TimeSpan horizon, CancellationToken cancellation = default);

    /// <summary>Declares the run broken: the current or next run call throws.</summary>
    void Fail(Exception cause);
}
