namespace MmActors.Runtime.Strategies;

/// <summary>One way to go on: an actor that has something to handle, one of its channels, or the next timer.</summary>
/// <param name="ActorId">Its number in order of creation: the same in every run of the same program, never reused
/// within a run. <see cref="Timer"/> stands for the next timer.</param>
/// <param name="ReadySequence">Grows with every actor that becomes runnable; the smallest has waited longest. The timer's is
/// larger than any actor's.</param>
public readonly record struct RunnableActor(int ActorId, long ReadySequence)
{
    /// <summary>Number of the alternative "the clock moves on: the next timer fires now, whoever is runnable".</summary>
    public const int Timer = int.MaxValue;

    /// <summary>The actor takes whatever is first in its mailbox.</summary>
    public const int AnySender = int.MinValue;

    /// <summary>Place of the timer in the order of waiting: behind everybody.</summary>
    internal const long TimerSequence = long.MaxValue >> 2;

    /// <summary>Number of the actor whose message would be delivered, −1 for somebody outside; <see cref="AnySender"/> unless
    /// channels are to be chosen.</summary>
    public int Sender { get; init; } = AnySender;

    /// <summary>Whether this is the next timer.</summary>
    public bool IsTimer => ActorId == Timer;
}
