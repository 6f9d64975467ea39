using System.Collections.Immutable;
using System.Globalization;
using MmActors.Experiments.Soaking;
using MmActors.Model.Units;

namespace MmActors.Experiments.Rendering;

/// <summary>One column of the rolling summaries.</summary>
/// <param name="Name">Its name in JSON and CSV.</param>
/// <param name="Head">Its head in a table.</param>
/// <param name="Width">Its width there.</param>
/// <param name="Value">Its value in a row.</param>
internal sealed record SoakColumn(string Name, string Head, int Width, Func<SoakPeriod, double> Value)
{
    /// <summary>How the value is written.</summary>
    public string Format { get; init; } = "F0";

    /// <summary>The value as every format writes it.</summary>
    public string Text(SoakPeriod period) => Value(period).ToString(Format, CultureInfo.InvariantCulture);
}

/// <summary>The columns of the rolling summaries: what was simulated, and apart from it what was measured.</summary>
internal static class SoakColumns
{
    private const double BytesPerMebibyte = 1 << 20;

    /// <summary>Equal for every run with the same command line.</summary>
    public static readonly ImmutableArray<SoakColumn> Simulated =
    [
        new("period", "period", 6, static row => row.Number),
        new("end_s", "days", 7, static row => row.End.TotalSeconds) { Format = "0.#######" },
        new("alive", "alive", 5, static row => row.Alive),
        new("started", "started", 7, static row => row.Counts.Started),
        new("forked", "forked", 7, static row => row.Counts.Forked),
        new("exited", "exited", 7, static row => row.Counts.Exited),
        new("oom_kill", "OOM", 5, static row => row.Counts.OomKilled),
        new("events", "events", 9, static row => row.Counts.Events),
        new("messages", "messages", 9, static row => row.Counts.Steps),
        new("pgfault", "faults", 9, static row => row.Counts.Faults),
        new("pgmajfault", "major", 8, static row => row.Counts.MajorFaults),
        new("thp_fault_alloc", "huge faults", 11, static row => row.Counts.HugeFaults),
        new("pages_collapsed", "collapses", 9, static row => row.Counts.Collapses),
        new("pglazyfree", "lazyfree", 9, static row => row.Counts.Lazyfree),
        new("pglazyfreed", "lazyfreed", 9, static row => row.Counts.Lazyfreed),
        new("pswpin", "swap-in", 9, static row => row.Counts.SwappedIn),
        new("pswpout", "swap-out", 9, static row => row.Counts.SwappedOut),
        new("thp_split_page", "splits", 8, static row => row.Counts.Splits),
        new("thp_underused_split_page", "underused", 9, static row => row.Counts.UnderusedSplits),
        new("pgscan", "scanned", 10, static row => row.Counts.Scanned),
        new("pageoutrun", "kswapd", 7, static row => row.Counts.KswapdRuns),
        new("allocstall", "direct", 7, static row => row.Counts.DirectReclaims),
        new("full_scans", "full scans", 10, static row => row.Counts.FullScans),
        new("free_mib", "free MiB", 8, static row => row.FreePages * (double)Geometry.PageSize / BytesPerMebibyte),
        new("used_percent", "used %", 6, static row => 100 * row.Used) { Format = "F1" },
        new("swap_used_mib", "swap MiB", 8, static row => row.SwapUsed * (double)Geometry.PageSize / BytesPerMebibyte),
        new("audits", "audits", 6, static row => row.Audits),
    ];

    /// <summary>What the run cost here and now.</summary>
    public static readonly ImmutableArray<SoakColumn> Measured =
    [
        new("measured_rss_mib", "RSS MiB", 7, static row => row.MeasuredRss / BytesPerMebibyte),
        new("measured_wall_s", "wall s", 8, static row => row.MeasuredWall.TotalSeconds) { Format = "F2" },
    ];

    /// <summary>Those a person sees: a terminal is not wide enough for all.</summary>
    public static readonly ImmutableArray<string> Shown =
    [
        "alive", "started", "forked", "oom_kill", "events", "pgfault", "pages_collapsed", "pglazyfreed", "pswpin", "pswpout",
        "thp_split_page", "pgscan", "full_scans", "used_percent", "audits", "measured_rss_mib", "measured_wall_s",
    ];
}
