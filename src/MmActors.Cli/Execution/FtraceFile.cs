using System.Text;
using MmActors.Experiments.Running;
using MmActors.Tracing;
using MmActors.Tracing.Ftrace;
using MmActors.Tracing.Output;

namespace MmActors.Cli.Execution;

/// <summary>The tracefs text of one run on its way to a file. The lines wait in a passing file, because the head in front of
/// them counts them.</summary>
internal sealed class FtraceFile : IDisposable
{
    private readonly string _path;
    private readonly string _body;
    private readonly StreamWriter _lines;
    private readonly UnfailingStream _stream;
    private readonly FileStream _file;

    /// <summary>Opens the passing file.</summary>
    public FtraceFile(string path, RunRequest request, bool lab)
    {
        _path = path;
        _body = AtomicFile.Beside(path, "body");
        try
        {
            _file = new FileStream(_body, FileMode.Create, FileAccess.ReadWrite);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write '{path}': {fault.Message}");
        }

        _stream = new UnfailingStream(_file);
        _lines = new StreamWriter(_stream, new UTF8Encoding(false), bufferSize: 1 << 16);
        Writer = new FtraceWriter(
            _lines, FtraceFormat.Of(request.Variant.Switches, lab), request.Scenario.Uptime, request.Machine.Cpus);
    }

    /// <summary>Takes the events.</summary>
    public FtraceWriter Writer { get; }

    /// <summary>Puts the finished file in its place.</summary>
    /// <param name="mark">Set when the run was interrupted.</param>
    public void Save(PartialMark? mark)
    {
        _lines.Flush();
        if (_stream.Fault is { } fault)
        {
            throw new UsageException($"cannot write '{_path}': {fault.Message}");
        }

        UserFile.Write(_path, target =>
        {
            target.Write(Encoding.UTF8.GetBytes(Writer.Head(mark)));
            _file.Position = 0;
            _file.CopyTo(target);
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lines.Dispose();
        AtomicFile.Delete(_body);
    }
}
