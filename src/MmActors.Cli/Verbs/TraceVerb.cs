using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using MmActors.Cli.Execution;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Experiments.Traces;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors validate --trace FILE --scenario S</c>: a user's own trace against a scenario.</summary>
internal sealed class TraceVerb
{
    /// <summary>As of the other verbs: no task of a traced scenario may hang on it for what is compared.</summary>
    private const ulong Seed = 1;

    private readonly Option<string?> _trace = new("--trace")
    {
        Description = "A trace of your own (tracefs or trace-cmd report text, .gz or not) to compare with --scenario.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _scenario = new("--scenario") { Description = "What the trace's machine ran: a shipped scenario or a file.", HelpName = "SCENARIO" };
    private readonly Option<string?> _variant = new("--variant") { Description = "Variant of it. Default: its first.", HelpName = "VARIANT" };
    private readonly Option<string[]> _mms = new("--mm")
    {
        Description = "Task that an mm of the trace is, by pointer or pid; repeatable. Default: by the processes' names, else by order.",
        HelpName = "MM=TASK",
    };

    /// <summary>Adds the options to the verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[_trace, _scenario, _variant, _mms])
        {
            verb.Options.Add(option);
        }
    }

    /// <summary>Whether the command line is about a trace.</summary>
    public bool IsAsked(ParseResult parsed)
    {
        if (parsed.GetValue(_trace) is not null)
        {
            return true;
        }

        Option? alone = ((Option[])[_scenario, _variant, _mms]).FirstOrDefault(option => parsed.GetResult(option) is not null);
        return alone is null ? false : throw new UsageException($"'{alone.Name}' goes with '--trace FILE'");
    }

    /// <summary>Runs the variant and compares; what each mm stands for goes to stderr.</summary>
    public TraceVerdict Compare(ParseResult parsed, Terminal terminal, ISimulator simulator)
    {
        string named = parsed.GetValue(_scenario)
            ?? throw new UsageException($"'--trace' needs '--scenario': a path or one of {string.Join(", ", simulator.Scenarios)}");
        Scenario scenario = simulator.Load(named);
        string[] variants = [.. scenario.Variants.Select(static variant => variant.Name)];
        string chosen = parsed.GetValue(_variant) ?? variants[0];
        Variant variant = scenario.Variants.FirstOrDefault(variant => variant.Name == chosen) ?? throw UsageException.Unknown("variant", chosen, variants);
        TraceFile trace = TraceFile.Read(parsed.GetValue(_trace)!);
        TraceVerdict verdict = TraceComparison.Compare(
            trace, new RunRequest(scenario, variant, scenario.Machine, Seed, TlbModel.Reach), Pairs(parsed.GetValue(_mms) ?? []), terminal.Cancel);
        Tell(terminal, trace, verdict);
        return verdict;
    }

    private static SortedDictionary<string, string> Pairs(IEnumerable<string> given)
    {
        SortedDictionary<string, string> pairs = new(StringComparer.Ordinal);
        foreach (string pair in given)
        {
            string[] sides = pair.Split('=');
            if (sides is not [{ Length: > 0 }, { Length: > 0 }] || !pairs.TryAdd(sides[0], sides[1]))
            {
                throw new UsageException($"'--mm' takes MM=TASK, an mm pointer or pid and a task, each mm once, not '{pair}'");
            }
        }

        return pairs;
    }

    private static void Tell(Terminal terminal, TraceFile trace, TraceVerdict verdict)
    {
        foreach (TraceTask mm in verdict.Tasks)
        {
            string pid = mm.Pid is { } number ? string.Create(CultureInfo.InvariantCulture, $" (pid {number})") : "";
            terminal.Error.Write(mm.Task is null ? $"mm {mm.Mm}{pid}: left out, {mm.Why}\n" : $"mm {mm.Mm}{pid}: task {mm.Task}, {mm.Why}\n");
        }

        foreach (string line in (ImmutableArray<string>)
        [
            .. trace.Lost > 0 ? [$"the kernel lost {trace.Lost} events of this trace"] : Array.Empty<string>(),
            .. trace.LastLineIsCut ? ["the last line is cut and was left out"] : Array.Empty<string>(),
            .. verdict.Beyond > 0 ? [$"not compared: {verdict.Beyond} lines that the simulator has after the trace's last"] : Array.Empty<string>(),
        ])
        {
            terminal.Error.Write(line + "\n");
        }
    }
}
