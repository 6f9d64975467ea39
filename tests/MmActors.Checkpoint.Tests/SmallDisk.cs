using System.Diagnostics;

namespace MmActors.Checkpoint.Tests;

/// <summary>A file system of a few megabytes in memory, mounted for one test.</summary>
internal sealed class SmallDisk : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public SmallDisk(string options)
    {
        Folder = Directory.CreateTempSubdirectory("mmactors-disk-").FullName;
        Assert.Equal(0, Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", Folder));
    }

    /// <summary>Whether one can be mounted here: as root, and not in every container.</summary>
    public static bool IsPossible { get; } = TryMount();

    public string Folder { get; }

    /// <summary>Changes its size, or whether it can be written: that it may not be while a file is open for writing, so it is tried
    /// until whoever has one closes it.</summary>
    public void Change(string options)
    {
        long begin = Stopwatch.GetTimestamp();
        while (Run("mount", "-o", $"remount,{options}", Folder) != 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < Patience, $"'{Folder}' could not be mounted again as '{options}' within {Patience.TotalMinutes} minutes");
        }
    }

    public void Dispose()
    {
        Run("umount", "-l", Folder);
        Directory.Delete(Folder);
    }

    private static bool TryMount()
    {
        if (Environment.UserName != "root" || !File.Exists("/usr/bin/mount"))
        {
            return false;
        }

        string folder = Directory.CreateTempSubdirectory("mmactors-disk-").FullName;
        bool isMounted = Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder) == 0;
        if (isMounted)
        {
            Run("umount", folder);
        }

        Directory.Delete(folder);
        return isMounted;
    }

    private static int Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}

/// <summary>A test that mounts a file system: shown as skipped where it may not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute()
    {
        if (!SmallDisk.IsPossible)
        {
            Skip = "no file system can be mounted here";
        }
    }
}
