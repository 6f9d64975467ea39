using System.Collections.Immutable;
using System.CommandLine;
using MmActors.Cli.Execution;
using MmActors.Experiments.Explaining;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors explain SCENARIO TASK/REGION/RANGE</c>: the life of one 2 MiB range, and why it was or was not
/// collapsed.</summary>
internal static class ExplainVerb
{
    private const string AllVariants = "all";

    /// <summary>The verb with its options.</summary>
    public static Command Create(Terminal terminal, ISimulator simulator)
    {
        var verb = new Command("explain", "Tell the life of one 2 MiB range: why was it (not) collapsed?");
        var scenario = ScenarioArgument.AddTo(verb);
        var range = new Argument<string?>("RANGE")
        {
            Description = "TASK/REGION/NUMBER: a 2 MiB range of a task's region, counted from 0.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        verb.Arguments.Add(range);
        var options = new RunOptions(AllVariants);
        options.AddTo(verb);
        verb.SetAction(parsed =>
        {
            var choices = options.Read(parsed, simulator, scenario.Read(parsed, simulator));
            ResultOutput.Check(choices);
            var given = parsed.GetValue(range)
                ?? throw new UsageException("'explain' needs a range, TASK/REGION/NUMBER, such as cold/buf/0");
            return Execute(choices, given, terminal, simulator);
        });
        return verb;
    }

    private static int Execute(RunChoices choices, string given, Terminal terminal, ISimulator simulator)
    {
        ImmutableArray<(RangeName Name, HistoryCollector Collector)> followers =
            [.. choices.Variants.Select(variant => Follow(given, variant))];
        var results = new ParallelRuns(simulator, terminal, choices).Run(
            [.. choices.Variants.Select((variant, index) => Request(choices, variant, followers[index].Collector))]);
        var explained = ImmutableArray.CreateBuilder<Explanation>();
        var notRun = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i] is { } result)
            {
                explained.Add(new(
                    result.Name, result.Hash, result.SimulatedSeconds, result.Partial, followers[i].Collector.History()));
            }
            else
            {
                notRun.Add(choices.Variants[i].Name);
            }
        }

        if (explained.Count == 0)
        {
            return Interruption.Nothing(terminal);
        }

        var set = new ExplanationSet(
            choices.Scenario.Name, followers[0].Name, choices.Seed, VersionVerb.Number, choices.Machine.Name, explained.ToImmutable());
        ResultOutput.Write(
            choices, terminal, writer => ExplanationData.WriteJson(writer, set), writer => ExplanationData.WriteCsv(writer, set),
            () => ExplanationReport.Of(set));
        return Interruption.Code(terminal, notRun.ToImmutable());
    }

    private static RunRequest Request(RunChoices choices, Variant variant, HistoryCollector collector) =>
        choices.Request(variant, choices.Machine) with { Followers = [collector] };

    private static (RangeName Name, HistoryCollector Collector) Follow(string given, Variant variant)
    {
        try
        {
            var name = RangeName.Parse(given, variant);
            return (name, new HistoryCollector(name, variant));
        }
        catch (UnknownRangeException fault)
        {
            throw new UsageException(fault.Message);
        }
    }
}
