using System.Globalization;
using MmActors.Experiments.Checkpoints;

namespace MmActors.Checkpoint.Tests;

/// <summary>A soak in a process of its own that is killed without warning and goes on in another one.</summary>
public class KillTests
{
    private static readonly string[] Soak =
        ["soak", "underused-thp", "--tasks", "3", "--seed", "5", "--report-every", "4h", "--format", "csv"];

    /// <summary>So long that no computer gets to the end of it: it is always killed while it runs.</summary>
    private static readonly string[] Endless = ["--for", "3650d"];

    /// <summary>As often as the store can keep up with, so that one is being written at almost any moment.</summary>
    private static readonly string[] Often = ["--checkpoint-every", "10m"];

    [Fact]
    public async Task A_run_killed_at_several_moments_ends_like_one_that_was_left_alone()
    {
        using var commands = new Commands();
        string file = commands.PathOf("soak.db");

        // Before it can have a checkpoint; then, three times, when it has a new one and is at work on the next.
        await KillWhen(() => File.Exists(file), "makes its file", [.. Soak, .. Endless, "--checkpoint", file, .. Often]);
        for (int death = 0; death < 3; death++)
        {
            int had = LastCheckpoint(file)?.Number ?? 0;
            string[] command = had > 0 ? ["resume", file, .. Often] : [.. Soak, .. Endless, "--checkpoint", file, .. Often];
            await KillWhen(() => LastCheckpoint(file)?.Number > had, $"stores checkpoint {had + 1}", command);
            Assert.True(death == 0 || had > 0);
        }

        string end = string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(LastCheckpoint(file)!.Time.TotalHours) + 8}h");
        Assert.Equal(0, commands.Run("resume", file, "--for", end, "--format", "csv"));
        Assert.Contains("resumed at ", commands.Error); // after a word about the checkpoint that was being written
        (string hash, string[] rows) = (commands.Hash, commands.Rows);

        Assert.Equal(0, commands.Run([.. Soak, "--for", end]));
        Assert.Equal(commands.Hash, hash);
        Assert.Equal(commands.Rows, rows);
    }

    /// <summary>The newest complete checkpoint; null while there is none.</summary>
    private static CheckpointManifest? LastCheckpoint(string file)
    {
        try
        {
            using StoredRun stored = StoredRun.Open(CheckpointLocation.Parse(file));
            return stored.History.Checkpoints.LastOrDefault();
        }
        catch (CheckpointRefusedException)
        {
            return null; // killed before it had begun, or just beginning
        }
    }

    private static async Task KillWhen(Func<bool> isSo, string what, string[] command)
    {
        using var process = new Victim(command);
        await process.Until(isSo, what);
        process.Kill();
    }
}
