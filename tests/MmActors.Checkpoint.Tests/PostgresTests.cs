using System.Diagnostics;
using MmActors.Experiments.Checkpoints;

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

    /// <summary>A server that is gone before the run has opened it is another matter.</summary>
    private static void StopOnceSaved(PostgresServer server)
    {
        var patience = Stopwatch.StartNew();
        while (!HoldsCheckpoint(server))
        {
            Assert.True(patience.Elapsed < Commands.Patience, "no checkpoint was stored");
        }

        server.Stop();
    }

    private static bool HoldsCheckpoint(PostgresServer server)
    {
        try
        {
            using StoredRun stored = StoredRun.Open(CheckpointLocation.Parse(server.Connection));
            return stored.History.Checkpoints.Count > 0;
        }
        catch (CheckpointRefusedException)
        {
            return false; // not even the beginning of a run
        }
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
