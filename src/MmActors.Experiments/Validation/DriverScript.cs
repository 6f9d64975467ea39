using System.Collections.Immutable;
using System.Globalization;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Validation;

/// <summary>A line of a recorded workload's script: its words and, for <c>loop</c> and <c>fork</c>, what it encloses.</summary>
/// <param name="Line">Its number in scenario.txt.</param>
/// <param name="Words">The words; the first is the operation.</param>
/// <param name="Body">What a loop or fork encloses; empty otherwise.</param>
internal sealed record DriverOp(int Line, ImmutableArray<string> Words, ImmutableArray<DriverOp> Body)
{
    public string Name => Words[0];

    /// <summary>Whether page tables, folios or counters may differ between its start and its end.</summary>
    public bool ChangesMemory => Name is not ("sleep" or "until" or "wait" or "snap" or "maps" or "mark");

    /// <summary>As events.csv names it.</summary>
    public string Text => string.Join(' ', Words);
}

/// <summary>A process of a recorded workload.</summary>
/// <param name="Name">Its role.</param>
/// <param name="Start">When the controller starts it.</param>
/// <param name="Cgroup">Its memory cgroup; empty for the root.</param>
/// <param name="Ops">What it does.</param>
internal sealed record DriverRole(string Name, TimeSpan Start, string Cgroup, ImmutableArray<DriverOp> Ops);

/// <summary>scenario.txt: the language of the workload driver (recorder-notes.md 10.2).</summary>
internal sealed record DriverScript(
    string File, TimeSpan Duration, ImmutableArray<DriverOp> Setup, ImmutableArray<DriverRole> Roles)
{
    /// <summary>Operations of a role, with the least number of words after the name.</summary>
    private static readonly SortedDictionary<string, int> Operations = new(StringComparer.Ordinal)
    {
        ["map"] = 2,
        ["madvise"] = 4,
        ["write"] = 5,
        ["read"] = 4,
        ["count"] = 3,
        ["munmap"] = 3,
        ["mprotect"] = 4,
        ["stripe"] = 2,
        ["sleep"] = 1,
        ["until"] = 1,
        ["wait"] = 0,
        ["loop"] = 1,
        ["fork"] = 1,
        ["sysw"] = 2,
        ["snap"] = 1,
        ["maps"] = 1,
        ["mark"] = 0,
        ["exit"] = 0,
    };

    public static DriverScript Read(string path)
    {
        RecordedFile file = RecordedFile.Open(path);
        var setup = ImmutableArray.CreateBuilder<DriverOp>();
        var roles = ImmutableArray.CreateBuilder<DriverRole>();
        var duration = TimeSpan.FromSeconds(60);
        ImmutableArray<string> line = NextLine(file);
        while (!line.IsEmpty)
        {
            if (line[0] == "role")
            {
                line = ReadRole(file, line, roles);
                continue;
            }

            switch (line[0])
            {
                case "duration" when line.Length == 2:
                    duration = Milliseconds(file, line[1]);
                    break;
                case "knob" or "cgroup" when line.Length >= 2:
                    setup.Add(new DriverOp(file.Line, line, []));
                    break;
                case "sample" or "mark":
                    break;
                default:
                    throw file.Fault($"before the first role a script has knob, cgroup, duration and sample, not '{line[0]}'");
            }

            line = NextLine(file);
        }

        return new DriverScript(file.Path, duration, setup.ToImmutable(), roles.ToImmutable());
    }

    private static ImmutableArray<string> ReadRole(
        RecordedFile file, ImmutableArray<string> head, ImmutableArray<DriverRole>.Builder roles)
    {
        if (head.Length < 3)
        {
            throw file.Fault("a role has a name and a start: role NAME START_MS [cg=CGROUP]");
        }

        string cgroup = head.FirstOrDefault(static word => word.StartsWith("cg=", StringComparison.Ordinal)) is { } word ? word[3..] : "";
        TimeSpan start = Milliseconds(file, head[2]);
        ImmutableArray<DriverOp> ops = ReadBody(file, null, out ImmutableArray<string> next);
        roles.Add(new DriverRole(head[1], start, cgroup, ops));
        return next;
    }

    /// <summary>Operations up to the closing word, or up to the next role or the end.</summary>
    private static ImmutableArray<DriverOp> ReadBody(RecordedFile file, string? close, out ImmutableArray<string> next)
    {
        var ops = ImmutableArray.CreateBuilder<DriverOp>();
        while (true)
        {
            next = NextLine(file);
            if (next.IsEmpty || next[0] == "role" || next[0] == close)
            {
                return close is null || (!next.IsEmpty && next[0] == close)
                    ? ops.ToImmutable() : throw file.Fault($"'{close}' is missing");
            }

            if (!Operations.TryGetValue(next[0], out int words))
            {
                throw file.Fault($"no operation '{next[0]}'; there are {string.Join(", ", Operations.Keys)}");
            }

            if (next.Length <= words)
            {
                throw file.Fault($"'{next[0]}' takes {words} words more");
            }

            int line = file.Line;
            ImmutableArray<string> op = next;
            ImmutableArray<DriverOp> body = op[0] is "loop" or "fork" ? ReadBody(file, "end" + op[0], out next) : [];
            ops.Add(new DriverOp(line, op, body));
        }
    }

    /// <summary>The words of the next line that has any, without its comment; empty at the end of the file.</summary>
    private static ImmutableArray<string> NextLine(RecordedFile file)
    {
        while (file.Next() is { } line)
        {
            int comment = line.IndexOf('#', StringComparison.Ordinal);
            string[] words = (comment < 0 ? line : line[..comment]).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0)
            {
                return [.. words];
            }
        }

        return [];
    }

    private static TimeSpan Milliseconds(RecordedFile file, string word) =>
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < 1_000_000_000_000
            ? TimeSpan.FromMilliseconds(number) : throw file.Fault($"a time is whole milliseconds, not '{word}'");

    public ScenarioException Fault(DriverOp op, string message) => new(File, op.Line, $"'{op.Text}': {message}");
}
