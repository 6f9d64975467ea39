using System.CommandLine;
using System.Globalization;
using MmActors.Cli.Execution;
using MmActors.Experiments.Exploring;
using MmActors.Experiments.Rendering;
using MmActors.Model.Coverage;
using MmActors.Runtime.Strategies;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors explore SCENARIO</c>: the same scenario in thousands of orders, every invariant checked after every
/// step.</summary>
internal static class ExploreVerb
{
    /// <summary>The verb with its options.</summary>
    public static Command Create(Terminal terminal, ISimulator simulator)
    {
        var verb = new Command("explore", "Run a scenario in thousands of orders and check every invariant after every step.");
        var scenario = ScenarioArgument.AddTo(verb);
        var options = new RunOptions("all");
        var search = new ExploreOptions();
        options.AddTo(verb);
        search.AddTo(verb);
        verb.SetAction(parsed =>
        {
            if (search.IsLong(parsed))
            {
                terminal.PrepareForMinutes();
            }

            AppContext.SetSwitch(CoverageMarks.SwitchName, isEnabled: true);
            RunChoices choices = options.Read(parsed, simulator, scenario.Read(parsed, simulator));
            ResultOutput.Check(choices);
            ExploreRequest request = search.Read(parsed, choices);
            if (search.IsHunt(parsed))
            {
                return Hunt(request, search.Compared(parsed), choices, terminal);
            }

            return Execute(request, choices, new Leavings(search.Directory(parsed), search.Shrinking(parsed)), terminal, simulator);
        });
        return verb;
    }

    private static int Execute(ExploreRequest request, RunChoices choices, Leavings leavings, Terminal terminal, ISimulator simulator)
    {
        using SeedLedger ledger = Open(leavings.Directory, request, choices);
        var progress = new ExploreProgressLine(terminal, request.Schedules);
        ExploreResult result = Explorer.Run(request with { Begins = ledger.Begin }, progress, terminal.Cancel);
        progress.Clear();
        ledger.End(result);
        var report = new ExploreReport(request, result, VersionVerb.Number);
        ResultOutput.Write(choices, terminal, report.WriteJson, report.WriteCsv, report.ForReader);
        if (result.Failed is not null)
        {
            terminal.Out.Flush();
            return Violated.Tell(terminal, request, choices, result, leavings, simulator);
        }

        return Interruption.Code(terminal, []);
    }

    private static int Hunt(ExploreRequest request, StrategySpec[] strategies, RunChoices choices, Terminal terminal)
    {
        var results = BugHunt.Run(
            request, strategies, result => terminal.Error.Write(string.Create(CultureInfo.InvariantCulture,
                $"{PlantedBugs.NameOf(result.Bug)}, {result.Strategy}: {(result.Schedules is { } found
                    ? $"found by schedule {found}" : $"not found by {result.Tried}")}\n")), terminal.Cancel);
        var report = new HuntReport(request, results, terminal.Cancel.IsCancellationRequested, VersionVerb.Number);
        ResultOutput.Write(choices, terminal, report.WriteJson, report.WriteCsv, report.ForReader);
        return Interruption.Code(terminal, []);
    }

    private static SeedLedger Open(string directory, ExploreRequest request, RunChoices choices)
    {
        try
        {
            return new SeedLedger(directory, Violated.CommandFor(request, choices, request.FirstSeed, request.Schedules));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write the ledger of seeds in '{directory}' (--out): {fault.Message}");
        }
    }
}
