using System.CommandLine;
using System.Globalization;
using MmActors.Cli.Execution;
using MmActors.Experiments.Rendering;
using MmActors.Experiments.Traces;
using MmActors.Experiments.Validation;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors validate PATH…</c>: recorded runs of real kernels, replayed in the simulator and compared.</summary>
internal static class ValidateVerb
{
    private static readonly string[] Formats = ["table", "json", "csv", "md"];

    /// <summary>The verb with its options.</summary>
    public static Command Create(Terminal terminal, ISimulator simulator)
    {
        var verb = new Command("validate", "Replay recorded runs of real kernels and compare line by line.");
        var paths = new Argument<string[]>("path")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "Directories of recorded runs, or directories that hold such directories.",
        };
        var atLeast = new Option<string?>("--at-least")
        {
            Description = "Share of every category that must match for exit code 0, in %. Default: 100.",
            HelpName = "PERCENT",
        };
        var explain = new Option<string?>("--explain")
        {
            Description = "Show both event sequences of this run side by side.",
            HelpName = "RUN",
        };
        var format = new Option<string?>("--format", "-f") { Description = "table, json, csv or md. Default: table.", HelpName = "table|json|csv|md" };
        verb.Arguments.Add(paths);
        foreach (Option option in (Option[])[atLeast, explain, format])
        {
            verb.Options.Add(option);
        }

        var traces = new TraceVerb();
        traces.AddTo(verb);
        verb.SetAction(parsed =>
        {
            int form = parsed.GetValue(format) is { } word ? Array.IndexOf(Formats, word) : 0;
            if (form < 0)
            {
                throw UsageException.Unknown("format", parsed.GetValue(format)!, Formats);
            }

            double percent = Percent(parsed.GetValue(atLeast));
            string[] given = parsed.GetValue(paths) ?? [];
            return traces.IsAsked(parsed)
                ? Compare(() => traces.Compare(parsed, terminal, simulator), terminal, given, percent, parsed.GetValue(explain), (OutputFormat)form)
                : Execute(terminal, given, percent, parsed.GetValue(explain), (OutputFormat)form);
        });
        return verb;
    }

    private static double Percent(string? given) => given is null ? 100
        : double.TryParse(given.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent is >= 0 and <= 100
            ? percent : throw new UsageException($"'--at-least' takes a percentage from 0 to 100, not '{given}'");

    private static int Execute(Terminal terminal, string[] paths, double atLeast, string? explain, OutputFormat format)
    {
        if (paths.Length == 0)
        {
            throw new UsageException("'validate' takes one or more directories of recorded runs");
        }

        string[] runs = [.. paths.SelectMany(RunValidator.Find)];
        if (explain is not null)
        {
            string[] named = [.. runs.Where(run => Path.GetFileName(Path.GetFullPath(run).TrimEnd('/')) == explain)];
            runs = named.Length > 0 ? [named[0]] : throw UsageException.Unknown("run", explain, [.. runs.Select(Path.GetFileName).OfType<string>()]);
        }

        ValidatedRun[] validated = ParallelValidation.Run(runs, terminal);
        bool isPartial = validated.Length < runs.Length;
        if (validated.Length == 0)
        {
            return Interruption.Nothing(terminal);
        }

        Write(
            terminal, validated, format,
            explain is null ? ScoreboardReport.Scoreboard(validated, isPartial) : ScoreboardReport.Explanation(validated[0]), isPartial);
        if (isPartial)
        {
            terminal.Out.Flush();
            terminal.Error.Write($"interrupted: {validated.Length} of {runs.Length} runs were compared\n");
            return ExitCode.Interrupted;
        }

        return Judge(terminal, validated, atLeast);
    }

    private static int Compare(
        Func<TraceVerdict> compare, Terminal terminal, string[] paths, double atLeast, string? explain, OutputFormat format)
    {
        if (paths.Length > 0)
        {
            throw new UsageException("'validate' takes either directories of recorded runs or '--trace', not both");
        }

        try
        {
            ValidatedRun run = compare().Run;
            if (explain is not null && explain != run.Name)
            {
                throw UsageException.Unknown("run", explain, [run.Name]);
            }

            Write(terminal, [run], format, explain is null ? ScoreboardReport.OfTrace(run) : ScoreboardReport.Explanation(run), isPartial: false);
            return Judge(terminal, [run], atLeast);
        }
        catch (OperationCanceledException)
        {
            return Interruption.Nothing(terminal);
        }
    }

    private static int Judge(Terminal terminal, ValidatedRun[] validated, double atLeast)
    {
        string[] below = [.. ScoreboardReport.Total(validated).Where(score => score.Share * 100 < atLeast)
            .Select(static score => string.Create(CultureInfo.InvariantCulture, $"{score.Name} {score.Share * 100:0.00} %"))];
        if (below.Length > 0)
        {
            terminal.Out.Flush();
            terminal.Error.Write(string.Create(CultureInfo.InvariantCulture, $"below {atLeast} %: {string.Join(", ", below)}\n"));
        }

        return below.Length > 0 ? ExitCode.Mismatch : ExitCode.Success;
    }

    private static void Write(Terminal terminal, ValidatedRun[] runs, OutputFormat format, Report report, bool isPartial)
    {
        switch (format)
        {
            case OutputFormat.Json:
                ScoreboardReport.WriteJson(terminal.Out, runs, isPartial);
                break;
            case OutputFormat.Csv:
                ScoreboardReport.WriteCsv(terminal.Out, runs);
                break;
            default:
                if (format == OutputFormat.Markdown)
                {
                    report.WriteMarkdown(terminal.Out);
                }
                else
                {
                    report.WriteText(terminal.Out, terminal.Colour);
                }

                break;
        }
    }
}
