namespace MmActors.Runtime.Strategies;

/// <summary>Chooses which of the runnable actors handles its next message. The only source of non-determinism in a run:
/// the list of its answers is a complete, replayable description of the schedule.</summary>
public interface IInterleavingStrategy
{
    /// <summary>Short name for reports and replay command lines.</summary>
    string Name { get; }

    /// <summary>What it wants to choose among; must not change during a run.</summary>
    ScheduleChoices Choices => ScheduleChoices.Actors;

    /// <summary>Forgets everything and begins a new run.</summary>
    void Begin(ulong seed);

    /// <summary>Returns the index of the actor to run. Asked before every step, also when only one actor is runnable, so
    /// that a strategy may count steps. The list is ordered by actor id and never empty; neither it nor its order depends
    /// on the process.</summary>
    int Pick(ReadOnlySpan<RunnableActor> runnable);
}
