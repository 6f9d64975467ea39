using Akka.Actor;
using Akka.Event;

namespace MmActors.Runtime;

/// <summary>Takes what actors write to Akka's log, with the simulated time at which they wrote it.</summary>
/// <param name="Level">The least severe level that is written.</param>
/// <param name="Write">Called at once, on the thread of the run.</param>
public sealed record SimLog(LogLevel Level, Action<TimeSpan, LogEvent> Write);

/// <summary>Listens to a system's log without being an actor in it. One of Akka's logger actors would get messages that the
/// dispatcher must deliver: a logged run would be another run.</summary>
internal sealed class LogTap(ExtendedActorSystem system, IRunKernel kernel, SimLog log) : MinimalActorRef
{
    /// <inheritdoc/>
    public override ActorPath Path { get; } = new RootActorPath(system.Provider.DefaultAddress) / "log-tap";

    /// <inheritdoc/>
    public override IActorRefProvider Provider => system.Provider;

    /// <summary>From now on.</summary>
    public void Attach()
    {
        system.EventStream.SetLogLevel(log.Level);
        system.EventStream.Subscribe(this, typeof(LogEvent));
    }

    /// <inheritdoc/>
    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is LogEvent written && written.LogLevel() >= log.Level)
        {
            log.Write(kernel.Now, written);
        }
    }
}
