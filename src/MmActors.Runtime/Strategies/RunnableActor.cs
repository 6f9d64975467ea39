namespace MmActors.Runtime.Strategies;

/// <summary>An actor that has something to handle.</summary>
/// <param name="ActorId">Its number in order of creation: the same in every run of the same program, never reused
/// within a run.</param>
/// <param name="ReadySequence">Grows with every actor that becomes runnable; the smallest has waited longest.</param>
public readonly record struct RunnableActor(int ActorId, long ReadySequence);
