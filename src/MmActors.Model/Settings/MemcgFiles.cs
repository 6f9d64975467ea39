namespace MmActors.Model.Settings;

/// <summary>The writable files of a memory cgroup by their kernel names, and which of them hold a limit.</summary>
public static class MemcgFiles
{
    /// <summary>Where the hierarchy is mounted; paths of groups are relative to it.</summary>
    public const string Directory = "/sys/fs/cgroup/";

    /// <summary>Least memory.max the model takes, in pages: a charge is first tried with a batch of this size
    /// (RC-60).</summary>
    public const long LeastMaxPages = 64;

    private static readonly (string Name, MemcgFile File)[] Files =
    [
        ("memory.max", MemcgFile.Max), ("memory.high", MemcgFile.High), ("memory.low", MemcgFile.Low),
        ("memory.min", MemcgFile.Min), ("memory.swap.max", MemcgFile.SwapMax), ("memory.reclaim", MemcgFile.Reclaim),
    ];

    /// <summary>Names of all files.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Files.Select(static file => file.Name)];

    /// <summary>Names of the files that hold a limit: all but memory.reclaim, which only acts.</summary>
    public static IReadOnlyList<string> LimitNames { get; } =
        [.. Files.Where(static file => file.File != MemcgFile.Reclaim).Select(static file => file.Name)];

    /// <summary>The file of a name; null when the model knows none.</summary>
    public static MemcgFile? Find(string name)
    {
        foreach (var file in Files)
        {
            if (file.Name == name)
            {
                return file.File;
            }
        }

        return null;
    }

    /// <summary>The kernel's name of a file.</summary>
    public static string NameOf(MemcgFile file) => Array.Find(Files, known => known.File == file).Name;

    /// <summary>Whether the root group has this file: it can be reclaimed from, but has no limits.</summary>
    public static bool ExistsInRoot(MemcgFile file) => file == MemcgFile.Reclaim;

    /// <summary>The limits after a write of so many pages; memory.reclaim changes none.</summary>
    public static MemcgLimits Write(MemcgLimits current, MemcgFile file, long pages)
    {
        ArgumentNullException.ThrowIfNull(current);
        return file switch
        {
            MemcgFile.Max => current with { MaxPages = pages },
            MemcgFile.High => current with { HighPages = pages },
            MemcgFile.Low => current with { LowPages = pages },
            MemcgFile.Min => current with { MinPages = pages },
            MemcgFile.SwapMax => current with { SwapMaxPages = pages },
            _ => current,
        };
    }
}
