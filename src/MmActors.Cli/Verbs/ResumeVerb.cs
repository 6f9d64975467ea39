using System.CommandLine;
using MmActors.Cli.Execution;
using MmActors.Experiments.Checkpoints;
using MmActors.Experiments.Running;
using MmActors.Experiments.Soaking;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors resume FILE</c>: goes on with a soak from its last checkpoint, to the end it would have had.</summary>
internal static class ResumeVerb
{
    private static readonly string[] Formats = ["table", "json", "csv", "md"];

    /// <summary>The verb with its options.</summary>
    public static Command Create(Terminal terminal)
    {
        var verb = new Command("resume", "Go on with a soak from its last checkpoint.");
        var file = new Argument<string>("FILE") { Description = "Where 'soak --checkpoint' kept its checkpoints." };
        var from = new Option<string?>("--from")
        {
            Description = "Go on from the last checkpoint at or before this simulated time. Default: the newest.",
            HelpName = "TIME",
        };
        var until = new Option<string?>("--for")
        {
            Description = "Simulated time at which the run ends, counted from its beginning. Default: as it was asked for.",
            HelpName = "TIME",
        };
        var format = new Option<string?>("--format", "-f") { Description = "table, json, csv or md. Default: table.", HelpName = "table|json|csv|md" };
        var output = new Option<string?>("--output", "-o") { Description = "File to write instead of standard output.", HelpName = "FILE" };
        var watch = new WatchOption();
        var saving = new CheckpointOptions(hasPlace: false);
        verb.Arguments.Add(file);
        foreach (var option in (Option[])[from, until, format, output])
        {
            verb.Options.Add(option);
        }

        watch.AddTo(verb);
        saving.AddTo(verb);
        verb.SetAction(parsed =>
        {
            terminal.PrepareForMinutes();
            CheckpointLocation location = CheckpointLocation.Parse(parsed.GetValue(file)!);
            string given = parsed.GetValue(format) ?? Formats[0];
            int index = Array.IndexOf(Formats, given);
            var wanted = new Wanted(
                location,
                parsed.GetValue(from) is { } early ? Quantities.Time("--from", early) : null,
                parsed.GetValue(until) is { } late ? Quantities.Time("--for", late) : null,
                index >= 0 ? (OutputFormat)index : throw UsageException.Unknown("format", given, Formats),
                UserFile.Given(parsed, output) is { } name and not "-" ? name : null);
            CheckpointChoices choices = saving.Read(parsed, location, "")!;
            CheckpointOptions.CheckApart(location, wanted.OutputFile);
            using WatchServer? server = watch.Read(parsed) is { } port ? WatchServer.Start(port) : null;
            return Execute(wanted, choices, server, terminal);
        });
        return verb;
    }

    private static int Execute(Wanted wanted, CheckpointChoices saving, WatchServer? server, Terminal terminal)
    {
        using WriterLock held = WriterLock.Take(wanted.Location);
        SoakResume resume = SoakResume.Open(wanted.Location, wanted.From, SoakCommand.Time);
        using SoakRun stored = resume.Run;
        TimeSpan horizon = wanted.Until ?? stored.Request.Horizon;
        if (horizon <= resume.From.Time)
        {
            throw new UsageException($"the run is at {SoakCommand.Moment(resume.From.Time)} of {SoakCommand.Time(horizon)} already: "
                + "'--for' takes more to go on");
        }

        var run = new SoakRun(stored.Request with { Horizon = horizon }, stored.Host, stored.World, stored.State);
        using CheckpointStore store = CheckpointStore.Continue(wanted.Location, held, resume.From, resume.History, saving.Keep);
        if (resume.Unfinished is { } unfinished)
        {
            terminal.Error.Write($"the checkpoint at {SoakCommand.Moment(unfinished)} was not complete when the run was interrupted: it goes on from the one before\n");
        }

        terminal.Error.Write($"resumed at {SoakCommand.Moment(resume.From.Time)} of {SoakCommand.Time(horizon)}: {resume.History.Began!.Command}\n");
        return new SoakExecution(terminal, server, resume.History.Began.Command)
            .Run(run, Choices(run.Request.Run, wanted), resume.Rows, store, saving);
    }

    private static RunChoices Choices(RunRequest request, Wanted wanted) => new()
    {
        ScenarioArgument = request.Scenario.Name,
        Scenario = request.Scenario,
        Variants = [request.Variant],
        MachineArgument = null,
        Machine = request.Machine,
        Seed = request.Seed,
        Tlb = request.Tlb,
        Format = wanted.Format,
        OutputFile = wanted.OutputFile,
    };

    private sealed record Wanted(CheckpointLocation Location, TimeSpan? From, TimeSpan? Until, OutputFormat Format, string? OutputFile);
}
