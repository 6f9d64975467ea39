using MmActors.Experiments.Results;
using MmActors.Experiments.Running;
using MmActors.Model.Events;

namespace MmActors.Cli.Execution;

/// <summary>The trace files of the runs of one command: followers while they run, files in their place afterwards. Without any
/// nothing is attached to a run.</summary>
internal sealed class RunTraces(TraceChoices choices) : IDisposable
{
    private readonly List<(string Variant, FtraceFile File)> _files = [];

    /// <summary>The request with the followers its traces need.</summary>
    public RunRequest Follow(RunRequest request)
    {
        List<IKernelEventSink> followers = [.. request.Followers];
        if (choices.Ftrace is { } ftrace)
        {
            var file = new FtraceFile(PathOf(ftrace, request, ".txt"), request, choices.HasLabFields);
            _files.Add((request.Variant.Name, file));
            followers.Add(file.Writer);
        }

        return request with { Followers = [.. followers] };
    }

    /// <summary>Puts the files of the runs that began in their place; null, or why one could not be written. The result of the runs
    /// is to be shown all the same.</summary>
    public UsageException? Save(IEnumerable<VariantResult> ran)
    {
        HashSet<string> names = [.. ran.Select(static result => result.Name)];
        try
        {
            _files.FindAll(file => names.Contains(file.Variant)).ForEach(static file => file.File.Save());
            return null;
        }
        catch (UsageException fault)
        {
            return fault;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(static file => file.File.Dispose());

    private string PathOf(string path, RunRequest request, string ending)
    {
        if (!choices.IsFolder)
        {
            return path;
        }

        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write '{path}': {fault.Message}");
        }

        string name = new([.. request.Variant.Name.Select(static letter =>
            char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '_')]);
        return Path.Combine(path, name + ending);
    }
}
