using Akka.Actor;
using Akka.Event;
using Akka.Persistence;

namespace MmActors.Experiments.Checkpoints;

/// <summary>Keeps what a run hands over until the database has it: events one after the other through the run's journal, and the
/// pieces of checkpoints through the snapshot store, before the event that makes them valid. Goes on trying when the database
/// fails.
/// Another writer may take the run over while this one has no connection to its server and so no lock. Then all it writes fails: an event,
/// because the other one's first event has its place in the journal (the database has each number of an event once); pieces are
/// written only after the event that gives them a number. So the journal is read again after each failure, under the lock, and
/// what was begun for a checkpoint before that is begun anew.</summary>
internal sealed class RunKeeperActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan PatienceWithMark = TimeSpan.FromMinutes(3);

    private const int RemainsToLookFor = 8;

    private readonly CheckpointLocation _location;
    private readonly StoreBoard _board;
    private readonly WriterLock _lock;
    private readonly int _keep;
    private readonly Queue<RunEvent> _pending = new();
    private RunBegan? _run;
    private readonly SortedSet<int> _kept = [];
    private IActorRef _snapshots = ActorRefs.Nobody;
    private PieceWriter? _pieces;
    private CheckpointPieces? _saving;
    private int _received;
    private PiecesState _state;
    private IActorRef _journal = ActorRefs.Nobody;
    private RunHistory _history = new();
    private string _holding = "";
    private long _events;
    private int _lastNumber;
    private bool _isReady;
    private bool _havePiecesFailed;
    private int _journals;

    /// <summary>Called by Akka.</summary>
    public RunKeeperActor(CheckpointLocation location, WriterLock held, StoreBoard board, int keep)
    {
        _location = location;
        _lock = held;
        _board = board;
        _keep = keep;
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>What becomes of the checkpoint that is being saved.</summary>
    private enum PiecesState
    {
        /// <summary>It has no number yet.</summary>
        Waiting,

        /// <summary>The event with its number is on its way to the journal.</summary>
        Announced,

        /// <summary>Its pieces are being written.</summary>
        Written,

        /// <summary>They are, but another writer has been here meanwhile: they are not worth anything.</summary>
        WrittenInVain,

        /// <summary>The event that makes it valid is on its way to the journal.</summary>
        Complete,
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(Error));
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
                _received++;
                (_saving, _state) = (pieces, PiecesState.Waiting);
                Announce();
                break;
            case PiecesDone done:
                OnPiecesDone(done);
                break;
            case EndMarked:
                Settle();
                break;
            case RunJournalActor.Recovered recovered:
                OnRecovered(recovered.History);
                break;
            case RunJournalActor.Stored { Event: WriterChanged } changed:
                _events = changed.Count;
                GoOn();
                break;
            case RunJournalActor.Stored stored:
                OnStored(stored.Event, stored.Count);
                break;
            case RunJournalActor.JournalFailed failed:
                _havePiecesFailed |= _saving is not null; // then it takes a whole checkpoint to show that all is well again
                Fail(failed.Cause);
                break;
            case Error logged when StorageSystem.ReasonIn(logged) is { } cause:
                Fail(cause);
                break;
            case Terminated:
                _isReady = false;
                Retry();
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
        if (!IsLocked())
        {
            Retry();
            return;
        }

        _holding = _lock.Holding;
        _journal = Context.ActorOf(Props.Create<RunJournalActor>(), FormattableString.Invariant($"journal-{++_journals}"));
        Context.Watch(_journal);
    }

    private void Retry() => Timers.StartSingleTimer(nameof(Again), Again.Instance, RetryAfter);

    private bool IsLocked()
    {
        string? reason = _lock.Refresh();
        if (reason is not null)
        {
            _board.Fail(reason, _location.Name);
        }

        return reason is null;
    }

    /// <summary>The lock alone knows of another writer: what the database says is that a number is taken.</summary>
    private void Fail(Exception cause) => _board.Fail(
        _lock.Refresh() is WriterLock.InUse ? WriterLock.InUse : CheckpointLocation.ReasonOf(cause), _location.Name);

    /// <summary>All events were read. If the lock has been held from before that until now, nobody else has written any since.</summary>
    private void OnRecovered(RunHistory history)
    {
        if (!IsLocked() || _lock.Holding != _holding || !IsOurs(history))
        {
            Context.Stop(_journal);
            return;
        }

        bool isTakenBack = _board.History is not null && history.Writer is { } writer && !_lock.IsOwn(writer);
        _history = history;
        _events = history.Events;
        _lastNumber = Math.Max(_lastNumber, history.LastNumber);
        if (isTakenBack)
        {
            BeginCheckpointAnew();
        }

        if (history.Began is null || history.Writer == _holding)
        {
            GoOn();
        }
        else
        {
            _journal.Tell(new WriterChanged(_holding), Self);
        }
    }

    /// <summary>A server can come back with less than it had, and then with another run's.</summary>
    private bool IsOurs(RunHistory history)
    {
        _run ??= history.Began;
        bool isOurs = history.Began is { } began ? began.Identity == _run!.Identity
            : _run is null || _pending.Any(static left => left is RunBegan);
        if (!isOurs)
        {
            _board.Fail("this run is not there any more", _location.Name);
        }

        return isOurs;
    }

    /// <summary>Nobody but this writer can write events now. What was waiting may have been written after all.</summary>
    private void GoOn()
    {
        _kept.Clear();
        _kept.UnionWith(_history.Checkpoints.Select(static kept => kept.Number));
        while (_pending.TryPeek(out RunEvent? first) && _history.Has(first))
        {
            OnStored(first, _events);
        }

        _isReady = true; // and not before: what follows would be handed to the journal twice, and counted for two

        if (_board.History is null)
        {
            DeleteRemains(_history.LastNumber);
        }

        _board.History = _history;
        StoreNext();
        Announce(); // hands its event on by itself where no other is waiting
    }

    /// <summary>Whoever wrote meanwhile has deleted its pieces, and dropped checkpoints of its own.</summary>
    private void BeginCheckpointAnew()
    {
        RunEvent[] rest = [.. _pending.Where(static left => left is not (CheckpointBegun or CheckpointWritten or CheckpointDropped))];
        _pending.Clear();
        foreach (RunEvent left in rest)
        {
            _pending.Enqueue(left);
        }

        _state = _state is PiecesState.Written or PiecesState.WrittenInVain ? PiecesState.WrittenInVain : PiecesState.Waiting;
        Settle();
    }

    private void Enqueue(RunEvent happened)
    {
        _run ??= happened as RunBegan;
        _pending.Enqueue(happened);
        if (_pending.Count == 1)
        {
            StoreNext();
        }
    }

    /// <summary>Gives the checkpoint a number that no other has or had, and sees that the lock is held: it may have been lost without a
    /// failure.</summary>
    private void Announce()
    {
        if (!_isReady || _saving is null || _state != PiecesState.Waiting)
        {
            return;
        }

        if (!IsLocked() || _lock.Holding != _holding)
        {
            _havePiecesFailed = true;
            _isReady = false;
            Context.Stop(_journal); // and all over again
            return;
        }

        CheckpointManifest manifest = _saving.Manifest;
        _lastNumber = Math.Max(_lastNumber + 1, manifest.Number);
        _saving = _saving with { Manifest = manifest with { Number = _lastNumber } };
        _state = PiecesState.Announced;
        Enqueue(new CheckpointBegun(_lastNumber, manifest.TimeTicks));
    }

    private void WritePieces(CheckpointPieces pieces)
    {
        _state = PiecesState.Written;
        IActorRef self = Self;
        PieceWriter writer = _pieces ??= new PieceWriter(_snapshots);
        Task.Run(() => writer.Write(pieces)).ContinueWith(
            done => self.Tell(
                done.IsFaulted ? new PiecesDone(pieces.Manifest, done.Exception) : new PiecesDone(done.Result, null), ActorRefs.NoSender),
            TaskScheduler.Default);
    }

    private void OnPiecesDone(PiecesDone done)
    {
        if (_state == PiecesState.WrittenInVain)
        {
            DeletePieces(done.Manifest.Number);
            _state = PiecesState.Waiting;
            Announce();
        }
        else if (done.Failure is { } cause)
        {
            _havePiecesFailed = true;
            DeletePieces(done.Manifest.Number);
            Fail(cause);
            _saving = null;
            Settle();
        }
        else
        {
            _state = PiecesState.Complete;
            Enqueue(new CheckpointWritten(done.Manifest));
        }
    }

    private void Settle() => _board.Settle(_saving is null ? _received : _received - 1);

    private void StoreNext()
    {
        if (_isReady && _pending.TryPeek(out RunEvent? next))
        {
            _journal.Tell(next, Self);
        }
    }

    private void OnStored(RunEvent happened, long count)
    {
        _pending.Dequeue();
        _events = count;
        _havePiecesFailed &= happened is not CheckpointWritten;
        if (!_havePiecesFailed) // a full disk may still have room for a small event
        {
            _board.Succeed(_location.Name);
        }

        switch (happened)
        {
            case RowCompleted:
                _board.AddPendingRows(-1);
                break;
            case CheckpointBegun begun when _state == PiecesState.Announced && _saving?.Manifest.Number == begun.Number:
                WritePieces(_saving);
                break;
            case CheckpointWritten written:
                _saving = null;
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
                DeletePieces(dropped.Number);
                break;
        }

        // A checkpoint is done with when those it takes the place of are gone.
        if (happened is CheckpointWritten or CheckpointDropped && !_pending.Any(static left => left is CheckpointWritten or CheckpointDropped))
        {
            MarkEnd();
        }

        StoreNext();
    }

    /// <summary>Without the event of the newest checkpoint an older one would pass for it, so how far the journal went is kept beside it.
    /// Written after the event, it never says too much; whoever is killed in between leaves one that says less.</summary>
    private void MarkEnd()
    {
        IActorRef self = Self;
        var mark = new SnapshotMetadata(StorageSystem.JournalEnd, 0, DateTime.UtcNow);
        _snapshots.Ask<object>(new SaveSnapshot(mark, new JournalReached(_events).ToText()), PatienceWithMark).ContinueWith(
            _ => self.Tell(EndMarked.Instance, ActorRefs.NoSender), TaskScheduler.Default);
    }

    /// <summary>Pieces of checkpoints that were dropped, or never complete, when a writer was killed.</summary>
    private void DeleteRemains(int lastNumber)
    {
        for (int number = Math.Max(1, lastNumber - RemainsToLookFor); number <= lastNumber; number++)
        {
            if (!_kept.Contains(number))
            {
                DeletePieces(number);
            }
        }
    }

    private void DeletePieces(int number) =>
        _snapshots.Tell(new DeleteSnapshots(StorageSystem.PiecesOf(number), SnapshotSelectionCriteria.Latest), Self);

    /// <summary>The pieces are stored and the manifest is complete, or it failed.</summary>
    private sealed record PiecesDone(CheckpointManifest Manifest, Exception? Failure);

    private sealed record EndMarked
    {
        public static readonly EndMarked Instance = new();
    }

    private sealed record Again
    {
        public static readonly Again Instance = new();
    }
}
