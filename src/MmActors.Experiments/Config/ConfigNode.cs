using System.Globalization;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Config;

/// <summary>One node of a configuration file, with the place it came from.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Line">Line of its first character, counted from 1.</param>
/// <param name="Label">The key it is the value of, for messages.</param>
internal abstract record ConfigNode(string File, int Line, string Label)
{
    /// <summary>The fault to throw for this node.</summary>
    public ScenarioException Fault(string message) => new(File, Line, message);

    /// <summary>What the node is, for "expected …, found …".</summary>
    public abstract string Kind { get; }

    /// <summary>This node as a map, or a fault.</summary>
    public ConfigMap AsMap() => this as ConfigMap
        ?? throw Fault($"'{Label}' takes a map of 'key: value' lines, found {Kind}");

    /// <summary>This node as a list, or a fault.</summary>
    public ConfigList AsList() => this as ConfigList
        ?? throw Fault($"'{Label}' takes a list of '- …' lines, found {Kind}");

    /// <summary>This node as a single value, or a fault.</summary>
    public ConfigScalar AsScalar() => this switch
    {
        ConfigScalar { IsEmpty: true } => throw Fault($"'{Label}' has no value"),
        ConfigScalar scalar => scalar,
        _ => throw Fault($"'{Label}' takes one value, found {Kind}"),
    };
}

/// <summary>Nodes in the order of the file.</summary>
internal sealed record ConfigList(string File, int Line, string Label, IReadOnlyList<ConfigNode> Items)
    : ConfigNode(File, Line, Label)
{
    public override string Kind => "a list";
}

/// <summary>One <c>key: value</c> of a map.</summary>
internal sealed record ConfigEntry(string Key, int Line, ConfigNode Value);

/// <summary>A map, in the order of the file; keys are unique.</summary>
internal sealed record ConfigMap(string File, int Line, string Label, IReadOnlyList<ConfigEntry> Entries)
    : ConfigNode(File, Line, Label)
{
    public override string Kind => "a map";

    /// <summary>The value of a key, or null.</summary>
    public ConfigNode? Find(string key)
    {
        foreach (var entry in Entries)
        {
            if (entry.Key == key)
            {
                return entry.Value;
            }
        }

        return null;
    }

    /// <summary>The value of a key that must be there.</summary>
    public ConfigNode Require(string key) => Find(key) ?? throw Fault($"{Label} needs the key '{key}'");

    /// <summary>A scalar that must be there.</summary>
    public ConfigScalar RequireScalar(string key) => Require(key).AsScalar();

    /// <summary>A scalar, or null when the key is absent.</summary>
    public ConfigScalar? FindScalar(string key) => Find(key)?.AsScalar();

    /// <summary>Refuses every key outside the allowed ones, naming the nearest.</summary>
    public void CheckKeys(IReadOnlyList<string> allowed)
    {
        foreach (var entry in Entries)
        {
            if (!allowed.Contains(entry.Key))
            {
                var what = $"key '{Suggestion.Shorten(entry.Key)}' in {Label}";
                throw new ScenarioException(File, entry.Line, Suggestion.Unknown(what, entry.Key, allowed));
            }
        }
    }
}

/// <summary>One value, with the typed readings every file uses.</summary>
internal sealed record ConfigScalar(string File, int Line, string Label, string Text, bool Quoted)
    : ConfigNode(File, Line, Label)
{
    public override string Kind => IsEmpty ? "nothing" : $"'{Suggestion.Shorten(Text)}'";

    /// <summary>True for a key without a value.</summary>
    public bool IsEmpty => Text.Length == 0 && !Quoted;

    /// <summary>true or false, in exactly these words.</summary>
    public bool AsBool() => Text switch
    {
        "true" => true,
        "false" => false,
        _ => throw Fault($"'{Label}' takes true or false, not {Kind}"),
    };

    /// <summary>A whole number within bounds.</summary>
    public int AsInt(int least, int most) => (int)AsLong(least, most);

    /// <summary>A whole number within bounds.</summary>
    public long AsLong(long least, long most) =>
        long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        && number >= least && number <= most
            ? number
            : throw Fault(string.Create(
                CultureInfo.InvariantCulture, $"'{Label}' takes a whole number {least}…{most}, not {Kind}"));

    /// <summary>A decimal number within bounds.</summary>
    public double AsDouble(double least, double most) =>
        double.TryParse(
            Text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out var number)
        && number >= least && number <= most
            ? number
            : throw Fault(string.Create(
                CultureInfo.InvariantCulture, $"'{Label}' takes a number {least}…{most}, not {Kind}"));

    /// <summary>One of a fixed set of words.</summary>
    public T AsWord<T>(IReadOnlyList<(string Word, T Value)> words)
    {
        foreach (var (word, value) in words)
        {
            if (word == Text)
            {
                return value;
            }
        }

        throw Fault(Suggestion.Unknown($"value {Kind} for '{Label}'", Text, [.. words.Select(w => w.Word)]));
    }

    /// <summary>A name that appears in outputs: letters, digits, '-', '_' and '.', at most 64 characters.</summary>
    public string AsName()
    {
        foreach (var c in Text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                throw Fault($"'{Label}' takes letters, digits, '-', '_' and '.', not {Kind}");
            }
        }

        return Text.Length is > 0 and <= 64
            ? Text
            : throw Fault($"'{Label}' takes 1…64 characters, not {Text.Length}");
    }
}
