using System.Text;
using MmActors.Cli.Verbs;
using MmActors.Experiments.Rendering;
using MmActors.Experiments.Soaking;
using MmActors.Tracing.Output;

namespace MmActors.Cli.Execution;

/// <summary>Where the rows of a soak go: standard output, row by row, or a file that takes its place when the soak has
/// ended.</summary>
internal sealed class SoakOutput : IDisposable
{
    private readonly string? _file;
    private readonly string _beside = "";
    private readonly TextWriter _writer;
    private readonly SoakWriter _soak;

    private SoakOutput(SoakRequest request, RunChoices choices, Terminal terminal)
    {
        _file = choices.OutputFile;
        _beside = _file is null ? "" : AtomicFile.Beside(_file, "tmp");
        _writer = _file is null ? terminal.Out : new StreamWriter(_beside, append: false, new UTF8Encoding(false));
        _soak = choices.Format switch
        {
            OutputFormat.Json => new SoakJson(_writer, request, VersionVerb.Number),
            OutputFormat.Csv => new SoakCsv(_writer, request, VersionVerb.Number),
            _ => new SoakTable(_writer, request, VersionVerb.Number, choices.Format == OutputFormat.Markdown),
        };
    }

    /// <summary>Opens the output and writes what stands before the first row.</summary>
    /// <exception cref="UsageException">The file cannot be written.</exception>
    public static SoakOutput Open(SoakRequest request, RunChoices choices, Terminal terminal)
    {
        try
        {
            var output = new SoakOutput(request, choices, terminal);
            output._soak.Begin();
            output._writer.Flush();
            return output;
        }
        catch (Exception fault) when (choices.OutputFile is not null && fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write '{choices.OutputFile}': {fault.Message}");
        }
    }

    /// <summary>Writes a row, to be seen at once.</summary>
    public void Row(SoakPeriod period)
    {
        _soak.Row(period);
        _writer.Flush();
    }

    /// <summary>Writes the summary; a file is in its place then.</summary>
    public void End(SoakResult result)
    {
        _soak.End(result);
        _writer.Flush();
        if (_file is not null)
        {
            _writer.Dispose();
            File.Move(_beside, AtomicFile.Resolve(_file), overwrite: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_file is not null)
        {
            _writer.Dispose();
            AtomicFile.Delete(_beside);
        }
    }
}
