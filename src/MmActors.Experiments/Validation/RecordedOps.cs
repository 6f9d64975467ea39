using System.Collections.Immutable;
using System.Globalization;

namespace MmActors.Experiments.Validation;

/// <summary>events.csv laid over the script: which row is which operation, loops and forks included.</summary>
internal sealed class RecordedOps
{
    private const string Header = "t_start_ms,t_end_ms,role,pid,ret,errno,op";

    private readonly DriverScript _script;
    private readonly string _file;
    private readonly SortedDictionary<string, Queue<RecordedRow>> _rows = new(StringComparer.Ordinal);
    private readonly TimeSpan _last;

    public RecordedOps(DriverScript script, string file)
    {
        _script = script;
        _file = file;
        var exits = ImmutableArray.CreateBuilder<(string, int, int, TimeSpan)>();
        foreach (RecordedRow row in RecordedFile.Table(RecordedFile.Open(file), Header))
        {
            _last = Later(_last, row.Time(1));
            if (row[6].StartsWith("exited ", StringComparison.Ordinal))
            {
                string[] words = row[6].Split(' ', '=');
                if (words.Length == 6)
                {
                    exits.Add((words[1], Number(words[3]), Number(words[5]), row.Time(0)));
                }

                continue;
            }

            if (!_rows.TryGetValue(row[2], out Queue<RecordedRow>? rows))
            {
                _rows.Add(row[2], rows = new Queue<RecordedRow>());
            }

            rows.Enqueue(row);
        }

        Exits = exits.ToImmutable();
        Roles = [.. script.Roles.Select(role => new RecordedRole(
            role.Name, role.Start, role.Cgroup, [.. Match(role.Name, role.Ops, 0, new Progress { Time = role.Start })]))];
    }

    public ImmutableArray<RecordedRole> Roles { get; }

    public ImmutableArray<(string Role, int Status, int Signal, TimeSpan Time)> Exits { get; }

    /// <summary>End of the last operation.</summary>
    public TimeSpan End => _last;

    private static int Number(string word) => int.TryParse(word, CultureInfo.InvariantCulture, out int number) ? number : -1;

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private IEnumerable<RecordedOp> Match(string role, ImmutableArray<DriverOp> ops, int loopIndex, Progress progress)
    {
        foreach (DriverOp op in ops)
        {
            if (progress.IsOver)
            {
                yield break;
            }

            if (op.Name != "loop")
            {
                yield return MatchOne(role, op, loopIndex, progress);
                continue;
            }

            int count = Number(op.Words[1]);
            for (int index = 0; index < count && !progress.IsOver; index++)
            {
                foreach (RecordedOp inner in Match(role, op.Body, index, progress))
                {
                    yield return inner;
                }
            }
        }
    }

    private RecordedOp MatchOne(string role, DriverOp op, int loopIndex, Progress progress)
    {
        if (!_rows.TryGetValue(role, out Queue<RecordedRow>? rows) || !rows.TryDequeue(out RecordedRow? row))
        {
            progress.IsOver = true; // still under way at the end, or killed in it
            return new RecordedOp(op, loopIndex, progress.Time, null, 0, 0);
        }

        string text = string.Join(' ', row[6].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (text != op.Text)
        {
            throw new Scenarios.ScenarioException(
                _file, row.Line, $"{role} ran '{text}' where {_script.File} line {op.Line} has '{op.Text}'");
        }

        progress.Time = row.Time(1);
        progress.IsOver = op.Name == "exit";
        return new RecordedOp(op, loopIndex, row.Time(0), row.Time(1), row.Number(4), row.Small(5))
        {
            Line = row.Line,
            Child = op.Name != "fork" ? [] : [.. Match(op.Words[1], op.Body, 0, new Progress { Time = row.Time(1) })],
        };
    }

    private sealed class Progress
    {
        public TimeSpan Time { get; set; }

        public bool IsOver { get; set; }
    }
}
