using MmActors.Model.Events;

namespace MmActors.Tracing.Spans;

/// <summary>How much of a run becomes spans.</summary>
/// <param name="Every">One of so many khugepaged passes and reclaim cycles is kept, with all that is in it; the first always is.</param>
/// <param name="Limit">Spans after which no further pass, cycle or call is begun.</param>
public sealed record SpanSampling(int Every, int Limit)
{
    /// <summary>Everything, up to a hundred thousand spans.</summary>
    public static readonly SpanSampling Default = new(1, 100_000);
}

/// <summary>Keeps the spans of one run. A pass or a cycle is kept whole or not at all, and what is not kept is counted.</summary>
internal sealed class SpanBook(SpanSampling sampling)
{
    private readonly List<Span> _spans = [new Span(1, null, "run", TimeSpan.Zero)];
    private readonly SortedDictionary<string, int> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _tasks = [];
    private readonly Dictionary<Origin, Span> _operations = [];

    public IReadOnlyList<Span> Spans => _spans;

    public Span Root => _spans[0];

    /// <summary>Left out because the limit was reached.</summary>
    public long Dropped { get; private set; }

    /// <summary>Left out because their pass or cycle was.</summary>
    public long SampledOut { get; private set; }

    /// <summary>Name of the task an mm belongs to.</summary>
    public string TaskOf(int mm) => _tasks.TryGetValue(mm, out string? name) ? name : "kernel";

    public void OnTaskStart(in KernelEvent start) => _tasks[start.Mm] = start.Detail?.Name ?? $"mm-{start.Mm}";

    /// <summary>Remembers which span an operation has, for what is done on its behalf.</summary>
    public void Register(Origin operation, Span? span)
    {
        if (span is not null)
        {
            _operations[operation] = span;
        }
    }

    /// <summary>Span of an operation; null when it has none or is not kept.</summary>
    public Span? SpanOf(Origin operation) => _operations.GetValueOrDefault(operation);

    /// <summary>Begins something that is kept whole or not at all: null when it is not.</summary>
    public Span? BeginTree(string name, TimeSpan start)
    {
        int before = _seen.GetValueOrDefault(name);
        _seen[name] = before + 1;
        if (before % sampling.Every != 0)
        {
            SampledOut++;
            return null;
        }

        return Begin(Root, name, start, sampling.Limit);
    }

    /// <summary>Begins a part of a tree; null, and counted, when the tree is not kept.</summary>
    public Span? BeginPart(Span? parent, string name, TimeSpan start)
    {
        if (parent is null)
        {
            LeaveOut();
            return null;
        }

        // A tree that was begun may outgrow the limit, so that it is whole; twice the limit is the end of memory's patience.
        return Begin(parent, name, start, 2L * sampling.Limit);
    }

    /// <summary>Begins a single call or wait of a task.</summary>
    public Span? BeginCall(string name, TimeSpan start) => Begin(Root, name, start, sampling.Limit);

    /// <summary>Leaves something out because what it belongs to was.</summary>
    public void LeaveOut()
    {
        if (_spans.Count >= sampling.Limit)
        {
            Dropped++;
        }
        else
        {
            SampledOut++;
        }
    }

    private Span? Begin(Span parent, string name, TimeSpan start, long limit)
    {
        if (_spans.Count >= limit)
        {
            Dropped++;
            return null;
        }

        var span = new Span(_spans.Count + 1, parent, name, start);
        _spans.Add(span);
        return span;
    }
}
