using Akka.Event;
using MmActors.Model.Events;
using MmActors.Runtime.Checkpoints;

namespace MmActors.Actors;

/// <summary>Base of the simulation's actors: simulated time and timers come from the system's scheduler, so an actor
/// cannot tell a deterministic run from a concurrent one.</summary>
public abstract class MmActor(WorldContext world) : RestorableActor
{
    [NotInCheckpoint]
    private ILoggingAdapter? _log;

    /// <summary>Akka's log; to be asked for only where <see cref="WorldContext.IsLogged"/>.</summary>
    protected ILoggingAdapter Log => _log ??= Context.GetLogger();

    /// <summary>What the world shares.</summary>
    protected WorldContext World { get; } = world;

    /// <summary>Simulated time since boot.</summary>
    protected TimeSpan Now => Context.System.Scheduler.MonotonicClock;

    /// <summary>Sends a message to this actor after a simulated delay; at once when the delay is zero.</summary>
    protected void After(TimeSpan delay, object message)
    {
        if (delay <= TimeSpan.Zero)
        {
            Self.Tell(message, Self);
        }
        else
        {
#pragma warning disable AK1004 // one-shot timers of the virtual clock end with the run
            Context.System.Scheduler.ScheduleTellOnce(delay, Self, message, Self);
#pragma warning restore AK1004
        }
    }

    /// <summary>Adds an event to the stream.</summary>
    protected void Emit(in KernelEvent kernelEvent) => World.Events.Emit(kernelEvent);
}
