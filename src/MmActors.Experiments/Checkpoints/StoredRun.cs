using System.IO.Hashing;
using Akka.Actor;
using Akka.Persistence;
using Microsoft.Data.Sqlite;

namespace MmActors.Experiments.Checkpoints;

/// <summary>A run as its database has it, opened so that nothing can change it: refused here, it is as it was.</summary>
public sealed class StoredRun : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly ActorSystem _system;

    private StoredRun(ActorSystem system, RunHistory history)
    {
        _system = system;
        History = history;
    }

    /// <summary>What its journal says.</summary>
    public RunHistory History { get; }

    /// <summary>Reads the journal.</summary>
    /// <exception cref="CheckpointRefusedException">There is none, or it is damaged.</exception>
    public static StoredRun Open(CheckpointLocation location)
    {
        location.RequireDatabase();
        RequireTables(location);
        ActorSystem system = StorageSystem.Start(location, writes: false);
        var answer = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create<JournalReaderActor>(answer), "reader");
        object? read = answer.Task.Wait(Patience) ? answer.Task.Result : null;
        if (read is RunJournalActor.Recovered { History.Events: var events } && EndOf(system) is var end && !(end <= events))
        {
            read = end is null ? null : new RunJournalActor.JournalFailed(new InvalidDataException(RunJournalActor.EventsMissing), true);
        }

        if (read is RunJournalActor.Recovered { History: { Began: not null } history })
        {
            return new StoredRun(system, history);
        }

        system.Terminate().Wait(Patience);
        throw new CheckpointRefusedException(read switch
        {
            RunJournalActor.JournalFailed failed =>
                $"{Quoted(location)} cannot be resumed from, it is damaged: {CheckpointLocation.ReasonOf(failed.Cause)}; it has not been changed",
            null => $"{Quoted(location)} cannot be resumed from: it does not answer",
            _ => $"{Quoted(location)} holds no run of mmactors yet: one that was killed before its first entry begins again by its own command",
        });
    }

    /// <summary>The bytes of a checkpoint, checked.</summary>
    /// <exception cref="CheckpointRefusedException">Something is missing or changed.</exception>
    public IReadOnlyList<ReadOnlyMemory<byte>> Load(CheckpointManifest manifest)
    {
        IActorRef snapshots = StorageSystem.Snapshots(_system);
        var hash = new XxHash128();
        List<ReadOnlyMemory<byte>> blocks = [];
        long length = 0;
        for (int number = 0; number < manifest.Chunks; number++)
        {
            var criteria = new SnapshotSelectionCriteria(number, DateTime.MaxValue, number);
            object reply = snapshots.Ask<object>(
                new LoadSnapshot(StorageSystem.PiecesOf(manifest.Number), criteria, long.MaxValue), Patience).GetAwaiter().GetResult();
            byte[]? piece = reply is LoadSnapshotResult { Snapshot.Snapshot: byte[] packed } ? CheckpointChunk.Unpack(packed) : null;
            if (piece is null)
            {
                string what = reply is LoadSnapshotResult { Snapshot: null } ? "missing" : "damaged";
                throw new CheckpointRefusedException($"piece {number + 1} of {manifest.Chunks} is {what}");
            }

            hash.Append(piece);
            length += piece.Length;
            blocks.Add(piece);
        }

        return length == manifest.Length && Convert.ToHexStringLower(hash.GetCurrentHash()) == manifest.Hash
            ? blocks
            : throw new CheckpointRefusedException("its pieces do not belong together");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _system.Terminate().Wait(Patience);
        _system.Dispose();
    }

    /// <summary>Events that the journal has had at least: 0 where nothing says so, null where there is no answer.</summary>
    private static long? EndOf(ActorSystem system)
    {
        object reply;
        try
        {
            reply = StorageSystem.Snapshots(system).Ask<object>(
                new LoadSnapshot(StorageSystem.JournalEnd, SnapshotSelectionCriteria.Latest, long.MaxValue), Patience).GetAwaiter().GetResult();
        }
        catch (AskTimeoutException)
        {
            return null;
        }

        return reply is LoadSnapshotResult { Snapshot.Snapshot: string mark } && RunEvent.Parse(mark) is JournalReached end ? end.Events : 0;
    }

    private static string Quoted(CheckpointLocation location) => location.IsFile ? $"'{location.Name}'" : $"database {location.Name}";

    /// <summary>Fast and plain answers for files that are no databases of checkpoints, or broken ones.</summary>
    private static void RequireTables(CheckpointLocation location)
    {
        if (!location.IsFile)
        {
            if (!location.Exists())
            {
                throw new CheckpointRefusedException($"{Quoted(location)} holds no run of mmactors");
            }

            return;
        }

        try
        {
            using var connection = new SqliteConnection(location.ConnectionString(writes: false));
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "pragma quick_check(1)";
            if (command.ExecuteScalar() is not "ok")
            {
                throw new CheckpointRefusedException($"{Quoted(location)} is a damaged database; it has not been changed");
            }

            // Each is made by itself: a writer killed right at the beginning may leave a run without a place for its checkpoints.
            command.CommandText = "select exists (select 1 from sqlite_master where name = 'journal') and (exists (select 1 from sqlite_master where name = 'snapshot') "
                + "or not exists (select 1 from sqlite_master where type = 'table' and name not in ('journal', 'tags', 'sqlite_sequence')))";
            if (command.ExecuteScalar() is not 1L)
            {
                throw new CheckpointRefusedException($"{Quoted(location)} is a database, but holds no run of mmactors");
            }

            // A last event that is gone leaves no gap in the journal, but SQLite has counted it.
            command.CommandText = $"select (select max(seq) from sqlite_sequence where name = 'journal') - "
                + $"(select count(*) from journal where persistence_id = '{StorageSystem.Journal}' and deleted = 0)";
            if (command.ExecuteScalar() is long and not 0)
            {
                throw new CheckpointRefusedException(
                    $"{Quoted(location)} cannot be resumed from, it is damaged: events are missing from its journal; it has not been changed");
            }
        }
        catch (SqliteException fault)
        {
            throw new CheckpointRefusedException($"{Quoted(location)} cannot be read: {CheckpointLocation.ReasonOf(fault)}; it has not been changed");
        }
    }

    /// <summary>Starts the journal's actor and hands on what it answers first.</summary>
    private sealed class JournalReaderActor(TaskCompletionSource<object> answer) : UntypedActor
    {
        protected override void PreStart() => Context.ActorOf(Props.Create<RunJournalActor>(), "journal");

        protected override void OnReceive(object message) => answer.TrySetResult(message);
    }
}
