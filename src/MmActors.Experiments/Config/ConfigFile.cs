using MmActors.Experiments.Scenarios;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace MmActors.Experiments.Config;

/// <summary>Turns a YAML file into a tree of maps, lists and values with line numbers. The subset is deliberate: one
/// document, unique keys, no anchors, aliases or tags, bounded nesting – so that no small file can grow in
/// memory.</summary>
internal sealed class ConfigFile
{
    /// <summary>Deepest nesting of maps and lists.</summary>
    public const int MaxDepth = 32;

    private readonly string _path;
    private readonly Parser _parser;

    private ConfigFile(string path, string text)
    {
        _path = path;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>Reads the file; its top level must be a map.</summary>
    /// <param name="path">Where the file is.</param>
    /// <param name="what">What the file describes, for messages: "scenario", "machine preset", ….</param>
    public static ConfigMap Read(string path, string what) => Parse(path, ConfigText.Read(path), what);

    /// <summary>Reads text that was already fetched from <paramref name="path"/>.</summary>
    public static ConfigMap Parse(string path, string text, string what)
    {
        try
        {
            return new ConfigFile(path, text).Document(what);
        }
        catch (YamlException e)
        {
            throw Syntax(path, text, e);
        }
        catch (Exception e) when (e is not ScenarioException)
        {
            // The parser is not ours: whatever else it throws on hostile text is a fault of that text.
            throw new ScenarioException(path, null, $"is not YAML: {Suggestion.Shorten(e.Message)}");
        }
    }

    private static ScenarioException Syntax(string path, string text, YamlException e)
    {
        var first = (int)Math.Max(1, e.Start.Line);
        var last = (int)Math.Max(first, e.End.Line);
        var lines = text.Split('\n');
        for (var line = first; line <= Math.Min(last, lines.Length); line++)
        {
            var source = lines[line - 1];
            if (source[..^source.TrimStart(' ', '\t').Length].Contains('\t'))
            {
                return new ScenarioException(
                    path, line, "is not YAML: the line is indented with a tab; use spaces");
            }
        }

        return new ScenarioException(path, first, $"is not YAML: {Suggestion.Shorten(e.Message, 200)}");
    }

    private ConfigMap Document(string what)
    {
        Expect<StreamStart>();
        if (Peek() is StreamEnd)
        {
            throw Empty(what);
        }

        Expect<DocumentStart>();
        var root = Node(what, 0);
        Expect<DocumentEnd>();
        if (Peek() is not StreamEnd)
        {
            throw new ScenarioException(_path, Line(Peek()), "a second document starts here; a file holds one");
        }

        return root switch
        {
            ConfigMap map => map,
            ConfigScalar { IsEmpty: true } => throw Empty(what),
            _ => throw root.Fault($"a {what} is a map of 'key: value' lines, found {root.Kind}"),
        };
    }

    private ScenarioException Empty(string what) => new(_path, null, $"is empty; a {what} starts with 'name: …'");

    private ConfigNode Node(string label, int depth)
    {
        var start = Next();
        var line = Line(start);
        if (start is AnchorAlias || start is NodeEvent { Anchor.IsEmpty: false })
        {
            throw new ScenarioException(
                _path, line,
                "anchors (&) and aliases (*) are not supported; write the value out; quote a pattern that begins with *");
        }

        if (start is NodeEvent { Tag.IsEmpty: false })
        {
            throw new ScenarioException(_path, line, "tags (!) are not supported");
        }

        if (depth > MaxDepth)
        {
            throw new ScenarioException(_path, line, $"nested deeper than {MaxDepth} levels");
        }

        return start switch
        {
            Scalar s => new ConfigScalar(_path, line, label, s.Value, s.Style != ScalarStyle.Plain),
            SequenceStart => List(label, line, depth),
            MappingStart => Map(label, line, depth),
            _ => throw new ScenarioException(_path, line, "a value is missing"),
        };
    }

    private ConfigList List(string label, int line, int depth)
    {
        var items = new List<ConfigNode>();
        while (Peek() is not SequenceEnd)
        {
            items.Add(Node(label, depth + 1));
        }

        Next();
        return new ConfigList(_path, line, label, items);
    }

    private ConfigMap Map(string label, int line, int depth)
    {
        var entries = new List<ConfigEntry>();
        var firstLines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (Peek() is not MappingEnd)
        {
            if (Node("key", depth + 1) is not ConfigScalar key)
            {
                throw new ScenarioException(_path, Line(Peek()), "a key must be a single word");
            }

            if (!firstLines.TryAdd(key.Text, key.Line))
            {
                throw key.Fault(
                    $"key '{Suggestion.Shorten(key.Text)}' appears twice, first on line {firstLines[key.Text]}");
            }

            entries.Add(new ConfigEntry(key.Text, key.Line, Node(Suggestion.Shorten(key.Text), depth + 1)));
        }

        Next();
        return new ConfigMap(_path, line, label, entries);
    }

    private static int Line(ParsingEvent e) => (int)Math.Clamp(e.Start.Line, 1, int.MaxValue);

    private ParsingEvent Peek() => _parser.Current ?? throw new ScenarioException(_path, null, "ends unexpectedly");

    private ParsingEvent Next()
    {
        var current = Peek();
        _parser.MoveNext();
        return current;
    }

    private void Expect<T>()
        where T : ParsingEvent
    {
        if (_parser.Current is null)
        {
            _parser.MoveNext();
        }

        if (Peek() is not T)
        {
            throw new ScenarioException(_path, Line(Peek()), "is not YAML");
        }

        Next();
    }
}
