using MmActors.Experiments.Config;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Traces;

/// <summary>A trace of a real kernel, 6.12 or later: the text of /sys/kernel/tracing/trace, of trace_pipe or of
/// <c>trace-cmd report</c>, plain or compressed by gzip (TC-1, 6.2, 6.3).</summary>
public sealed class TraceFile
{
    /// <summary>Most events the simulator knows that are kept from one file.</summary>
    public const int MaxRecords = 4_000_000;

    private readonly List<TraceRecord> _records = [];
    private readonly SortedDictionary<string, int> _ignored = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, SortedSet<string>> _names = [];

    private TraceFile(string path) => Path = path;

    /// <summary>The file as the user named it.</summary>
    public string Path { get; }

    /// <summary>Events the simulator knows, in order of the file.</summary>
    public IReadOnlyList<TraceRecord> Records => _records;

    /// <summary>Events the simulator has no counterpart for: name, and how many.</summary>
    public IReadOnlyDictionary<string, int> Ignored => _ignored;

    /// <summary>Events the kernel says it lost; at least so many.</summary>
    public long Lost { get; private set; }

    /// <summary>The last line has no line end and was left out: it may have been cut short anywhere.</summary>
    public bool LastLineIsCut { get; private set; }

    /// <summary>Reads a whole trace.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ScenarioException">The file is missing or no trace; names the first line that cannot be read, and
    /// what was expected there.</exception>
    public static TraceFile Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using TraceText text = TraceText.Open(path);
        return Read(path, text);
    }

    /// <summary>Reads a trace from a stream, which is closed at the end.</summary>
    /// <param name="stream">Its bytes.</param>
    /// <param name="name">Name of it for messages.</param>
    /// <exception cref="ScenarioException">It is no trace.</exception>
    public static TraceFile Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using TraceText text = TraceText.From(name, stream);
        return Read(name, text);
    }

    /// <summary>Names under which a thread ran, in alphabetical order: those of its lines, and roles its markers state.</summary>
    public IReadOnlyCollection<string> NamesOf(int pid) => _names.TryGetValue(pid, out SortedSet<string>? names) ? names : [];

    private static TraceFile Read(string path, TraceText text)
    {
        var trace = new TraceFile(path);
        while (text.Next() is { } line)
        {
            if (text.IsCut)
            {
                trace.LastLineIsCut = true;
            }
            else
            {
                trace.Add(line, text.Line);
            }
        }

        return trace._records.Count > 0 || trace._ignored.Count > 0
            ? trace
            : throw new ScenarioException(
                path, null, "has no event in it; expected the text of /sys/kernel/tracing/trace or of trace-cmd report");
    }

    private void Add(string text, int number)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ScenarioException(Path, number, "has a NUL character; expected the text of a trace, not a binary file");
        }

        if (TraceLine.IsNote(text))
        {
            Lost += TraceLine.Lost(text);
            return;
        }

        if (!TraceLine.TryParse(text, number, out TraceLine line))
        {
            throw new ScenarioException(
                Path, number, $"expected 'TASK-PID [CPU] FLAGS SECONDS: EVENT: FIELDS', found: {Suggestion.Shorten(text)}");
        }

        Keep(line);
    }

    private void Keep(in TraceLine line)
    {
        TraceRecord? record = TraceEvents.Read(Path, line);
        if (record is null)
        {
            string name = line.Event.Length > 0 ? Suggestion.Shorten(line.Event) : "(no event)";
            _ignored[name] = _ignored.GetValueOrDefault(name) + 1;
        }
        else if (_records.Count == MaxRecords)
        {
            throw new ScenarioException(
                Path, line.Stamp.Line, $"is the event after {MaxRecords}, the most that are compared; cut the trace");
        }
        else
        {
            _records.Add(record);
        }

        Name(line.Stamp.Pid, (record as MarkerRecord)?.Role);
        Name(line.Stamp.Pid, line.Stamp.Comm);
    }

    private void Name(int pid, string? name)
    {
        if (name is null or "<...>")
        {
            return;
        }

        if (!_names.TryGetValue(pid, out SortedSet<string>? names))
        {
            _names[pid] = names = new SortedSet<string>(StringComparer.Ordinal);
        }

        names.Add(name);
    }
}
