using Akka.Dispatch;

namespace MmActors.Runtime.Dispatch;

/// <summary>Something the kernel can run for one step: an actor's mailbox, or a bare task of the dispatcher.</summary>
internal abstract class ReadyEntry(int id)
{
    /// <summary>Creation order; the identity that strategies and traces see.</summary>
    public readonly int Id = id;

    /// <summary>Position in the order of becoming runnable, valid while runnable.</summary>
    public long ReadySequence;

    /// <summary>What to run; set when the entry first becomes runnable.</summary>
    public IRunnable? Work;
}

/// <summary>A task handed to the dispatcher that is no mailbox (Akka schedules a few); it runs once.</summary>
internal sealed class TaskEntry(int id) : ReadyEntry(id);
