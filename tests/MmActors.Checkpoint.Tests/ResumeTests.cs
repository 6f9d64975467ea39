using System.Text.Json;

namespace MmActors.Checkpoint.Tests;

/// <summary>A soak that was stopped and resumed gives what it would have given otherwise.</summary>
public class ResumeTests
{
    [Fact]
    public void A_resumed_soak_ends_like_one_that_was_left_alone()
    {
        using var commands = new Commands();
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "2h"]));
        (string hash, string[] rows) = (commands.Hash, commands.Rows);

        string file = commands.PathOf("soak.db");
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "1h", "--checkpoint", file, "--checkpoint-every", "10m"]));
        Assert.Contains("last checkpoint at 1h in ", commands.Error);
        Assert.Equal(0, commands.Run("resume", file, "--for", "2h", "--format", "csv"));

        Assert.Contains("resumed at 1h of 2h: mmactors soak underused-thp", commands.Error);
        Assert.Equal(hash, commands.Hash);
        Assert.Equal(6, rows.Length);
        Assert.Equal(rows, commands.Rows);
    }

    [Fact]
    public void Saving_changes_nothing_in_a_run()
    {
        using var commands = new Commands();
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "1h"]));
        string hash = commands.Hash;
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "1h", "--checkpoint", commands.PathOf("a.db"), "--checkpoint-every", "10m"]));
        Assert.Equal(hash, commands.Hash);
    }

    [Fact]
    public void Stopping_saves_and_says_where_it_stopped()
    {
        using var commands = new Commands();
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "2h"]));
        string hash = commands.Hash;

        string file = commands.PathOf("soak.db");
        using var cancel = new CancellationTokenSource();
        int code = commands.Run(
            cancel.Token,
            line => CancelWhen(cancel, line.Contains("40m of 2h simulated", StringComparison.Ordinal)),
            [.. Commands.Soak, "--for", "2h", "--checkpoint", file, "--checkpoint-every", "1h"]);

        Assert.Equal(0, code);
        Assert.Contains("\nstopped at 40m of 2h\n", commands.Error);
        Assert.Contains("\nlast checkpoint at 40m in ", commands.Error);
        Assert.Equal(2, commands.Rows.Length); // and no third one, of no time at all
        Assert.Equal(0, commands.Run("resume", file, "--format", "csv"));
        Assert.Equal(hash, commands.Hash);
    }

    [Fact]
    public void An_older_checkpoint_is_taken_on_request_and_only_so_many_are_kept()
    {
        using var commands = new Commands();
        string file = commands.PathOf("soak.db");
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "1h", "--checkpoint", file, "--keep", "2"]));
        string hash = commands.Hash;
        Assert.Equal(0, commands.Run("resume", file, "--for", "80m", "--keep", "2"));
        Assert.Equal(0, commands.Run("resume", file, "--for", "100m", "--keep", "2"));
        Assert.Contains("there are some at 80m, 100m\n", commands.Refuse("resume", file, "--from", "1h", "--for", "3h"));

        Assert.Equal(0, commands.Run("resume", file, "--from", "99m", "--for", "101m", "--format", "csv"));
        Assert.Contains("resumed at 80m of 101m", commands.Error);
        Assert.NotEqual(hash, commands.Hash);
    }

    /// <summary>In a process of its own, as long as it is wanted.</summary>
    [Fact]
    public async Task A_resumed_soak_is_watched_like_any_other()
    {
        using var commands = new Commands();
        string file = commands.PathOf("soak.db");
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "20m", "--checkpoint", file]));
        int port = PostgresServer.FreePort();
        using var resumed = new Victim("resume", file, "--for", "3650d", "--watch-port", $"{port}");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        double seconds = 0;
        await resumed.Until(() => (seconds = SimulatedSeconds(client)) > 0, "answers on /metrics");
        Assert.InRange(seconds, 1201, 3650 * 86400.0);
        Assert.StartsWith("{\"status\": \"ok\", ", await client.GetStringAsync("/health"));
        resumed.Kill();
    }

    [Fact]
    public void A_finished_run_says_that_it_is_finished()
    {
        using var commands = new Commands();
        string file = commands.PathOf("soak.db");
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "20m", "--checkpoint", file]));
        Assert.Equal("error: the run is at 20m of 20m already: '--for' takes more to go on\n", commands.Refuse("resume", file));
    }

    /// <summary>What the run says of its time; 0 while it says nothing.</summary>
    private static double SimulatedSeconds(HttpClient client)
    {
        try
        {
            using JsonDocument figures = JsonDocument.Parse(client.GetStringAsync("/metrics").Result);
            return figures.RootElement.GetProperty("simulated").TryGetProperty("time_s", out JsonElement time) ? time.GetDouble() : 0;
        }
        catch (AggregateException fault) when (fault.InnerException is HttpRequestException)
        {
            return 0; // not listening yet
        }
    }

    private static void CancelWhen(CancellationTokenSource cancel, bool isTime)
    {
        if (isTime)
        {
            cancel.Cancel();
        }
    }
}
