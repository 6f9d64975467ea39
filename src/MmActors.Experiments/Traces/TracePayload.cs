using MmActors.Experiments.Config;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Traces;

/// <summary>The fields of one event: "name=value" in any order, separated by commas or spaces; or, for mm_shrink_slab,
/// labels followed by their value.</summary>
internal readonly struct TracePayload(string file, in TraceLine line)
{
    private readonly TraceLine _line = line;

    /// <summary>Whether a field is there at all.</summary>
    public bool Has(string name) => Text(name) is not null;

    /// <summary>A field that every version prints.</summary>
    public int Int(string name) => OptionalInt(name) ?? throw Missing(name);

    /// <summary>A 32-bit field, or null when the kernel does not print it. Unsigned values are taken as they are.</summary>
    public int? OptionalInt(string name) => OptionalLong(name) is not { } number ? null
        : number is >= int.MinValue and <= int.MaxValue ? (int)number
        : throw Fault($"'{name}={Shown(name)}' takes a number of 32 bits");

    /// <summary>A field that every version prints.</summary>
    public long Long(string name) => OptionalLong(name) ?? throw Missing(name);

    /// <summary>A 64-bit field, or null when the kernel does not print it.</summary>
    public long? OptionalLong(string name) => Text(name) is not { } text ? null
        : TraceNumber.TryParse(text, out long number) ? number
        : throw Fault($"'{name}={Shown(name)}' takes a number (decimal, or hexadecimal after 0x)");

    /// <summary>A flag that every version prints.</summary>
    public bool Flag(string name) => OptionalFlag(name) ?? throw Missing(name);

    /// <summary>A field that is 0 or 1, or null when the kernel does not print it.</summary>
    public bool? OptionalFlag(string name) => OptionalLong(name) is not { } number ? null
        : number is 0 or 1 ? number == 1
        : throw Fault($"'{name}={Shown(name)}' takes 0 or 1");

    /// <summary>A pointer as printed: hexadecimal, with or without 0x, hashed or not.</summary>
    public string Pointer(string name)
    {
        string text = Text(name) ?? throw Missing(name);
        string digits = PlainPointer(text);
        return digits.Length is > 0 and <= 16 && digits.All(char.IsAsciiHexDigitLower)
            ? digits
            : throw Fault($"'{name}={Shown(name)}' takes a pointer of up to 16 hexadecimal digits");
    }

    /// <summary>A pointer without 0x and in lower case, so that all spellings of it are equal.</summary>
    public static string PlainPointer(string text)
    {
        string lower = text.ToLowerInvariant();
        string digits = lower.StartsWith("0x", StringComparison.Ordinal) ? lower[2..] : lower;
        return digits.Length > 1 ? digits.TrimStart('0') is { Length: > 0 } rest ? rest : "0" : digits;
    }

    /// <summary>A status that every version prints.</summary>
    public TraceStatus Status(string name)
    {
        string text = Text(name) ?? throw Missing(name);
        return TraceStatus.TryParse(text, out TraceStatus status)
            ? status
            : throw Fault(Suggestion.Unknown($"status '{Suggestion.Shorten(text)}'", text, TraceStatus.Words));
    }

    /// <summary>The value of a field, ending at a comma or a space; null when the field is missing.</summary>
    public string? Text(string name)
    {
        ReadOnlySpan<char> rest = _line.Payload;
        while (rest.IndexOf(name, StringComparison.Ordinal) is var at and >= 0)
        {
            int value = at + name.Length;
            if ((at == 0 || rest[at - 1] is ' ' or ',' or '\t') && value < rest.Length && rest[value] == '=')
            {
                ReadOnlySpan<char> text = rest[(value + 1)..];
                int end = text.IndexOfAny(' ', ',', '\t');
                return (end < 0 ? text : text[..end]).ToString();
            }

            rest = rest[value..];
        }

        return null;
    }

    /// <summary>The number after a label such as "cache items".</summary>
    public long After(string label)
    {
        int at = _line.Payload.IndexOf(label + " ", StringComparison.Ordinal);
        if (at < 0)
        {
            throw Fault($"'{_line.Event}' needs '{label} NUMBER'");
        }

        ReadOnlySpan<char> text = _line.Payload.AsSpan(at + label.Length + 1);
        int end = text.IndexOf(' ');
        return TraceNumber.TryParse(end < 0 ? text : text[..end], out long number)
            ? number
            : throw Fault($"'{label}' takes a number");
    }

    /// <summary>A fault of this line.</summary>
    public ScenarioException Fault(string message) => new(file, _line.Stamp.Line, message);

    private ScenarioException Missing(string name) =>
        Fault($"'{_line.Event}' needs '{name}=', found: {Suggestion.Shorten(_line.Payload, 120)}");

    private string Shown(string name) => Suggestion.Shorten(Text(name) ?? "");
}
