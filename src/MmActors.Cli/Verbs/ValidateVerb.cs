using System.CommandLine;
using System.Globalization;
using MmActors.Cli.Execution;
using MmActors.Experiments.Rendering;
using MmActors.Experiments.Validation;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors validate PATH…</c>: recorded runs of real kernels, replayed in the simulator and compared.</summary>
internal static class ValidateVerb
{
    private static readonly string[] Formats = ["table", "json", "csv", "md"];

    /// <summary>The verb with its options.</summary>
    public static Command Create(Terminal terminal)
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

        verb.SetAction(parsed =>
        {
            int form = parsed.GetValue(format) is { } word ? Array.IndexOf(Formats, word) : 0;
            return form < 0
                ? throw UsageException.Unknown("format", parsed.GetValue(format)!, Formats)
                : Execute(terminal, parsed.GetValue(paths) ?? [], Percent(parsed.GetValue(atLeast)), parsed.GetValue(explain), (OutputFormat)form);
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

        Write(terminal, validated, explain is not null, format, isPartial);
        if (isPartial)
        {
            terminal.Out.Flush();
            terminal.Error.Write($"interrupted: {validated.Length} of {runs.Length} runs were compared\n");
            return ExitCode.Interrupted;
        }

        string[] below = [.. ScoreboardReport.Total(validated).Where(score => score.Share * 100 < atLeast)
            .Select(static score => string.Create(CultureInfo.InvariantCulture, $"{score.Name} {score.Share * 100:0.00} %"))];
        if (below.Length > 0)
        {
            terminal.Out.Flush();
            terminal.Error.Write(string.Create(CultureInfo.InvariantCulture, $"below {atLeast} %: {string.Join(", ", below)}\n"));
        }

        return below.Length > 0 ? ExitCode.Mismatch : ExitCode.Success;
    }

    private static void Write(Terminal terminal, ValidatedRun[] runs, bool explains, OutputFormat format, bool isPartial)
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
                Report report = explains ? ScoreboardReport.Explanation(runs[0]) : ScoreboardReport.Scoreboard(runs, isPartial);
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
