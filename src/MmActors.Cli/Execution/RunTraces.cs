using MmActors.Experiments.Results;
using MmActors.Experiments.Running;
using MmActors.Model.Events;
using MmActors.Tracing;

namespace MmActors.Cli.Execution;

/// <summary>The trace files of the runs of one command: followers while they run, files in their place afterwards. Without any
/// nothing is attached to a run.</summary>
internal sealed class RunTraces(TraceChoices choices) : IDisposable
{
    private readonly List<IDisposable> _files = [];
    private readonly List<Pending> _saves = [];
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The request with the followers its traces need.</summary>
    public RunRequest Follow(RunRequest request) =>
        choices.Ftrace is null && choices.Perfetto is null ? request : Attach(request);

    private RunRequest Attach(RunRequest request)
    {
        List<IKernelEventSink> followers = [.. request.Followers];
        if (choices.Ftrace is { } ftrace)
        {
            var file = new FtraceFile(PathOf(ftrace, request, Outputs.FtraceEnding), request, choices.HasLabFields);
            _files.Add(file);
            _saves.Add(new Pending(request.Variant.Name, file.Save));
            followers.Add(file.Writer);
        }

        if (choices.Perfetto is { } perfetto)
        {
            var file = new PerfettoFile(PathOf(perfetto, request, Outputs.PerfettoEnding), request);
            _files.Add(file);
            _saves.Add(new Pending(request.Variant.Name, file.Save));
            followers.Add(file.Trace);
        }

        return request with { Followers = [.. followers] };
    }

    /// <summary>Puts the files of the runs that began in their place; null, or why one could not be written. The result of the runs
    /// is to be shown all the same.</summary>
    public UsageException? Save(IEnumerable<VariantResult> ran)
    {
        if (_saves.Count == 0)
        {
            return null;
        }

        Dictionary<string, VariantResult> results = ran.ToDictionary(static result => result.Name, StringComparer.Ordinal);
        try
        {
            foreach (Pending pending in _saves)
            {
                if (results.TryGetValue(pending.Variant, out VariantResult? result))
                {
                    pending.Save(Interruption.MarkOf(result));
                }
            }

            return null;
        }
        catch (UsageException fault)
        {
            return fault;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(static file => file.Dispose());

    private string PathOf(string path, RunRequest request, string ending)
    {
        if (!choices.IsFolder)
        {
            return path;
        }

        string file = UserFile.OfVariant(path, request.Variant.Name, ending);
        return _taken.Add(file) ? file : throw new UsageException(
            $"cannot write '{file}': two variants would have this name; give one of them to 'run' instead");
    }

    private sealed record Pending(string Variant, Action<PartialMark?> Save);
}
