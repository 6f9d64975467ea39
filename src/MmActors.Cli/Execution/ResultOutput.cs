using System.Text;
using MmActors.Experiments.Rendering;

namespace MmActors.Cli.Execution;

/// <summary>Writes a result in the chosen format to standard output or to a file.</summary>
internal static class ResultOutput
{
    /// <summary>Fails early, before a long run, when the output file can never be written.</summary>
    public static void Check(RunChoices choices)
    {
        if (choices.OutputFile is not { } file)
        {
            return;
        }

        var directory = Path.GetDirectoryName(Path.GetFullPath(file));
        if (Directory.Exists(file) || !Directory.Exists(directory))
        {
            throw new UsageException($"cannot write '{file}': {(Directory.Exists(file)
                ? "it is a directory" : "its directory does not exist")}");
        }
    }

    /// <summary>Writes the result; <paramref name="report"/> is asked for only when a person reads it.</summary>
    public static void Write(RunChoices choices, Terminal terminal, ReportInput input, Func<ReportInput, Report> report)
    {
        if (choices.OutputFile is not { } file)
        {
            Write(choices.Format, terminal.Out, terminal.Colour, input, report);
            return;
        }

        try
        {
            using var writer = new StreamWriter(file, append: false, new UTF8Encoding(false));
            Write(choices.Format, writer, colour: false, input, report);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write '{file}': {fault.Message}");
        }
    }

    private static void Write(
        OutputFormat format, TextWriter writer, bool colour, ReportInput input, Func<ReportInput, Report> report)
    {
        switch (format)
        {
            case OutputFormat.Json:
                ResultJson.Write(writer, input.Result, [.. input.Evidence.Select(static more => more.Result)]);
                break;
            case OutputFormat.Csv:
                ResultCsv.Write(writer, [input.Result, .. input.Evidence.Select(static more => more.Result)]);
                break;
            case OutputFormat.Markdown:
                report(input).WriteMarkdown(writer);
                break;
            default:
                report(input).WriteText(writer, colour);
                break;
        }
    }
}
