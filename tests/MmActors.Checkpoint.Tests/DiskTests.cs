namespace MmActors.Checkpoint.Tests;

/// <summary>Disks that are full, or cannot be written.</summary>
public class DiskTests
{
    [SmallDiskFact]
    public void A_full_disk_is_told_of_once_and_a_larger_one_is_used_again()
    {
        using var disk = new SmallDisk("size=300k");
        using var commands = new Commands();
        string file = Path.Combine(disk.Folder, "soak.db");
        commands.RunUntilSaid(
            "can be written again",
            line => Enlarge(disk, line),
            [.. Commands.Soak, "--for", "3650d", "--checkpoint", file, "--checkpoint-every", "10m"]);

        Assert.Contains($"checkpoint: cannot write to {file}: the disk is full; trying again until it works\n", commands.Error);
        Assert.Contains($"checkpoint: {file} can be written again\n", commands.Error);
        Assert.Contains("; everything is stored now\n", commands.Error);
        commands.RequireSameEnd(file);
    }

    [SmallDiskFact]
    public void A_disk_that_stays_full_leaves_the_run_and_its_rows_alone()
    {
        using var disk = new SmallDisk("size=300k");
        using var commands = new Commands();
        string file = Path.Combine(disk.Folder, "soak.db");
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "1h", "--checkpoint", file, "--checkpoint-every", "10m"]));
        Assert.Equal(3, commands.Rows.Length);
        Assert.Matches("checkpoints failed [0-9]+ times; NOT stored: [0-3] summaries and the last checkpoint \\(the disk is full\\)\n", commands.Error);
        Assert.Equal(2, commands.Run([.. Commands.Soak, "--for", "1h", "--checkpoint", file + "2", "--on-checkpoint-failure", "stop"]));
    }

    [SmallDiskFact]
    public void A_read_only_directory_is_refused_before_anything_runs()
    {
        using var disk = new SmallDisk("size=1m,ro");
        using var commands = new Commands();
        string file = Path.Combine(disk.Folder, "soak.db");
        Assert.Equal(
            $"error: cannot write checkpoints to '{file}': the file cannot be opened or created there\n",
            commands.Refuse([.. Commands.Soak, "--for", "1h", "--checkpoint", file]));
    }

    [SmallDiskFact]
    public void A_directory_that_becomes_read_only_is_told_of_once()
    {
        using var disk = new SmallDisk("size=64m");
        using var commands = new Commands();
        string file = Path.Combine(disk.Folder, "soak.db");
        int code = commands.Run(
            CancellationToken.None,
            line => Lock(disk, line),
            [.. Commands.Soak, "--for", "1h", "--checkpoint", file, "--checkpoint-every", "30m"]);

        Assert.Equal(0, code);
        Assert.Equal(3, commands.Rows.Length);
        Assert.Contains($"checkpoint: cannot write to {file}: ", commands.Error);
        Assert.Contains("NOT stored: ", commands.Error);
    }

    private static void Enlarge(SmallDisk disk, string line)
    {
        if (line.Contains("the disk is full", StringComparison.Ordinal))
        {
            disk.Change("size=64m");
        }
    }

    private static void Lock(SmallDisk disk, string line)
    {
        if (line.Contains("20m of 1h", StringComparison.Ordinal))
        {
            disk.Change("ro");
        }
    }
}
