using Akka.Actor;

namespace MmActors.Experiments.Checkpoints;

/// <summary>Stores the summaries and checkpoints of one run while it goes on: every call returns at once, and what is handed over is
/// written on other threads. Used by one thread.</summary>
public sealed class CheckpointStore : IDisposable
{
    private static readonly TimeSpan PatienceToEnd = TimeSpan.FromSeconds(10);

    private readonly CheckpointLocation _location;
    private readonly StoreBoard _board = new();
    private readonly ActorSystem _system;
    private readonly IActorRef _keeper;
    private readonly WriterLock _lock;
    private long _lastRow;
    private int _lastNumber;

    private CheckpointStore(CheckpointLocation location, WriterLock held, int keep)
    {
        _location = location;
        _lock = held;
        _system = StorageSystem.Start(location, writes: true);
        _keeper = _system.ActorOf(Props.Create<RunKeeperActor>(location, held, _board, keep), "keeper");
    }

    /// <summary>A checkpoint is still being written; another one must wait.</summary>
    public bool IsSaving => _board.IsSaving;

    /// <summary>What cannot be written at the moment and why; null when all is well.</summary>
    public string? Trouble => _board.Trouble;

    /// <summary>How often something could not be written.</summary>
    public int Failures => _board.Failures;

    /// <summary>Summaries that are not stored yet.</summary>
    public int PendingRows => _board.PendingRows;

    /// <summary>The last checkpoint that is complete; null while this process has none.</summary>
    public CheckpointManifest? Last => _board.Last;

    /// <summary>Number for the next checkpoint.</summary>
    public int NextNumber => _lastNumber + 1;

    /// <summary>Where it is.</summary>
    public CheckpointLocation Location => _location;

    /// <summary>A store for a run that begins.</summary>
    /// <exception cref="CheckpointRefusedException">It cannot be made, or holds a run already.</exception>
    public static CheckpointStore Create(CheckpointLocation location, RunBegan run, int keep)
    {
        WriterLock held = WriterLock.Take(location);
        try
        {
            if (location.Exists() && !location.IsBlank())
            {
                RequireUnused(location, run);
            }

            location.Create();
        }
        catch
        {
            held.Dispose();
            throw;
        }

        var store = new CheckpointStore(location, held, keep);
        store._keeper.Tell(run, ActorRefs.NoSender);
        return store;
    }

    /// <summary>The store of a run that goes on.</summary>
    /// <param name="location">Where it is.</param>
    /// <param name="held">The right to write there, taken before its journal was read; from now on the store's.</param>
    /// <param name="from">The checkpoint it goes on from; later ones are dropped.</param>
    /// <param name="history">What the journal says.</param>
    /// <param name="keep">Checkpoints to keep.</param>
    public static CheckpointStore Continue(CheckpointLocation location, WriterLock held, CheckpointManifest from, RunHistory history, int keep)
    {
        var store = new CheckpointStore(location, held, keep)
        {
            _lastNumber = history.LastNumber,
            _lastRow = from.Rows,
        };
        foreach (CheckpointManifest later in history.Checkpoints.Where(kept => kept.Number > from.Number))
        {
            store._keeper.Tell(new CheckpointDropped(later.Number), ActorRefs.NoSender);
        }

        return store;
    }

    /// <summary>A summary is complete. Stored again after an interruption, it takes the place of the one there was.</summary>
    public void AddRow(long number, string content)
    {
        if (number > _lastRow)
        {
            _lastRow = number;
            _board.AddPendingRows(1);
            _keeper.Tell(new RowCompleted(number, content), ActorRefs.NoSender);
        }
    }

    /// <summary>Begins to write a checkpoint.</summary>
    /// <param name="manifest">What is known of it.</param>
    /// <param name="blocks">Its bytes, not to be changed before <see cref="IsSaving"/> is false again.</param>
    public void Save(CheckpointManifest manifest, IEnumerable<ReadOnlyMemory<byte>> blocks)
    {
        _lastNumber = manifest.Number;
        _board.BeginSaving();
        _keeper.Tell(new CheckpointPieces(manifest, [.. blocks]), ActorRefs.NoSender);
    }

    /// <summary>The next line for the user, or null.</summary>
    public string? NextNote() => _board.NextNote();

    /// <summary>Waits until everything is written; false when something could not be.</summary>
    /// <param name="patience">How long, while all is well.</param>
    /// <param name="inTrouble">How long, once something is wrong.</param>
    /// <param name="told">Called before that wait: there is something to say.</param>
    public bool Flush(TimeSpan patience, TimeSpan inTrouble, Action? told = null)
    {
        _board.WaitUntil(() => IsIdle || _board.Trouble is not null, patience);
        told?.Invoke();
        return _board.WaitUntil(() => IsIdle, inTrouble);
    }

    private bool IsIdle => !_board.IsSaving && _board.PendingRows == 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        _system.Terminate().Wait(PatienceToEnd);
        _system.Dispose();
        _lock.Dispose();
    }

    /// <summary>The same run may have been killed before its first checkpoint was complete; then it begins again.</summary>
    private static void RequireUnused(CheckpointLocation location, RunBegan run)
    {
        RunBegan? began = null;
        try
        {
            using var stored = StoredRun.Open(location);
            began = stored.History.Began!;
            if (began.Identity == run.Identity && stored.History.Checkpoints.Count == 0)
            {
                return;
            }
        }
        catch (CheckpointRefusedException)
        {
            // Whatever it is, it is not ours to overwrite.
        }

        string holds = began is null ? "something else" : $"the checkpoints of '{began.Command}'";
        throw new CheckpointRefusedException(location.IsFile
            ? $"'{location.Name}' exists and holds {holds}: resume from it, or name another file"
            : $"database {location.Name} holds {holds}: resume from it, or name another database");
    }
}
