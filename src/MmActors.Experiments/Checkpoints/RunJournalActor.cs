using Akka.Persistence;

namespace MmActors.Experiments.Checkpoints;

/// <summary>The journal of a run. A persistent actor stops when its journal fails; who started it starts another one, which
/// begins by reading what was really written.</summary>
internal sealed class RunJournalActor : UntypedPersistentActor
{
    /// <summary>What is said of a journal with a gap, or without its end.</summary>
    public const string EventsMissing = "events are missing from its journal";

    private readonly RunHistory _history = new();
    private string? _damage;

    /// <inheritdoc/>
    public override string PersistenceId => StorageSystem.Journal;

    /// <summary>Every event from the first on: the pieces of checkpoints are snapshots, but none of this actor's.</summary>
    public override Recovery Recovery => new(SnapshotSelectionCriteria.None);

    /// <inheritdoc/>
    protected override void OnRecover(object message)
    {
        if (message is RecoveryCompleted)
        {
            _damage ??= _history.Events == LastSequenceNr ? null : EventsMissing;
            Context.Parent.Tell(_damage is null ? new Recovered(_history) : new JournalFailed(new InvalidDataException(_damage), true), Self);
            return;
        }

        if (message is string text && RunEvent.Parse(text) is { } happened)
        {
            _history.Add(happened);
        }
        else
        {
            _damage ??= $"event {_history.Events + 1} of its journal is damaged";
        }
    }

    /// <inheritdoc/>
    protected override void OnCommand(object message)
    {
        if (message is RunEvent happened)
        {
            Persist(happened.ToText(), _ => Context.Parent.Tell(new Stored(happened, LastSequenceNr), Self));
        }
    }

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object persisted, long sequenceNr) =>
        Context.Parent.Tell(new JournalFailed(cause, false), Self);

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object persisted, long sequenceNr)
    {
        Context.Parent.Tell(new JournalFailed(cause, false), Self);
        Context.Stop(Self);
    }

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        Context.Parent.Tell(new JournalFailed(reason, true), Self);

    /// <summary>The journal was read.</summary>
    internal sealed record Recovered(RunHistory History);

    /// <summary>An event is safe.</summary>
    /// <param name="Event">Which.</param>
    /// <param name="Count">Events there are with it.</param>
    internal sealed record Stored(RunEvent Event, long Count);

    /// <summary>The journal cannot be read or written; this actor ends.</summary>
    internal sealed record JournalFailed(Exception Cause, bool AtRecovery);
}
