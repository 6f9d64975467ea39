using MmActors.Experiments.Scenarios;
using MmActors.Model.Units;

namespace MmActors.Experiments.Config;

/// <summary>Amounts with a unit: every size and every time in a file carries one, only 0 may go without.</summary>
public static class Quantity
{
    private const string SizeUnits = "B, K, M, G, T, P (4 KiB pages) or H (2 MiB huge ranges)";
    private const string TimeUnits = "us, ms, s, m, h or d";

    /// <summary>Largest size any key takes: the most memory a machine may have.</summary>
    public static readonly ByteSize MaxSize = new(4L << 40);

    /// <summary>Longest time any key takes.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromDays(3650);

    /// <summary>A size such as 128M, 4K, 512P or 64H.</summary>
    internal static ByteSize AsSize(this ConfigScalar scalar)
    {
        var (number, unit) = Split(scalar, "128M", SizeUnits);
        long scale = unit switch
        {
            "" or "B" => 1,
            "K" => 1L << 10,
            "M" => 1L << 20,
            "G" => 1L << 30,
            "T" => 1L << 40,
            "P" => Geometry.PageSize,
            "H" => Geometry.PmdSize,
            _ => throw UnknownUnit(scalar, unit, SizeUnits),
        };
        return (Int128)number * scale <= MaxSize.Bytes
            ? new ByteSize(number * scale)
            : throw scalar.Fault($"'{scalar.Label}' takes at most {MaxSize}, not {scalar.Kind}");
    }

    /// <summary>A time such as 10s, 1500ms, 2m or 30d.</summary>
    internal static TimeSpan AsTime(this ConfigScalar scalar)
    {
        var (number, unit) = Split(scalar, "10s", TimeUnits);
        long ticks = unit switch
        {
            "" => 0,
            "us" => TimeSpan.TicksPerMicrosecond,
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            "d" => TimeSpan.TicksPerDay,
            _ => throw UnknownUnit(scalar, unit, TimeUnits),
        };
        return (Int128)number * ticks <= MaxTime.Ticks
            ? TimeSpan.FromTicks(number * ticks)
            : throw scalar.Fault($"'{scalar.Label}' takes at most {(int)MaxTime.TotalDays}d, not {scalar.Kind}");
    }

    /// <summary>A time given elsewhere than in a file, e.g. on the command line.</summary>
    /// <exception cref="ScenarioException">It is none; the message names the allowed units.</exception>
    public static TimeSpan ParseTime(string label, string text) =>
        new ConfigScalar(label, 0, label, text, Quoted: false).AsTime();

    /// <summary>A size given elsewhere than in a file.</summary>
    /// <exception cref="ScenarioException">It is none; the message names the allowed units.</exception>
    public static ByteSize ParseSize(string label, string text) =>
        new ConfigScalar(label, 0, label, text, Quoted: false).AsSize();

    private static (long Number, string Unit) Split(ConfigScalar scalar, string example, string units)
    {
        var text = scalar.Text;
        if (text.StartsWith('-'))
        {
            throw scalar.Fault($"'{scalar.Label}' takes no negative amount, not {scalar.Kind}");
        }

        var digits = 0;
        var number = 0L;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            number = Math.Min((number * 10) + (text[digits] - '0'), long.MaxValue / 100);
            digits++;
        }

        var unit = text[digits..].TrimStart(' ');
        if (digits == 0)
        {
            throw scalar.Fault(
                $"'{scalar.Label}' takes a whole number with a unit such as {example}, not {scalar.Kind}: {units}");
        }

        if (unit.StartsWith('.'))
        {
            throw scalar.Fault(
                $"'{scalar.Label}' takes a whole number, not {scalar.Kind}; use a smaller unit: {units}");
        }

        return unit.Length > 0 || number == 0
            ? (number, unit)
            : throw scalar.Fault($"'{scalar.Label}: {text}' needs a unit, e.g. {example}: {units}");
    }

    private static ScenarioException UnknownUnit(ConfigScalar scalar, string unit, string units)
    {
        var given = $"{scalar.Label}: {Suggestion.Shorten(scalar.Text)}";
        return scalar.Fault($"unknown unit '{Suggestion.Shorten(unit)}' in '{given}'; allowed: {units}");
    }
}
