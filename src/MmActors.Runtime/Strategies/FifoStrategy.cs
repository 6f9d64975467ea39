namespace MmActors.Runtime.Strategies;

/// <summary>First runnable, first run: fair, and the order of Akka's own dispatcher with one thread. The kernel recognises
/// this type and keeps a plain queue instead of asking; <see cref="Pick"/> gives the identical schedule when the
/// strategy is wrapped, for example by <see cref="RecordingStrategy"/>.</summary>
public sealed class FifoStrategy : IInterleavingStrategy
{
    /// <inheritdoc/>
    public string Name => "fifo";

    /// <inheritdoc/>
    public void Begin(ulong seed)
    {
        // Nothing is random and nothing is remembered.
    }

    /// <inheritdoc/>
    public int Pick(ReadOnlySpan<RunnableActor> runnable)
    {
        var longest = 0;
        for (var index = 1; index < runnable.Length; index++)
        {
            if (runnable[index].ReadySequence < runnable[longest].ReadySequence)
            {
                longest = index;
            }
        }

        return longest;
    }
}
