namespace MmActors.Runtime;

/// <summary>The run is broken and its results are void. Says where it broke, in terms that replay: step number, virtual
/// time, strategy and seed.</summary>
public sealed class SimulationFailedException : Exception
{
    internal SimulationFailedException(long step, TimeSpan virtualTime, string replayHint, Exception cause)
        : base($"Run failed at step {step}, virtual time {virtualTime}, {replayHint}: {cause.GetType().Name}: {cause.Message}", cause)
    {
        Step = step;
        VirtualTime = virtualTime;
    }

    /// <summary>Number of steps begun when it happened; the failing step itself is counted.</summary>
    public long Step { get; }

    /// <summary>Time on the simulation's clock when it happened.</summary>
    public TimeSpan VirtualTime { get; }
}
