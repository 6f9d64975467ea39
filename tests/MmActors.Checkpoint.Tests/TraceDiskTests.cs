namespace MmActors.Checkpoint.Tests;

/// <summary>Traces on disks that are full, or cannot be written.</summary>
public class TraceDiskTests
{
    /// <summary>Thousands of passes: its trace for the viewer is larger than the buffers, its kernel trace larger than the disk.</summary>
    private const string Long = """
        name: long
        duration: 10m
        timeline: 5m
        memory: 1G
        kernel: v6.12
        machine: native
        knobs: {khugepaged/scan_sleep_millisecs: 100}
        tasks:
          - name: idle
            program:
              - map: {region: buf, size: 32M, populate: true}
              - madvise: {region: buf, advice: hugepage}
              - sleep: 10m
        variants:
          - name: only
        """;

    [SmallDiskTheory]
    [InlineData("--perfetto", true)]
    [InlineData("--perfetto", false)]
    [InlineData("--ftrace", true)]
    public void A_disk_that_is_full_in_mid_run_is_told_of_in_one_line_and_takes_nothing_away(string option, bool isLong)
    {
        using var disk = new SmallDisk("size=1m");
        using var commands = new Commands();
        string file = Path.Combine(disk.Folder, "trace");
        File.WriteAllText(file, "what was there");
        string scenario = commands.PathOf("long.yaml");
        File.WriteAllText(scenario, Long);
        Assert.Equal(2, commands.Run(isLong ? ["run", scenario, option, file] : ["run", "mixed-load", "--variant", "both", option, file]));

        Assert.StartsWith($"error: cannot write '{file}': No space left on device", commands.Error);
        Assert.Equal(commands.Error.Length - 1, commands.Error.IndexOf('\n'));
        Assert.Contains("hash of the event stream", commands.Out); // the result is shown all the same
        Assert.Equal("what was there", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFileSystemEntries(disk.Folder));
    }

    [SmallDiskTheory]
    [InlineData("--perfetto")]
    [InlineData("--ftrace")]
    public void A_read_only_directory_is_refused_before_anything_runs(string option)
    {
        using var disk = new SmallDisk("size=1m,ro");
        using var commands = new Commands();
        string file = Path.Combine(disk.Folder, "trace");
        Assert.StartsWith(
            $"error: cannot write '{file}': Read-only file system",
            commands.Refuse("run", "mixed-load", "--variant", "both", option, file));
    }
}

/// <summary>The same for a test with several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskTheoryAttribute : TheoryAttribute
{
    public SmallDiskTheoryAttribute()
    {
        if (!SmallDisk.IsPossible)
        {
            Skip = "no file system can be mounted here";
        }
    }
}
