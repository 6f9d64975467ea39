using System.Globalization;

namespace MmActors.Experiments.Rendering;

/// <summary>Numbers as reports show them: invariant culture, unit in the column title, a dash where there is
/// none.</summary>
internal static class Figures
{
    /// <summary>Shown where a figure does not exist.</summary>
    public const string None = "-";

    /// <summary>A whole number with thousands separators.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number with a fixed count of decimals.</summary>
    public static string Fixed(double value, int decimals) =>
        value.ToString($"F{decimals}", CultureInfo.InvariantCulture);

    /// <summary>A simulated time in seconds, without trailing zeros: <c>10</c>, <c>152.4</c>.</summary>
    public static string Seconds(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A simulated time with its unit; one that would be nothing in hundredths of a second in milliseconds.</summary>
    public static string Span(TimeSpan value) => value >= TimeSpan.FromMilliseconds(100) || value == TimeSpan.Zero
        ? $"{Seconds(value.TotalSeconds)} s" : $"{Seconds(value.TotalMilliseconds)} ms";

    /// <summary>A relative change such as <c>-55.4%</c>; a dash if the reference is zero.</summary>
    public static string Change(double value, double reference) => reference == 0
        ? None
        : ((value / reference) - 1).ToString("+0.0%;-0.0%;0.0%", CultureInfo.InvariantCulture);

    /// <summary>A share such as <c>21.2%</c>.</summary>
    public static string Share(double value) => value.ToString("0.0%", CultureInfo.InvariantCulture);

    /// <summary>Pages as MiB.</summary>
    public static string Mebibytes(long pages) => Fixed(pages / 256.0, 1);

    /// <summary>"1 range", "8 ranges".</summary>
    public static string Plural(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>"a", "a and b", "a, b and c".</summary>
    public static string And(IReadOnlyList<string> words) => words.Count switch
    {
        0 => "none",
        1 => words[0],
        _ => $"{string.Join(", ", words.Take(words.Count - 1))} and {words[^1]}",
    };
}
