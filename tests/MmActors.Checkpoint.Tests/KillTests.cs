using System.Diagnostics;
using MmActors.Experiments.Checkpoints;

namespace MmActors.Checkpoint.Tests;

/// <summary>A soak in a process of its own that is killed without warning and goes on in another one.</summary>
public class KillTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "mmactors.dll");
    private static readonly string[] Soak =
        ["soak", "underused-thp", "--tasks", "3", "--seed", "5", "--report-every", "4h", "--for", "4d", "--format", "csv"];

    [Fact]
    public void A_run_killed_at_several_moments_ends_like_one_that_was_left_alone()
    {
        using var commands = new Commands();
        Assert.Equal(0, commands.Run(Soak));
        (string hash, string[] rows) = (commands.Hash, commands.Rows);

        string file = commands.PathOf("soak.db");
        int resumed = 0;
        foreach (int rowsBeforeDeath in (int[])[15, 5, 3])
        {
            string[] command = HasCheckpoint(file) ? ["resume", file] : [.. Soak, "--checkpoint", file];
            resumed += command[0] == "resume" ? 1 : 0;
            KillAfter(rowsBeforeDeath, [.. command, "--checkpoint-every", "10m"]);
        }

        string[] last = HasCheckpoint(file) ? ["resume", file, "--format", "csv"] : [.. Soak, "--checkpoint", file];
        Assert.Equal(0, commands.Run(last));
        Assert.Equal(hash, commands.Hash);
        Assert.Equal(rows, commands.Rows);
        Assert.InRange(resumed + (last[0] == "resume" ? 1 : 0), 1, 3);
    }

    private static bool HasCheckpoint(string file)
    {
        if (!File.Exists(file))
        {
            return false;
        }

        try
        {
            using StoredRun stored = StoredRun.Open(CheckpointLocation.Parse(file));
            return stored.History.Checkpoints.Count > 0;
        }
        catch (CheckpointRefusedException)
        {
            return false; // killed before it had begun
        }
    }

    /// <summary>SIGKILL once so many rows have been told of; a checkpoint is being written then, or not.</summary>
    private static void KillAfter(int rows, string[] command)
    {
        string host = Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet";
        using Process process = Process.Start(
            new ProcessStartInfo(host, [Program, .. command]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        while (rows > 0 && process.StandardError.ReadLine() is { } line)
        {
            rows -= line.Contains(" simulated, ", StringComparison.Ordinal) ? 1 : 0;
        }

        process.Kill();
        process.WaitForExit();
        _ = output.Result;
    }
}
