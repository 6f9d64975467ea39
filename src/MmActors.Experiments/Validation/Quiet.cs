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
            TimeSpan end = op.End ?? TimeSpan.MaxValue;
            if (op.Op.Name == "snap")
            {
                _snapEnds[op.Op.Words[1]] = end;
            }
            else if (op.Op.Name == "sysw")
            {
                _everybody.Add((op.Start, end));
            }
            else if (op.Op.Name is not ("sleep" or "until" or "wait" or "snap" or "maps" or "mark"))
            {
                spans.Add((op.Start, end));
            }

            if (op.Op.Name == "fork")
            {
                Add(op.Op.Words[1], op.Child);
            }
        }
    }

    /// <summary>Whether an operation of the role, a write to a file, or a pass was under way while the row was read.</summary>
    public bool IsChanging(RecordedSmaps row)
    {
        TimeSpan from = row.Time;
        TimeSpan to = _run.Smaps.Where(other => other.Snap == row.Snap && other.Time > from)
            .Select(static other => other.Time).DefaultIfEmpty(_snapEnds.GetValueOrDefault(row.Snap, from)).Min();
        return Overlaps(_everybody, from, to)
            || (_own.TryGetValue(row.Role, out List<(TimeSpan From, TimeSpan To)>? spans) && Overlaps(spans, from, to));
    }

    /// <summary>Whether a write to a file or a pass was under way when the counters were read.</summary>
    public bool IsChanging(RecordedSnap snap) => Overlaps(_everybody, snap.Time, snap.Time);

    private static bool Overlaps(List<(TimeSpan From, TimeSpan To)> spans, TimeSpan from, TimeSpan to) =>
        spans.Exists(span => span.From <= to && span.To >= from);
}
