using MmActors.Experiments.Running;
using MmActors.Tracing;
using MmActors.Tracing.Output;
using MmActors.Tracing.Perfetto;

namespace MmActors.Cli.Execution;

/// <summary>The trace for the viewer of one run on its way to a file. Its packets wait in passing files beside its place, because
/// they stand there in another order than that in which they come.</summary>
internal sealed class PerfettoFile : IDisposable
{
    private readonly string _path;

    /// <summary>Opens the first passing file.</summary>
    /// <exception cref="UsageException">It cannot be made there.</exception>
    public PerfettoFile(string path, RunRequest request)
    {
        _path = path;
        try
        {
            Trace = new PerfettoTrace(request.Scenario.Uptime, request.Machine.Cpus, AtomicFile.Beside(path, "packets"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write '{path}': {fault.Message}");
        }
    }

    /// <summary>Takes the events.</summary>
    public PerfettoTrace Trace { get; }

    /// <summary>Puts the finished file in its place.</summary>
    /// <param name="mark">Set when the run was interrupted.</param>
    /// <exception cref="UsageException">The disk failed, now or during the run.</exception>
    public void Save(PartialMark? mark) => UserFile.Write(_path, stream => Trace.Write(stream, mark));

    /// <inheritdoc/>
    public void Dispose() => Trace.Dispose();
}
