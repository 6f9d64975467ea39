using MmActors.Experiments.Checkpoints;
using Npgsql;

namespace MmActors.Checkpoint.Tests;

/// <summary>Checkpoints in a PostgreSQL database.</summary>
public class PostgresTests
{
    [PostgresFact]
    public void A_run_is_saved_in_a_database_and_resumed_from_it()
    {
        using var server = PostgresServer.Start();
        using var commands = new Commands();
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "1h"]));
        (string hash, string[] rows) = (commands.Hash, commands.Rows);

        Assert.Contains($"database {server.Name} holds no run of mmactors", commands.Refuse("resume", server.Connection));
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "40m", "--checkpoint", server.Connection]));
        Assert.Contains($"database {server.Name} holds the checkpoints of 'mmactors soak ",
            commands.Refuse([.. Commands.Soak, "--for", "40m", "--checkpoint", server.Connection]));
        Assert.Equal(0, commands.Run("resume", server.Connection, "--for", "1h", "--format", "csv"));
        Assert.Equal(hash, commands.Hash);
        Assert.Equal(rows, commands.Rows);
    }

    [PostgresFact]
    public void A_server_that_stops_and_comes_back_costs_no_summary()
    {
        using var server = PostgresServer.Start();
        using var commands = new Commands();
        commands.RunUntilSaid(
            "can be written again",
            line => React(line, ("20m of 3650d", () => StopOnceSaved(server)), ("checkpoint: cannot write", server.Resume)),
            [.. Commands.Soak, "--for", "3650d", "--checkpoint", server.Connection, "--checkpoint-every", "10m"]);

        Assert.Contains($"checkpoint: cannot write to {server.Name}: ", commands.Error);
        Assert.Contains($"checkpoint: {server.Name} can be written again\n", commands.Error);
        Assert.Contains("; everything is stored now\n", commands.Error);
        Assert.DoesNotContain("   at ", commands.Error);
        int rows = commands.Rows.Length;
        using (StoredRun stored = StoredRun.Open(CheckpointLocation.Parse(server.Connection)))
        {
            Assert.Equal(Enumerable.Range(1, rows).Select(static row => (long)row), stored.History.Rows.Keys);
        }

        commands.RequireSameEnd(server.Connection);
    }

    [PostgresFact]
    public void A_server_that_stays_away_is_told_of_at_the_end()
    {
        using var server = PostgresServer.Start();
        using var commands = new Commands();
        int code = commands.Run(
            CancellationToken.None,
            line => React(line, ("20m of 1h", () => StopOnceSaved(server))),
            [.. Commands.Soak, "--for", "1h", "--checkpoint", server.Connection, "--checkpoint-every", "10m"]);

        Assert.Equal(0, code);
        Assert.Equal(3, commands.Rows.Length);
        Assert.Matches("checkpoints failed [0-9]+ times; NOT stored: 3 summaries and the last checkpoint \\(", commands.Error);
        server.Resume();
    }

    [PostgresFact]
    public void A_server_that_stops_ends_the_run_where_that_was_asked_for()
    {
        using var server = PostgresServer.Start();
        using var commands = new Commands();
        int code = commands.Run(
            CancellationToken.None,
            line => React(line, ("20m of 400d", () => StopOnceSaved(server))),
            [.. Commands.Soak, "--for", "400d", "--checkpoint", server.Connection, "--checkpoint-every", "10m", "--on-checkpoint-failure", "stop"]);

        Assert.Equal(2, code);
        Assert.Contains("\nstopped at ", commands.Error);
        server.Resume();
    }

    [PostgresFact]
    public void The_loss_of_the_newest_checkpoints_event_does_not_go_unnoticed()
    {
        using var server = PostgresServer.Start();
        using var commands = new Commands();
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "20m", "--checkpoint", server.Connection]));
        server.Ask("select nextval(pg_get_serial_sequence('journal', 'ordering'))"); // what an insert leaves that is rolled back
        Assert.Equal(0, commands.Run("resume", server.Connection, "--for", "40m"));
        server.Ask("delete from journal where ordering = (select max(ordering) from journal)");

        string refusal = $"error: database {server.Name} cannot be resumed from, it is damaged: events are missing from its journal; it has not been changed\n";
        Assert.Equal(refusal, commands.Refuse("resume", server.Connection, "--for", "1h"));
        Assert.Equal(refusal, commands.Refuse("resume", server.Connection, "--for", "1h", "--from", "20m"));
        server.Ask("delete from journal");
        Assert.Contains("holds something else: resume from it, or name another database",
            commands.Refuse([.. Commands.Soak, "--for", "20m", "--checkpoint", server.Connection]));
    }

    /// <summary>Making its tables waits for another connection's, and there the server dies.</summary>
    [PostgresFact]
    public void A_server_that_dies_while_its_tables_are_made_is_noticed_at_once()
    {
        using var server = PostgresServer.Start();
        using NpgsqlConnection other = server.Open();
        using CheckpointStore store = WaitingForTables(server, other);
        server.Stop();
        Assert.False(store.Flush(TimeSpan.FromSeconds(10), TimeSpan.Zero));
        Assert.NotNull(store.Trouble);
        Assert.StartsWith($"cannot write to {server.Name}: ", store.NextNote());

        server.Resume();
        Assert.True(store.Flush(TimeSpan.Zero, TimeSpan.FromSeconds(30)));
        Assert.Null(store.Trouble);
        Assert.Equal($"{server.Name} can be written again", store.NextNote());
    }

    [PostgresFact]
    public void A_server_that_takes_long_to_make_its_tables_is_no_failure()
    {
        using var server = PostgresServer.Start();
        using NpgsqlConnection other = server.Open();
        using CheckpointStore store = WaitingForTables(server, other);
        Assert.False(store.Flush(TimeSpan.FromSeconds(4), TimeSpan.Zero)); // longer than it takes to try again
        Assert.Null(store.Trouble);
        other.Close();
        Assert.True(store.Flush(Commands.Patience, TimeSpan.Zero));
        Assert.Equal(0, store.Failures);
    }

    /// <summary>A store with one summary, whose tables cannot be made as long as the other connection is open.</summary>
    private static CheckpointStore WaitingForTables(PostgresServer server, NpgsqlConnection other)
    {
        using (var command = new NpgsqlCommand("begin; create table journal (x integer)", other))
        {
            command.ExecuteNonQuery();
        }

        var store = CheckpointStore.Create(CheckpointLocation.Parse(server.Connection), new RunBegan("program", "command", "identity", 1), keep: 1);
        store.AddRow(1, "one");
        server.Until("exists (select 1 from pg_locks where not granted)");
        return store;
    }

    private static void StopOnceSaved(PostgresServer server)
    {
        server.UntilSaved();
        server.Stop();
    }

    private static void React(string line, params (string Word, Action Act)[] reactions)
    {
        foreach ((string word, Action act) in reactions)
        {
            if (line.StartsWith(word, StringComparison.Ordinal))
            {
                act();
            }
        }
    }
}
