using System.Buffers;
using MmActors.Experiments.Checkpoints;

namespace MmActors.Checkpoint.Tests;

/// <summary>A writer that has lost its lock with the connection to its server, and another one that takes it.</summary>
public class WriterTests
{
    private const string InUse = "another process writes its checkpoints there at this moment";
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(10);

    [PostgresFact]
    public void A_lock_whose_connection_has_ended_is_taken_again_before_the_next_checkpoint()
    {
        using var server = PostgresServer.Start();
        CheckpointLocation location = CheckpointLocation.Parse(server.Connection);
        using CheckpointStore store = Begin(location);
        Save(store, 1);
        server.EndLock();
        Save(store, 2);
        Assert.Throws<CheckpointRefusedException>(() => WriterLock.Take(location));
        Assert.Equal(0, store.Failures);
    }

    [PostgresFact]
    public void Not_a_byte_of_a_checkpoint_is_written_while_another_process_has_the_lock()
    {
        using var server = PostgresServer.Start();
        CheckpointLocation location = CheckpointLocation.Parse(server.Connection);
        using CheckpointStore store = Begin(location);
        Save(store, 1);
        server.EndLock();
        using (WriterLock.Take(location))
        {
            const string Rows = "select (select count(*) from journal) + (select count(*) from snapshot)";
            object? before = server.Ask(Rows);
            store.Save(Manifest(store, 2), [new byte[100]]);
            Assert.False(store.Flush(AtOnce, TimeSpan.Zero));
            Assert.Equal(InUse, store.Trouble);
            Assert.Equal($"cannot write to {server.Name}: {InUse}; trying again until it works", store.NextNote());
            Assert.Equal(before, server.Ask(Rows));
        }

        Assert.True(store.Flush(TimeSpan.Zero, Commands.Patience), store.Trouble);
        Assert.Equal(TimeSpan.FromMinutes(2), store.Last!.Time);
        Assert.Equal(6L, server.Ask("select count(*) from journal")); // the run, two for each checkpoint, one for the lock
        Assert.Equal($"{server.Name} can be written again", store.NextNote());
    }

    /// <summary>The second one's first event is where the first one's next would be.</summary>
    [PostgresFact]
    public void What_a_writer_without_its_lock_writes_is_refused_by_the_journal_and_nothing_is_lost()
    {
        using var server = PostgresServer.Start();
        CheckpointLocation location = CheckpointLocation.Parse(server.Connection);
        using CheckpointStore first = Begin(location);
        first.AddRow(1, "one");
        Save(first, 1);
        server.EndLock();
        using (CheckpointStore second = GoOn(location))
        {
            second.AddRow(2, "two");
            Save(second, 2);
            first.AddRow(3, "three");
            Assert.False(first.Flush(AtOnce, TimeSpan.Zero));
            Assert.Equal(InUse, first.Trouble);
            Assert.Equal($"cannot write to {server.Name}: {InUse}; trying again until it works", first.NextNote());
            Save(second, 3);
            Assert.Equal(0, second.Failures);
            Assert.Equal(["one", "two"], Open(location).Rows.Values);
        }

        Assert.True(first.Flush(TimeSpan.Zero, Commands.Patience));
        Save(first, 4);
        Assert.Equal($"{server.Name} can be written again", first.NextNote());
        RunHistory history = Open(location);
        Assert.Equal(["one", "two", "three"], history.Rows.Values);
        Assert.Equal([1, 2, 3, 4], history.Checkpoints.Select(static kept => kept.Time.TotalMinutes));
    }

    /// <summary>The pieces that were being written when the other one came are deleted by it.</summary>
    [PostgresFact]
    public void A_checkpoint_that_another_writer_has_swept_away_is_written_anew()
    {
        using var server = PostgresServer.Start();
        CheckpointLocation location = CheckpointLocation.Parse(server.Connection);
        using CheckpointStore first = Begin(location);
        Save(first, 1);
        using var bytes = new HeldBytes(100);
        first.Save(Manifest(first, 2), [bytes.Memory]);
        bytes.UntilWanted(); // its pieces are being written now
        server.EndLock();
        using (CheckpointStore second = GoOn(location))
        {
            second.AddRow(1, "one");
            Assert.True(second.Flush(Commands.Patience, TimeSpan.Zero), second.Trouble);
            bytes.Release();
            Save(second, 3);
        }

        Assert.True(first.Flush(Commands.Patience, Commands.Patience));
        Save(first, 4);
        using var stored = StoredRun.Open(location);
        Assert.Equal([1, 3, 2, 4], stored.History.Checkpoints.Select(static kept => kept.Time.TotalMinutes));
        Assert.All(stored.History.Checkpoints, kept => Assert.Equal(100, stored.Load(kept).Sum(static piece => piece.Length)));
    }

