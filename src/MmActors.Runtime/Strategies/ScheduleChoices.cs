namespace MmActors.Runtime.Strategies;

/// <summary>What a strategy is asked to choose among, besides which runnable actor goes next.</summary>
[Flags]
public enum ScheduleChoices
{
    /// <summary>Only the actor; its messages come in order of arrival, and the clock moves when nobody is runnable.</summary>
    Actors = 0,

    /// <summary>Which sender's oldest message an actor takes next. A message never overtakes one of its own sender, nor one
    /// that caused it to be sent, and what an actor tells itself overtakes nothing: what is left is the order of arrival of
    /// independent messages. This is more than mailboxes on one machine allow where actors also meet in shared memory: what
    /// only such an order breaks has to be judged.</summary>
    Channels = 1,

    /// <summary>Whether the clock moves on to the next timer while somebody is still runnable, as it does for whoever is
    /// preempted with a message in hand.</summary>
    Timers = 2,
}
