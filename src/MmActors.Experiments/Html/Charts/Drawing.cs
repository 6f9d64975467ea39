using System.Globalization;
using System.Text.RegularExpressions;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;

namespace MmActors.Experiments.Html.Charts;

/// <summary>A drawing of lanes, one below the other, above one common axis; written as SVG that takes its colours from the page and
/// its width from whatever holds it.</summary>
internal sealed partial class Drawing
{
    /// <summary>Width in drawing units; a phone shows it at four fifths of that.</summary>
    public const double Width = 470;

    /// <summary>Room left of the lanes.</summary>
    public const double Left = 44;

    /// <summary>Room right of the lanes.</summary>
    public const double Right = 20;

    private const double Gap = 24;
    private const double Bottom = 50;
    private const double FontSize = 13;

    private readonly double[] _heights;
    private readonly double _inner;
    private double _used;

    /// <summary>A drawing for lanes of these heights.</summary>
    public Drawing(IEnumerable<double> heights)
    {
        _heights = [.. heights];
        _inner = _heights.Sum() + (Gap * _heights.Length);
        Model = new PlotModel
        {
            PlotMargins = new OxyThickness(Left, 0, Right, Bottom),
            Padding = new OxyThickness(0),
            PlotAreaBorderThickness = new OxyThickness(0),
            TextColor = Ink.Text,
            DefaultFontSize = FontSize,
            IsLegendVisible = false,
        };
    }

    /// <summary>What is drawn.</summary>
    public PlotModel Model { get; }

    /// <summary>Units of the x axis per drawing unit.</summary>
    public double PerUnit => (Model.Axes[0].Maximum - Model.Axes[0].Minimum) / (Width - Left - Right);

    /// <summary>Adds the common axis; comes first.</summary>
    public void AddBottomAxis(double minimum, double maximum, double step, string title, Func<double, string>? label = null) =>
        Model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom,
            Minimum = minimum,
            Maximum = maximum,
            MajorStep = step,
            MinorTickSize = 0,
            MajorTickSize = 4,
            TicklineColor = Ink.Rule,
            AxislineColor = Ink.Rule,
            AxislineStyle = LineStyle.Solid,
            TextColor = Ink.Muted,
            TitleColor = Ink.Muted,
            Title = title,
            AxisTitleDistance = 8,
            LabelFormatter = label ?? (static value => value.ToString("0.###", CultureInfo.InvariantCulture)),
        });

    /// <summary>Adds the next lane from the top: its axis from 0 to <paramref name="maximum"/>, and its title above it.</summary>
    /// <param name="key">Name of the axis, for the series of the lane.</param>
    /// <param name="title">Left above the lane.</param>
    /// <param name="note">Right above the lane.</param>
    /// <param name="maximum">The end of its axis; the only label besides 0.</param>
    /// <param name="isDownward">Whether 0 is at the top.</param>
    public void AddLane(string key, string title, string note, double maximum, bool isDownward)
    {
        var height = _heights[Model.Axes.Count - 1];
        var (top, bottom) = (1 - ((_used + Gap) / _inner), 1 - ((_used + Gap + height) / _inner));
        _used += height + Gap;
        Model.Axes.Add(new LinearAxis
        {
            Key = key,
            Position = AxisPosition.Left,
            StartPosition = isDownward ? top : bottom,
            EndPosition = isDownward ? bottom : top,
            Minimum = 0,
            Maximum = maximum,
            MajorStep = maximum,
            MinorTickSize = 0,
            MajorTickSize = 4,
            TicklineColor = Ink.Rule,
            AxislineColor = Ink.Rule,
            AxislineStyle = LineStyle.Solid,
            TextColor = Ink.Muted,
            LabelFormatter = static value => value.ToString("#,0.###", CultureInfo.InvariantCulture),
        });
        var x = Model.Axes[0];
        var end = isDownward ? 0 : maximum;
        Caption(key, x.Minimum, end, title, isLeft: true, isDownward);
        Caption(key, x.Maximum, end, note, isLeft: false, isDownward);
    }

    /// <summary>The SVG element.</summary>
    /// <param name="id">Unique in the page.</param>
    /// <param name="label">What a reader who cannot see it is told.</param>
    public string ToSvg(string id, string label)
    {
        var height = _inner + Bottom;
        var svg = new SvgExporter { Width = Width, Height = height, IsDocument = false }.ExportToString(Model);
        var body = svg[(svg.IndexOf('>', svg.IndexOf("<svg", StringComparison.Ordinal)) + 1)..];
        var size = string.Create(CultureInfo.InvariantCulture, $"{Width:0} {height:0}");
        body = Ink.Resolve(ClipName().Replace(body, $"$1{id}-clip"));
        body = EmptyGroup().Replace(LineBreak().Replace(Font().Replace(body, ""), ""), "");
        return $"<svg id=\"{id}\" viewBox=\"0 0 {size}\" role=\"img\" aria-label=\"{Markup.Escape(label)}\">{body}";
    }

    /// <summary>Text right above a lane; on an axis that runs downward the library turns the offset round.</summary>
    private void Caption(string key, double x, double y, string text, bool isLeft, bool isDownward)
    {
        if (text.Length > 0)
        {
            Model.Annotations.Add(new TextAnnotation
            {
                YAxisKey = key,
                TextPosition = new DataPoint(x, y),
                Text = text,
                TextHorizontalAlignment = isLeft ? HorizontalAlignment.Left : HorizontalAlignment.Right,
                TextVerticalAlignment = VerticalAlignment.Bottom,
                TextColor = isLeft ? Ink.Text : Ink.Muted,
                FontWeight = isLeft ? FontWeights.Bold : FontWeights.Normal,
                StrokeThickness = 0,
                Padding = new OxyThickness(0),
                Offset = new ScreenVector(0, isDownward ? 4 : -4),
                ClipByXAxis = false,
                ClipByYAxis = false,
            });
        }
    }

    [GeneratedRegex("(id=\"|url\\(#)clipPath")]
    private static partial Regex ClipName();

    [GeneratedRegex(" font-family=\"[^\"]*\"")]
    private static partial Regex Font();

    [GeneratedRegex(@"\r?\n\s*")]
    private static partial Regex LineBreak();

    [GeneratedRegex(@"<defs><clipPath id=""[^""]*""><rect [^>]*/></clipPath></defs><g clip-path=""[^""]*"" />")]
    private static partial Regex EmptyGroup();
}
