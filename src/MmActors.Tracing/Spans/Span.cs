namespace MmActors.Tracing.Spans;

/// <summary>A stretch of simulated time that has a name and a parent.</summary>
public sealed class Span
{
    private readonly List<KeyValuePair<string, object>> _attributes = [];
    private readonly List<Span> _links = [];
    private readonly List<(string Name, TimeSpan Time, string Task)> _notes = [];

    internal Span(int number, Span? parent, string name, TimeSpan start)
    {
        Number = number;
        Parent = parent;
        Name = name;
        Start = start;
        End = start;
    }

    /// <summary>Its place in the order of beginning, from 1; its id follows from it.</summary>
    public int Number { get; }

    /// <summary>The span it is part of; null for the run.</summary>
    public Span? Parent { get; }

    /// <summary>What happens in it.</summary>
    public string Name { get; }

    /// <summary>Simulated time at which it begins.</summary>
    public TimeSpan Start { get; }

    /// <summary>Simulated time at which it ends.</summary>
    public TimeSpan End { get; private set; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Failure { get; internal set; }

    /// <summary>Attributes in the order in which they became known: strings, longs and booleans.</summary>
    public IReadOnlyList<KeyValuePair<string, object>> Attributes => _attributes;

    /// <summary>What caused it without being its parent.</summary>
    public IReadOnlyList<Span> Links => _links;

    /// <summary>Moments in it: what, when, and the task concerned.</summary>
    public IReadOnlyList<(string Name, TimeSpan Time, string Task)> Notes => _notes;

    /// <summary>Says something about it.</summary>
    public Span With(string attribute, object value)
    {
        _attributes.Add(new KeyValuePair<string, object>(attribute, value));
        return this;
    }

    internal bool IsOpen { get; private set; } = true;

    internal Span Finish(TimeSpan time)
    {
        End = time > Start ? time : Start;
        IsOpen = false;
        return this;
    }

    internal void Link(Span cause) => _links.Add(cause);

    internal void Note(string name, TimeSpan time, string task) => _notes.Add((name, time, task));
}
