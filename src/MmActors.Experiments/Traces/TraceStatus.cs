using System.Globalization;
using MmActors.Model;

namespace MmActors.Experiments.Traces;

/// <summary>A status as the trace prints it (TC-2).</summary>
/// <param name="Text">The kernel's word; a number when the kernel's own table has no word for the value.</param>
/// <param name="Result">The simulator's outcome of this name; null when it has none (file memory, compound pages).</param>
public readonly record struct TraceStatus(string Text, ScanResult? Result)
{
    private static readonly string[] WithoutCounterpart =
    [
        "pte_mapped_hugepage", "page_compound", "truncated", "page_has_private", "store_failed", "page_filled",
        "page_dirty_or_writeback",
    ];

    private static readonly Dictionary<string, TraceStatus> Known = Everything();

    /// <summary>Every word of every version, the simulator's own first.</summary>
    public static IReadOnlyList<string> Words { get; } =
        [.. Enum.GetValues<ScanResult>().Select(static result => result.Text()), .. WithoutCounterpart];

    /// <summary>Position of <see cref="Text"/> among the words, or a value beyond them for a number.</summary>
    internal long Code => Result is { } result ? (long)result
        : Array.IndexOf(WithoutCounterpart, Text) is var index and >= 0 ? ScanResultText.Count + index
        : 1000 + (TraceNumber.TryParse(Text, out long number) ? number : 0);

    /// <summary>False for a word that no version prints.</summary>
    public static bool TryParse(string text, out TraceStatus status)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Known.TryGetValue(text, out status))
        {
            return true;
        }

        status = new TraceStatus(text, null);
        return TraceNumber.TryParse(text, out long number) && number is >= 0 and < 1000;
    }

    /// <summary>The word of a <see cref="Code"/>.</summary>
    internal static string TextOf(long code) => code >= 0 && code < Words.Count
        ? Words[(int)code]
        : "0x" + (code - 1000).ToString("x", CultureInfo.InvariantCulture);

    private static Dictionary<string, TraceStatus> Everything()
    {
        var known = new Dictionary<string, TraceStatus>(StringComparer.Ordinal);
        foreach (ScanResult result in Enum.GetValues<ScanResult>())
        {
            known.Add(result.Text(), new TraceStatus(result.Text(), result));
        }

        foreach (string word in WithoutCounterpart)
        {
            known.Add(word, new TraceStatus(word, null));
        }

        return known;
    }
}

/// <summary>Numbers as trace lines print them: decimal with a sign, or hexadecimal after 0x, of 64 bits.</summary>
internal static class TraceNumber
{
    /// <summary>False when it is no number or has more than 64 bits; 0xffffffffffffffff is −1.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long number)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            bool valid = ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits);
            number = unchecked((long)bits);
            return valid;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            return true;
        }

        bool isLarge = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong large);
        number = unchecked((long)large);
        return isLarge;
    }
}
