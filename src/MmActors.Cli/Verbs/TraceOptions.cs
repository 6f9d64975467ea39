using System.CommandLine;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Verbs;

/// <summary>The options that leave a trace of a run behind.</summary>
/// <param name="isFolder">For a verb that runs several variants: the paths are folders.</param>
internal sealed class TraceOptions(bool isFolder)
{
    private static readonly string[] Fields = ["stock", "lab"];

    private readonly Option<string?> _ftrace = new("--ftrace")
    {
        Description = isFolder
            ? "Folder for the kernel's own trace text, VARIANT.txt each."
            : "File for the kernel's own trace text, as /sys/kernel/tracing/trace has it.",
        HelpName = isFolder ? "FOLDER" : "FILE",
    };

    private readonly Option<string?> _fields = new("--ftrace-fields")
    {
        Description = "stock, or lab for the fields of the recordings' kernel as well (addr, looked, pid, budget). Default: stock.",
        HelpName = "stock|lab",
    };

    private readonly Option<string?> _perfetto = new("--perfetto")
    {
        Description = isFolder
            ? "Folder for traces to open in ui.perfetto.dev, VARIANT.perfetto-trace each."
            : "File for a trace to open in ui.perfetto.dev: a track per actor, counters, arrows.",
        HelpName = isFolder ? "FOLDER" : "FILE",
    };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        verb.Options.Add(_ftrace);
        verb.Options.Add(_fields);
        verb.Options.Add(_perfetto);
    }

    /// <summary>Checks what was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="UsageException">A file cannot be written there.</exception>
    public TraceChoices Read(ParseResult parsed)
    {
        string? fields = parsed.GetValue(_fields);
        if (fields is not null && !Fields.Contains(fields))
        {
            throw UsageException.Unknown("kind of fields", fields, Fields);
        }

        string? ftrace = UserFile.Given(parsed, _ftrace);
        if (fields is not null && ftrace is null)
        {
            throw new UsageException("'--ftrace-fields' needs '--ftrace'");
        }

        var choices = new TraceChoices(ftrace, fields == "lab", UserFile.Given(parsed, _perfetto), isFolder);
        choices.Check();
        return choices;
    }
}
