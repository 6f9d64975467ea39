using System.Text;
using MmActors.Experiments.Rendering;

namespace MmActors.Cli.Execution;

/// <summary>Writes a result in the chosen format to standard output or to a file.</summary>
internal static class ResultOutput
{
    /// <summary>Fails early, before a long run, when the output file can never be written.</summary>
    public static void Check(RunChoices choices)
    {
        if (choices.OutputFile is { } file)
        {
            CheckFile(file);
        }
    }

    /// <summary>The same for any file a command writes.</summary>
    public static void CheckFile(string file)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(file));
        if (Directory.Exists(file) || !Directory.Exists(directory))
        {
            throw new UsageException($"cannot write '{file}': {(Directory.Exists(file)
                ? "it is a directory" : "its directory does not exist")}");
        }
    }

    /// <summary>Writes the result; <paramref name="report"/> is asked for only when a person reads it.</summary>
    public static void Write(RunChoices choices, Terminal terminal, ReportInput input, Func<ReportInput, Report> report) => Write(
        choices, terminal,
        writer => ResultJson.Write(writer, input.Result, [.. input.Evidence.Select(static more => more.Result)], input.MoreSeeds),
        writer => ResultCsv.Write(writer, [input.Result, .. input.Evidence.Select(static more => more.Result), .. input.MoreSeeds]),
        () => report(input));

    /// <summary>Writes a result of any kind in the chosen format.</summary>
    /// <param name="choices">Where to and how.</param>
    /// <param name="terminal">Where to without a file.</param>
    /// <param name="json">Writes it as JSON.</param>
    /// <param name="csv">Writes it as CSV.</param>
    /// <param name="report">Makes the report a person reads.</param>
    public static void Write(
        RunChoices choices, Terminal terminal, Action<TextWriter> json, Action<TextWriter> csv, Func<Report> report)
    {
        void To(TextWriter writer, bool colour)
        {
            switch (choices.Format)
            {
                case OutputFormat.Json:
                    json(writer);
                    break;
                case OutputFormat.Csv:
                    csv(writer);
                    break;
                case OutputFormat.Markdown:
                    report().WriteMarkdown(writer);
                    break;
                default:
                    report().WriteText(writer, colour);
                    break;
            }
        }

        if (choices.OutputFile is not { } file)
        {
            To(terminal.Out, terminal.Colour);
            return;
        }

        UserFile.Write(file, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
            To(writer, colour: false);
        });
    }
}
