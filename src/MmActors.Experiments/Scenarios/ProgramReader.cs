using System.Collections.Immutable;
using System.Globalization;
using MmActors.Experiments.Config;
using MmActors.Model.Programs;

namespace MmActors.Experiments.Scenarios;

/// <summary>Reads one task's program as one variant runs it: the list of steps, with loops and fork children.</summary>
/// <param name="set">Reads its writes to knobs.</param>
/// <param name="only">Decides which steps the variant has.</param>
internal sealed class ProgramReader(SetReader set, OnlySteps only)
{
    /// <summary>Deepest nesting of loops and forks.</summary>
    public const int MaxNesting = 8;

    /// <summary>Most steps one scenario may execute, loops multiplied out.</summary>
    public const long MaxExecuted = 100_000_000;

    private readonly List<(string Name, int Line)> _children = [];

    /// <summary>Fork children, in order.</summary>
    public IReadOnlyList<(string Name, int Line)> Children => _children;

    /// <summary>Steps written down, bodies included.</summary>
    public long Written { get; private set; }

    /// <summary>Steps executed, loops multiplied out; capped just above <see cref="MaxExecuted"/>.</summary>
    public long Executed { get; private set; }

    /// <summary>Reads the program.</summary>
    public ImmutableArray<Step> Read(ConfigList program)
    {
        (var steps, Executed) = Block(program, new Scope(new RegionTable(), 0, InLoop: false, MayFork: true));
        return steps;
    }

    /// <summary>The program of one replica: its fork children get the replica's number too.</summary>
    public static ImmutableArray<Step> WithNumberedChildren(ImmutableArray<Step> steps, int number) =>
        [.. steps.Select(step => step switch
        {
            ForkStep fork => new ForkStep(Numbered(fork.Child, number), WithNumberedChildren(fork.Body, number)),
            LoopStep loop => loop with { Body = WithNumberedChildren(loop.Body, number) },
            _ => step,
        })];

    /// <summary>Name of the n-th replica.</summary>
    public static string Numbered(string name, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");

    private readonly record struct Scope(RegionTable Regions, int Nesting, bool InLoop, bool MayFork);

    private (ImmutableArray<Step> Steps, long Executed) Block(ConfigList list, Scope scope)
    {
        var steps = ImmutableArray.CreateBuilder<Step>(list.Items.Count);
        var executed = Append(list, scope, steps);
        return (steps.ToImmutable(), executed);
    }

    /// <summary>Adds the steps of a list; those under <c>only</c> as if they stood in the list themselves.</summary>
    private long Append(ConfigList list, Scope scope, ImmutableArray<Step>.Builder steps)
    {
        var executed = 0L;
        foreach (var item in list.Items)
        {
            var cost = 0L;
            if (item is ConfigMap { Entries: [{ Key: "only" } entry] })
            {
                var args = entry.Value.AsMap();
                args.CheckKeys(KeysOf("only"));
                var body = Body(args);
                cost = only.Takes(args) ? Append(body, scope, steps) : 0;
            }
            else if (steps.Count > 0 && steps[^1] is ExitStep)
            {
                throw item.Fault("this step is never reached: the one before it is 'exit'");
            }
            else if (Single(item, scope) is ({ } step, var each))
            {
                steps.Add(step);
                Written++;
                cost = each;
            }

            executed = Math.Min(executed + cost, MaxExecuted + 1);
        }

        return executed;
    }

    private (Step? Step, long Executed) Single(ConfigNode item, Scope scope)
    {
        if (item is ConfigScalar { Text: "exit" })
        {
            return (new ExitStep(), 1);
        }

        if (item is not ConfigMap map || map.Entries.Count != 1)
        {
            throw item is ConfigMap { Entries.Count: > 1 } several
                ? new ScenarioException(
                    item.File, several.Entries[1].Line,
                    $"a step is one operation; '{Suggestion.Shorten(several.Entries[1].Key)}' needs its own '- ' line")
                : item.Fault($"a step is '- operation: …', found {item.Kind}");
        }

        map.CheckKeys(ScenarioKeys.Steps);
        var (name, value) = (map.Entries[0].Key, map.Entries[0].Value);
        if (name == "exit")
        {
            return value is ConfigScalar { IsEmpty: true }
                ? (new ExitStep(), 1)
                : throw value.Fault("'exit' takes no value");
        }

        if (ScenarioKeys.StepValues.Contains(name))
        {
            return (StepReader.ReadValue(name, value.AsScalar()), 1);
        }

        var args = value.AsMap();
        args.CheckKeys(KeysOf(name));
        return name switch
        {
            "loop" => Loop(args, scope),
            "fork" => Fork(args, scope),
            "set" => (set.Read(args), 1),
            _ => (StepReader.ReadMapped(name, args, scope.Regions, scope.InLoop), 1),
        };
    }

    private static string[] KeysOf(string step) => ScenarioKeys.StepMaps.First(s => s.Step == step).Keys;

    /// <summary>A loop, or nothing when all its steps belong to other variants.</summary>
    private (Step? Step, long Executed) Loop(ConfigMap args, Scope scope)
    {
        var times = args.RequireScalar("times").AsInt(0, int.MaxValue);
        var before = scope.Regions.Copy();
        var inner = Inside(args, scope) with { InLoop = true, MayFork = false };
        if (times == 0)
        {
            inner = inner with { Regions = before };
        }

        var (body, executed) = Block(Body(args), inner);
        if (times > 1 && before.FirstDifference(scope.Regions) is { } region)
        {
            throw args.Fault(
                $"region '{region}' is mapped at the start or the end of the loop but not at both; "
                + "the second iteration would fail");
        }

        if (body.IsEmpty)
        {
            return (null, 0);
        }

        return (new LoopStep(times, body), 1 + (long)Int128.Min((Int128)times * executed, MaxExecuted));
    }

    private (Step? Step, long Executed) Fork(ConfigMap args, Scope scope)
    {
        var child = args.RequireScalar("child");
        var name = child.AsName();
        if (!scope.MayFork)
        {
            throw args.Fault("a fork inside a loop would start several tasks of one name; write the forks out");
        }

        _children.Add((name, child.Line));
        var inner = Inside(args, scope) with { Regions = scope.Regions.Copy(), InLoop = false };
        var (body, executed) = Block(Body(args), inner);
        return (new ForkStep(name, body), 1 + executed);
    }

    private static Scope Inside(ConfigMap args, Scope scope) => scope.Nesting < MaxNesting
        ? scope with { Nesting = scope.Nesting + 1 }
        : throw args.Fault($"loops and forks are nested deeper than {MaxNesting} levels");

    private static ConfigList Body(ConfigMap args)
    {
        var body = args.Require("do").AsList();
        return body.Items.Count > 0 ? body : throw body.Fault("'do' has no step");
    }
}
