using System.Globalization;
using MmActors.Experiments.Recording;
using MmActors.Experiments.Rendering;
using OxyPlot;
using OxyPlot.Series;

namespace MmActors.Experiments.Html.Charts;

/// <summary>A drawing and the figures it is drawn from.</summary>
internal sealed record Chart(string Svg, Table Data);

/// <summary>What the charts share: axes over time, boxes, words for states.</summary>
internal static class Timed
{
    private const int MostTicks = 7;

    /// <summary>Ticks of anything shorter would have too many digits in seconds.</summary>
    private static readonly TimeSpan LeastInSeconds = TimeSpan.FromMilliseconds(10);

    /// <summary>States in the order of legends and stacks.</summary>
    public static readonly (PageState State, string Role, string Words)[] States =
    [
        (PageState.Small, "small", "4 KiB pages"), (PageState.Huge, "huge", "huge"), (PageState.Lazyfree, "lazyfree", "lazyfree"),
        (PageState.Swapped, "swapped", "swapped out"), (PageState.None, "none", "nothing mapped"),
    ];

    /// <summary>Gives the drawing an axis over the whole run.</summary>
    public static void AddTimeAxis(this Drawing drawing, TimeSpan end) =>
        drawing.AddBottomAxis(
            0, end.TotalSeconds, Step(end.TotalSeconds), end < LeastInSeconds ? "simulated time, ms" : "simulated time, s",
            end < LeastInSeconds ? static value => (1000 * value).ToString("0.###", CultureInfo.InvariantCulture) : null);

    /// <summary>A moment of a recording in seconds, with as many digits as its samples are apart.</summary>
    public static string Seconds(this RunRecording recording, double time) => recording.Interval < TimeSpan.FromMilliseconds(10)
        ? time.ToString("0.#####", CultureInfo.InvariantCulture) : Figures.Seconds(time);

    /// <summary>A series of boxes on a lane; without outline unless the box asks for one.</summary>
    public static RectangleBarSeries Boxes(string lane, OxyColor? outline = null) => new()
    {
        YAxisKey = lane,
        StrokeThickness = outline is null ? 0 : 1,
        StrokeColor = outline ?? Ink.Page,
    };

    /// <summary>1, 2 or 5 times a power of ten, so that at most so many ticks fit.</summary>
    public static double Step(double length)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(length / MostTicks)));
        foreach (var factor in (ReadOnlySpan<double>)[1, 2, 5])
        {
            if (unit * factor * MostTicks >= length)
            {
                return unit * factor;
            }
        }

        return unit * 10;
    }

    /// <summary>At least the value, with one or two leading digits, for the end of an axis.</summary>
    public static double AxisEnd(double value)
    {
        if (value <= 0)
        {
            return 1;
        }

        var unit = Math.Pow(10, Math.Floor(Math.Log10(value)));
        foreach (var factor in (ReadOnlySpan<double>)[1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8])
        {
            if (unit * factor >= value)
            {
                return unit * factor;
            }
        }

        return unit * 10;
    }
}