    [PostgresFact]
    public void A_run_whose_server_went_away_waits_for_whoever_took_its_lock()
    {
        using var server = PostgresServer.Start();
        using var commands = new Commands();
        using var cancel = new CancellationTokenSource(Commands.Patience);
        WriterLock? thief = null;
        bool isWell = false;
        int code = commands.Run(
            cancel.Token,
            line =>
            {
                if (line.StartsWith("20m of 3650d", StringComparison.Ordinal))
                {
                    server.UntilSaved();
                    server.Stop();
                }
                else if (line.Contains(InUse, StringComparison.Ordinal))
                {
                    thief!.Dispose();
                }
                else if (line.StartsWith("checkpoint: cannot write", StringComparison.Ordinal))
                {
                    server.Resume();
                    thief = Rob(server);
                }
                else if (line.StartsWith($"checkpoint: {server.Name} can be written again", StringComparison.Ordinal))
                {
                    isWell = true;
                }
                else if (isWell)
                {
                    cancel.Cancel();
                }
            },
            [.. Commands.Soak, "--for", "3650d", "--checkpoint", server.Connection, "--checkpoint-every", "10m"]);

        Assert.Equal((0, true), (code, isWell));
        Assert.Contains($"checkpoint: cannot write to {server.Name}: {InUse}; trying again until it works\n", commands.Error);
        Assert.Contains("; everything is stored now\n", commands.Error);
        Assert.Equal(
            Enumerable.Range(1, commands.Rows.Length).Select(static row => (long)row),
            Open(CheckpointLocation.Parse(server.Connection)).Rows.Keys);
        commands.RequireSameEnd(server.Connection);
    }

    [PostgresFact]
    public void A_run_whose_lock_another_process_took_ends_where_that_was_asked_for()
    {
        using var server = PostgresServer.Start();
        using var commands = new Commands();
        using var cancel = new CancellationTokenSource(Commands.Patience); // if it does not end by itself
        WriterLock? thief = null;
        int code = commands.Run(
            cancel.Token,
            line =>
            {
                if (line.StartsWith("20m of 400d", StringComparison.Ordinal))
                {
                    server.UntilSaved();
                    thief = Rob(server);
                }
            },
            [.. Commands.Soak, "--for", "400d", "--checkpoint", server.Connection, "--checkpoint-every", "10m", "--on-checkpoint-failure", "stop"]);

        thief!.Dispose();
        Assert.Equal(2, code);
        Assert.Contains($"checkpoint: cannot write to {server.Name}: {InUse}; trying again until it works\n", commands.Error);
        Assert.Contains("\nstopped at ", commands.Error);
        Assert.Matches($"NOT stored: [0-9]+ summaries and the last checkpoint \\({InUse}\\)\n$", commands.Error);
    }

    private static CheckpointStore Begin(CheckpointLocation location) =>
        CheckpointStore.Create(location, new RunBegan("program", "command", "identity", 1), keep: 4);

    private static CheckpointStore GoOn(CheckpointLocation location)
    {
        WriterLock held = WriterLock.Take(location);
        RunHistory history = Open(location);
        return CheckpointStore.Continue(location, held, history.Checkpoints.Last(), history, keep: 4);
    }

    private static RunHistory Open(CheckpointLocation location)
    {
        using var stored = StoredRun.Open(location);
        return stored.History;
    }

    private static void Save(CheckpointStore store, int minute)
    {
        store.Save(Manifest(store, minute), [new byte[100]]);
        Assert.True(store.Flush(Commands.Patience, TimeSpan.Zero), store.Trouble);
        Assert.Equal(TimeSpan.FromMinutes(minute), store.Last!.Time);
    }

    private static CheckpointManifest Manifest(CheckpointStore store, int minute) =>
        new(store.NextNumber, TimeSpan.FromMinutes(minute).Ticks, 0) { Events = 0, EventHash = "", Modules = [], Objects = 0 };

    /// <summary>Takes the lock whether it is held or not.</summary>
    private static WriterLock Rob(PostgresServer server)
    {
        while (true)
        {
            try
            {
                server.EndLock();
                return WriterLock.Take(CheckpointLocation.Parse(server.Connection));
            }
            catch (CheckpointRefusedException)
            {
                // its owner was faster
            }
        }
    }

    /// <summary>Bytes that whoever reads them has to wait for.</summary>
    private sealed class HeldBytes(int length) : MemoryManager<byte>
    {
        private readonly byte[] _bytes = new byte[length];
        private readonly ManualResetEventSlim _wanted = new();
        private readonly ManualResetEventSlim _free = new();

        public override Memory<byte> Memory => CreateMemory(length);

        public void UntilWanted() => Assert.True(_wanted.Wait(Commands.Patience));

        public void Release() => _free.Set();

        public override Span<byte> GetSpan()
        {
            _wanted.Set();
            _free.Wait(Commands.Patience);
            return _bytes;
        }

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _free.Set();
        }
    }
}
