using Akka.Actor;
using Akka.Persistence;

namespace MmActors.Experiments.Checkpoints;

/// <summary>Keeps what a run hands over until the database has it: events one after the other through the run's journal, and the
/// pieces of checkpoints through the snapshot store, before the event that makes them valid. Goes on trying when the database
/// fails.</summary>
internal sealed class RunKeeperActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private const int RemainsToLookFor = 8;

    private readonly CheckpointLocation _location;
    private readonly StoreBoard _board;
    private readonly int _keep;
    private readonly Queue<RunEvent> _pending = new();
    private readonly SortedSet<int> _kept = [];
    private IActorRef _snapshots = ActorRefs.Nobody;
    private PieceWriter? _pieces;
    private IActorRef _journal = ActorRefs.Nobody;
    private bool _isReady;
    private bool _isWritingPieces;
    private bool _havePiecesFailed;
    private int _journals;

    /// <summary>Called by Akka.</summary>
    public RunKeeperActor(CheckpointLocation location, StoreBoard board, int keep)
    {
        _location = location;
        _board = board;
        _keep = keep;
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _snapshots = StorageSystem.Snapshots(Context.System);
        StartJournal();
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RunEvent happened:
                Enqueue(happened);
                break;
            case CheckpointPieces pieces:
                _isWritingPieces = true;
                Announce(pieces.Manifest);
                IActorRef self = Self;
                PieceWriter writer = _pieces ??= new PieceWriter(_snapshots);
                Task.Run(() => writer.Write(pieces)).ContinueWith(
                    done => self.Tell(done.IsFaulted ? new Failed(done.Exception) : new PiecesStored(done.Result), ActorRefs.NoSender),
                    TaskScheduler.Default);
                break;
            case PiecesStored stored:
                (_isWritingPieces, _havePiecesFailed) = (false, false);
                Enqueue(new CheckpointWritten(stored.Manifest));
                break;
            case Failed failed:
                (_isWritingPieces, _havePiecesFailed) = (false, true);
                _board.Fail(CheckpointLocation.ReasonOf(failed.Cause), _location.Name);
                _board.IsSaving = false;
                break;
            case RunJournalActor.Recovered recovered:
                OnRecovered(recovered.History);
                break;
            case RunJournalActor.Stored stored:
                OnStored(stored.Event);
                break;
            case RunJournalActor.JournalFailed failed:
                _board.Fail(CheckpointLocation.ReasonOf(failed.Cause), _location.Name);
                break;
            case Terminated:
                _isReady = false;
                Timers.StartSingleTimer(nameof(Again), Again.Instance, RetryAfter);
                break;
            case Again:
                StartJournal();
                break;
        }
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop, loggingEnabled: false);

    private void StartJournal()
    {
        _journal = Context.ActorOf(Props.Create<RunJournalActor>(), FormattableString.Invariant($"journal-{++_journals}"));
        Context.Watch(_journal);
    }

    /// <summary>What was waiting may have been written after all.</summary>
    private void OnRecovered(RunHistory history)
    {
        _kept.Clear();
        _kept.UnionWith(history.Checkpoints.Select(static kept => kept.Number));
        while (_pending.TryPeek(out RunEvent? first) && IsIn(history, first))
        {
            OnStored(first);
        }

        _isReady = true; // and not before: what follows would be handed to the journal twice, and counted for two

        if (_board.History is null)
        {
            DeleteRemains(history.LastNumber);
        }

        _board.History = history;
        StoreNext();
    }

    private static bool IsIn(RunHistory history, RunEvent happened) => happened switch
    {
        RunBegan => history.Began is not null,
        RowCompleted row => history.Rows.GetValueOrDefault(row.Number) == row.Content,
        CheckpointBegun begun => history.Unfinished == begun,
        CheckpointWritten written => history.Checkpoints.Any(kept => kept.Number == written.Manifest.Number),
        _ => false,
    };

    private void Enqueue(RunEvent happened)
    {
        _pending.Enqueue(happened);
        if (_pending.Count == 1)
        {
            StoreNext();
        }
    }

    /// <summary>Once is enough while nothing can be written.</summary>
    private void Announce(CheckpointManifest manifest)
    {
        if (!_pending.Any(static left => left is CheckpointBegun))
        {
            Enqueue(new CheckpointBegun(manifest.Number, manifest.TimeTicks));
        }
    }

    private void StoreNext()
    {
        if (_isReady && _pending.TryPeek(out RunEvent? next))
        {
            _journal.Tell(next, Self);
        }
    }

    private void OnStored(RunEvent happened)
    {
        _pending.Dequeue();
        if (!_havePiecesFailed) // a full disk may still have room for a small event
        {
            _board.Succeed(_location.Name);
        }

        switch (happened)
        {
            case RowCompleted:
                _board.AddPendingRows(-1);
                break;
            case CheckpointWritten written:
                _kept.Add(written.Manifest.Number);
                _board.Last = written.Manifest;
                foreach (int old in _kept.SkipLast(_keep).ToArray())
                {
                    _pending.Enqueue(new CheckpointDropped(old));
                    _kept.Remove(old);
                }

                break;
            case CheckpointDropped dropped:
                _kept.Remove(dropped.Number);
                _snapshots.Tell(new DeleteSnapshots(StorageSystem.PiecesOf(dropped.Number), SnapshotSelectionCriteria.Latest), Self);
                break;
        }

        // A checkpoint is done with when those it takes the place of are gone.
        if (happened is CheckpointWritten or CheckpointDropped && !_pending.Any(static left => left is CheckpointWritten or CheckpointDropped))
        {
            _board.IsSaving = _isWritingPieces;
        }

        StoreNext();
    }

    /// <summary>Pieces of checkpoints that were dropped, or never complete, when a writer was killed.</summary>
    private void DeleteRemains(int lastNumber)
    {
        for (int number = Math.Max(1, lastNumber - RemainsToLookFor); number <= lastNumber; number++)
        {
            if (!_kept.Contains(number))
            {
                _snapshots.Tell(new DeleteSnapshots(StorageSystem.PiecesOf(number), SnapshotSelectionCriteria.Latest), Self);
            }
        }
    }

    private sealed record PiecesStored(CheckpointManifest Manifest);

    private sealed record Failed(Exception Cause);

    private sealed record Again
    {
        public static readonly Again Instance = new();
    }
}

/// <summary>A checkpoint to be stored.</summary>
/// <param name="Manifest">What it says about itself, without what is only known when it is stored.</param>
/// <param name="Blocks">Its bytes; they stay as they are until it is stored or has failed.</param>
internal sealed record CheckpointPieces(CheckpointManifest Manifest, IReadOnlyList<ReadOnlyMemory<byte>> Blocks);
