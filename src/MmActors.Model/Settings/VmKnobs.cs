using System.Globalization;

namespace MmActors.Model.Settings;

/// <summary>What the kernel answers to one write below /proc/sys/vm.</summary>
/// <param name="File">The file written.</param>
/// <param name="Value">The number it took; meaningless when it was refused.</param>
/// <param name="Error">Null on success, else the errno name and its reason, e.g.
/// <c>EINVAL: swappiness takes 0…200, not 201</c>.</param>
public readonly record struct VmWrite(VmFile File, int Value, string? Error)
{
    /// <summary>True when the kernel took the value.</summary>
    public bool Accepted => Error is null;
}

/// <summary>The writable files below /proc/sys/vm and how the kernel reads what is written to them (TC-10).</summary>
public static class VmKnobs
{
    /// <summary>The directory the file names are relative to.</summary>
    public const string Directory = "/proc/sys/vm/";

    private static readonly (string Name, VmFile File, int Least, int Most, string Allowed)[] Files =
    [
        ("swappiness", VmFile.Swappiness, 0, 200, "0…200"),
        ("min_free_kbytes", VmFile.MinFreeKbytes, 0, int.MaxValue, "0…2147483647"),
        ("watermark_scale_factor", VmFile.WatermarkScaleFactor, 1, 3000, "1…3000"),
        ("drop_caches", VmFile.DropCaches, 1, 3, "1, 2 or 3"),
    ];

    /// <summary>Names of all files, in the order of TC-10 and drop_caches last.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Files.Select(static file => file.Name)];

    /// <summary>Names of the files that hold a setting: all but drop_caches, which only acts.</summary>
    public static IReadOnlyList<string> SettingNames { get; } =
        [.. Files.Where(static file => file.File != VmFile.DropCaches).Select(static file => file.Name)];

    /// <summary>Judges one write of a decimal number; a single trailing newline is allowed, as from <c>echo</c>. A number
    /// in another base, which the kernel would convert, is refused, and so is the 4 of drop_caches, which only silences
    /// its log line.</summary>
    /// <param name="name">The file's name without directory.</param>
    /// <param name="value">What is written to it.</param>
    public static VmWrite Write(string name, string value)
    {
        foreach (var file in Files)
        {
            if (file.Name == name)
            {
                return TryNumber(value, out var number) && number >= file.Least && number <= file.Most
                    ? new VmWrite(file.File, number, null)
                    : new VmWrite(file.File, 0, $"EINVAL: {name} takes {file.Allowed}, not {Quote(value)}");
            }
        }

        return new VmWrite(default, 0, $"ENOENT: no file '{name}' below {Directory}");
    }

    /// <summary>The settings after an accepted write; drop_caches changes none.</summary>
    public static VmSettings Apply(VmSettings current, VmWrite write)
    {
        ArgumentNullException.ThrowIfNull(current);
        return write.File switch
        {
            VmFile.Swappiness => current with { Swappiness = write.Value },
            VmFile.MinFreeKbytes => current with { MinFreeKbytes = write.Value },
            VmFile.WatermarkScaleFactor => current with { WatermarkScaleFactor = write.Value },
            _ => current,
        };
    }

    private static bool TryNumber(string value, out int number)
    {
        var digits = WithoutNewline(value);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && digits is ['0'] or [not '0', ..];
    }

    private static string WithoutNewline(string value) => value.EndsWith('\n') ? value[..^1] : value;

    private static string Quote(string value) => WithoutNewline(value) is { Length: > 0 } text ? text : "an empty line";
}
