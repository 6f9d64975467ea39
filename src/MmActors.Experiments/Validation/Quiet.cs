namespace MmActors.Experiments.Validation;

/// <summary>When nothing was changing what a snapshot showed (RN-11, RN-24).</summary>
internal sealed class Quiet
{
    private readonly SortedDictionary<string, List<(TimeSpan From, TimeSpan To)>> _own = new(StringComparer.Ordinal);
    private readonly List<(TimeSpan From, TimeSpan To)> _everybody = [];
    private readonly SortedDictionary<string, TimeSpan> _snapEnds = new(StringComparer.Ordinal);
    private readonly RecordedRun _run;

    public Quiet(RecordedRun run)
    {
        _run = run;
        _everybody.AddRange(run.Passes.Select(static pass => (pass.Begin, pass.End)));
        foreach (RecordedRole role in run.Roles)
        {
            Add(role.Name, role.Ops);
        }
    }

    private void Add(string role, IEnumerable<RecordedOp> ops)
    {
        if (!_own.TryGetValue(role, out List<(TimeSpan, TimeSpan)>? spans))
        {
            _own.Add(role, spans = []);
        }

        foreach (RecordedOp op in ops)
        {
            TimeSpan end = op.End ?? _run.End;
            if (op.Op.Name == "snap")
            {
                _snapEnds[op.Op.Words[1]] = end;
            }
            else if (op.Op.Name == "sysw" || (op.Op.ChangesMemory && Reclaims(op.Start, end)))
            {
                _everybody.Add((op.Start, end)); // it takes pages from others too
            }
            else if (op.Op.ChangesMemory)
            {
                spans.Add((op.Start, end));
            }

            if (op.Op.Name == "fork")
            {
                Add(op.Op.Words[1], op.Child);
            }
        }
    }

    private bool Reclaims(TimeSpan from, TimeSpan to)
    {
        int first = _run.Reclaim.BinarySearch(from);
        first = first < 0 ? ~first : first;
        return first < _run.Reclaim.Count && _run.Reclaim[first] <= to;
    }

    /// <summary>Whether an operation of the role, one that takes pages from others, or a pass was under way while the row was read.</summary>
    public bool IsChanging(RecordedSmaps row)
    {
        TimeSpan from = row.Time;
        TimeSpan to = _run.Smaps.Where(other => other.Snap == row.Snap && other.Time > from)
            .Select(static other => other.Time).DefaultIfEmpty(_snapEnds.GetValueOrDefault(row.Snap, from)).Min();
        return Overlaps(_everybody, from, to)
            || (_own.TryGetValue(row.Role, out List<(TimeSpan From, TimeSpan To)>? spans) && Overlaps(spans, from, to));
    }

    /// <summary>Whether an operation that takes pages from others, or a pass, was under way while the counters were read.</summary>
    public bool IsChanging(RecordedSnap snap) => Overlaps(_everybody, snap.Time, Read(snap));

    /// <summary>The counters were read between the snap's own time and its first row's.</summary>
    private TimeSpan Read(RecordedSnap snap) => _run.Smaps.Where(row => row.Snap == snap.Name && row.Time >= snap.Time)
        .Select(static row => row.Time).DefaultIfEmpty(snap.Time).Min();

    /// <summary>From the start of the first operation that was under way when the counters were read to the end of the last: they may
    /// hold any number between (RN-24). Otherwise the last moment at which they can have been read: the simulator's operations may end
    /// a little later than the recorded ones.</summary>
    public (TimeSpan From, TimeSpan To) Around(RecordedSnap snap)
    {
        TimeSpan read = Read(snap);
        List<(TimeSpan From, TimeSpan To)> spans =
            [.. _own.Values.SelectMany(static own => own).Where(span => span.From <= read && span.To >= snap.Time), (read, read)];
        return (spans.Min(static span => span.From), spans.Max(static span => span.To));
    }

    private static bool Overlaps(List<(TimeSpan From, TimeSpan To)> spans, TimeSpan from, TimeSpan to) =>
        spans.Exists(span => span.From <= to && span.To >= from);
}
