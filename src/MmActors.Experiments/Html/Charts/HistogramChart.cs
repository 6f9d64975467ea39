using System.Collections.Immutable;
using System.Globalization;
using MmActors.Experiments.Rendering;
using OxyPlot.Series;

namespace MmActors.Experiments.Html.Charts;

/// <summary>How often a duration occurred, in buckets of 1, 2, 5, 10 … µs, one lane per variant.</summary>
internal static class HistogramChart
{
    private const double LaneHeight = 44;

    /// <summary>The chart; null when there is no duration at all.</summary>
    /// <param name="variants">Durations per variant.</param>
    /// <param name="title">What is measured.</param>
    /// <param name="id">Unique in the page.</param>
    /// <param name="label">What it shows, for those who cannot see it.</param>
    public static Chart? Of(ImmutableArray<(string Variant, ImmutableArray<TimeSpan> Durations)> variants, string title, string id, string label)
    {
        var all = variants.SelectMany(static variant => variant.Durations).ToArray();
        if (all.Length == 0)
        {
            return null;
        }

        var (first, last) = (Math.Max(0, Bucket(all.Min()) - 1), Bucket(all.Max()) + 1);
        var counts = variants.Select(variant => Enumerable.Range(first, last - first + 1)
            .Select(bucket => variant.Durations.Count(duration => Bucket(duration) == bucket)).ToArray()).ToArray();
        var end = Timed.AxisEnd(counts.Max(static lane => lane.Max()));
        var drawing = new Drawing(variants.Select(static _ => LaneHeight));
        drawing.AddBottomAxis(first, last + 1, 1, title, value => (int)Math.Round(value) % 3 == 0 || last - first < 7 ? Words(LowerEnd((int)Math.Round(value))) : "");
        for (var i = 0; i < variants.Length; i++)
        {
            drawing.AddLane($"lane{i}", variants[i].Variant, Note(variants[i].Durations), end, isDownward: false);
            var boxes = Timed.Boxes($"lane{i}");
            for (var j = 0; j < counts[i].Length; j++)
            {
                if (counts[i][j] > 0)
                {
                    boxes.Items.Add(new RectangleBarItem(first + j + 0.06, 0, first + j + 0.94, counts[i][j]) { Color = Ink.Of("huge") });
                }
            }

            drawing.Model.Series.Add(boxes);
        }

        return new Chart(drawing.ToSvg(id, label), Data(variants, counts, first));
    }

    /// <summary>Bucket 0 holds everything below 1 µs.</summary>
    internal static int Bucket(TimeSpan duration)
    {
        var bucket = 0;
        while (LowerEnd(bucket + 1) <= duration.TotalMicroseconds)
        {
            bucket++;
        }

        return bucket;
    }

    private static double LowerEnd(int bucket) => bucket == 0 ? 0
        : Math.Pow(10, (bucket - 1) / 3) * (((bucket - 1) % 3) switch { 0 => 1, 1 => 2, _ => 5 });

    private static string Words(double microseconds) => microseconds switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{microseconds:0} µs"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1000:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1_000_000:0} s"),
    };

    private static string Note(ImmutableArray<TimeSpan> durations) => durations.IsEmpty ? "none"
        : string.Create(CultureInfo.InvariantCulture, $"{durations.Length:N0}, {durations.Sum(static d => d.TotalMilliseconds):N2} ms in all");

    private static Table Data(ImmutableArray<(string Variant, ImmutableArray<TimeSpan> Durations)> variants, int[][] counts, int first) => new(
        [new("at least", IsFigure: true), new("less than"), .. variants.Select(static variant => new Column(variant.Variant))],
        [.. Enumerable.Range(0, counts[0].Length).Where(j => counts.Any(lane => lane[j] > 0)).Select(j => (ImmutableArray<string>)
        [
            Words(LowerEnd(first + j)), Words(LowerEnd(first + j + 1)), .. counts.Select(lane => Figures.Count(lane[j])),
        ])],
        KeyColumns: 2);
}
