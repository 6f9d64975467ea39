using System.Globalization;
using System.Text.RegularExpressions;

namespace MmActors.Experiments.Traces;

/// <summary>A trace line taken apart: tracefs (with or without flags, thread group and latency columns) or the report of
/// trace-cmd (TC-1).</summary>
/// <param name="Stamp">What stands before the event.</param>
/// <param name="Event">Name of the event; empty when the line carries none (function tracer, stack trace).</param>
/// <param name="Payload">What follows the name.</param>
internal readonly partial record struct TraceLine(TraceStamp Stamp, string Event, string Payload)
{
    /// <summary>Lines to skip: comments, lost-event notes, the head of a report, stack traces.</summary>
    public static bool IsNote(string text) => text.AsSpan().Trim() is var bare
        && (bare.IsEmpty || bare[0] == '#' || bare.StartsWith("=>") || Note().IsMatch(bare));

    /// <summary>Events the kernel says it lost before this line: "CPU:1 [LOST 12 EVENTS]"; 1 when it does not know how
    /// many, 0 for any other line.</summary>
    public static long Lost(string text)
    {
        Match match = LostNote().Match(text);
        return !match.Success ? 0 : long.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out long lost) ? lost : 1;
    }

    /// <summary>False when the text does not look like a trace line.</summary>
    public static bool TryParse(string text, int number, out TraceLine line)
    {
        Match match = Shape().Match(text);
        line = default;
        if (!match.Success
            || !int.TryParse(match.Groups["pid"].ValueSpan, CultureInfo.InvariantCulture, out int pid)
            || !double.TryParse(match.Groups["time"].ValueSpan, CultureInfo.InvariantCulture, out double seconds))
        {
            return false;
        }

        string rest = match.Groups["rest"].Value;
        int end = rest.IndexOf(':', StringComparison.Ordinal);
        bool isEvent = end > 0 && !rest.AsSpan(0, end).ContainsAny(' ', '\t');
        line = new TraceLine(
            new TraceStamp(number, match.Groups["comm"].Value, pid, seconds),
            isEvent ? rest[..end] : "",
            isEvent ? rest[(end + 1)..].Trim() : rest);
        return true;
    }

    // comm-pid (tgid) [cpu] flags time: event: payload. Instead of "[cpu] flags" the latency format has "cpu" and flags
    // in one word. A comm may hold spaces, dashes and brackets, so the first place where the rest fits ends it.
    [GeneratedRegex(
        @"^\s*(?<comm>\S.{0,63}?)-(?<pid>\d{1,10})\s+(\(\s*[\d-]+\)\s+)?(\[\d{1,6}\](\s+[^\s:\[\]]{4,8})?|\d{1,6}[^\s:\[\]]{4,8})"
        + @"\s+(?<time>\d{1,20}(\.\d{1,9})?)(us)?\s?[!+#*@$]?\s?:\s+(?<rest>\S.*)$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();

    [GeneratedRegex(
        @"^(CPU ?:?\d+ (\[.*(LOST|DROPPED).*\]|is empty)|version = \d+|cpus ?= ?\d+)$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Note();

    [GeneratedRegex(@"^\s*CPU ?:?\d+ \[(?:LOST )?(\d*) ?(?:LOST )?EVENTS(?: DROPPED)?\]", RegexOptions.CultureInvariant)]
    private static partial Regex LostNote();
}
