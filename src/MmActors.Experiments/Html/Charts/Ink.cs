using System.Globalization;
using System.Text.RegularExpressions;
using OxyPlot;

namespace MmActors.Experiments.Html.Charts;

/// <summary>Colours of the charts by their role. A drawing names the role; the style sheet of the page says what it looks like
/// in light, in dark and on paper.</summary>
internal static partial class Ink
{
    private static readonly string[] Roles =
        ["ink", "muted", "rule", "page", "none", "small", "huge", "lazyfree", "swapped", "anon-inactive", "anon-active", "file-active", "free"];

    /// <summary>Text, ticks and khugepaged.</summary>
    public static OxyColor Text => Of("ink");

    /// <summary>Secondary text.</summary>
    public static OxyColor Muted => Of("muted");

    /// <summary>Axis lines.</summary>
    public static OxyColor Rule => Of("rule");

    /// <summary>The background.</summary>
    public static OxyColor Page => Of("page");

    /// <summary>The colour of a role.</summary>
    public static OxyColor Of(string role) => OxyColor.FromRgb((byte)(Array.IndexOf(Roles, role) + 1), 7, 77);

    /// <summary>Replaces the stand-ins in a drawing by the style sheet's colours.</summary>
    public static string Resolve(string svg) => StandIn().Replace(svg, static match =>
        $"var(--{Roles[int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) - 1]})");

    [GeneratedRegex(@"rgb\((\d+),7,77\)")]
    private static partial Regex StandIn();
}
