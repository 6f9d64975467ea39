using System.Globalization;
using MmActors.Experiments.Soaking;

namespace MmActors.Experiments.Rendering;

/// <summary>One figure of a summary.</summary>
/// <param name="Name">Its name in every format.</param>
/// <param name="Value">Its value.</param>
/// <param name="IsMeasured">It was measured, not simulated.</param>
public readonly record struct SummaryFigure(string Name, string Value, bool IsMeasured);

/// <summary>The figures of a whole soak: simulated ones first, then what it cost here and now.</summary>
public static class SoakSummary
{
    private static readonly string[] Thirds = ["first", "middle", "last"];
    private static readonly string[] OfOneMoment = ["period", "end_s", "free_mib", "used_percent", "swap_used_mib", "audits"];

    /// <summary>What was counted, by the names of the columns.</summary>
    public static IEnumerable<(string Name, double Value)> Counts(SoakTotals totals)
    {
        var whole = new SoakPeriod(0, TimeSpan.Zero, TimeSpan.Zero, totals)
        {
            Alive = (int)(totals.Started - totals.Exited),
            FreePages = 0,
            Used = 0,
            SwapUsed = 0,
            Audits = 0,
            MeasuredRss = 0,
            MeasuredWall = TimeSpan.Zero,
        };
        return SoakColumns.Simulated.Where(static column => !OfOneMoment.Contains(column.Name))
            .Select(column => (column.Name, column.Value(whole)));
    }

    /// <summary>The figures in the order they are written.</summary>
    public static IEnumerable<SummaryFigure> Of(SoakResult result)
    {
        yield return new("end_s", Text(result.Time.TotalSeconds), false);
        yield return new("hash", result.Hash, false);
        yield return new("violations", "0", false);
        yield return new("audits", Text(result.Audits), false);
        foreach ((string name, double value) in Counts(result.Totals))
        {
            yield return new(name, Text(value), false);
        }

        for (int third = 0; third < Thirds.Length; third++)
        {
            yield return new(
                $"measured_rss_{Thirds[third]}_third_mib",
                ((double)result.MeasuredThirds[third] / (1 << 20)).ToString("F1", CultureInfo.InvariantCulture), true);
        }

        yield return new("measured_wall_s", result.MeasuredWall.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture), true);
        yield return new("measured_processor_s", result.MeasuredProcessor.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture), true);
        yield return new("measured_times_real_time", Text(Rate(result)), true);
    }

    /// <summary>0 for a run that was stopped before it had begun, which took no time at all.</summary>
    private static double Rate(SoakResult result) =>
        result.MeasuredWall > TimeSpan.Zero ? Math.Round(result.Time / result.MeasuredWall) : 0;

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
