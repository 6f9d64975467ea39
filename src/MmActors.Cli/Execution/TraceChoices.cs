using MmActors.Tracing.Output;

namespace MmActors.Cli.Execution;

/// <summary>The traces a run is to leave behind. With several variants each path is a folder with one file per variant.</summary>
/// <param name="Ftrace">Where the tracefs text goes; null for none.</param>
/// <param name="HasLabFields">With the additions of the recordings' kernel (TC-12).</param>
/// <param name="Perfetto">Where the Perfetto trace goes; null for none.</param>
/// <param name="IsFolder">The paths are folders.</param>
internal sealed record TraceChoices(string? Ftrace, bool HasLabFields, string? Perfetto, bool IsFolder)
{
    /// <summary>Nothing is to be written.</summary>
    public static TraceChoices None { get; } = new(null, false, null, false);

    /// <summary>Fails early, before a long run, when a file can never be written.</summary>
    public void Check()
    {
        CheckPath(Ftrace);
        CheckPath(Perfetto);
    }

    private void CheckPath(string? path)
    {
        if (path is null)
        {
            return;
        }

        string? reason = Reason(path);
        if (reason is not null)
        {
            throw new UsageException($"cannot write '{path}': {reason}");
        }

        if (IsFolder)
        {
            UserFile.MakeFolder(path);
        }
    }

    private string? Reason(string path)
    {
        string full = AtomicFile.Resolve(path);
        if (path is "-" || new[] { Path.GetFullPath(path), full }.Any(static way => way.StartsWith("/dev/", StringComparison.Ordinal)))
        {
            return "a trace goes to a file of its own; standard output has the result";
        }

        if (IsFolder)
        {
            return File.Exists(full) ? "it is a file; 'compare' writes a folder with one file per variant"
                : Directory.Exists(Path.GetDirectoryName(full)) || Directory.Exists(full) ? null
                : "its directory does not exist";
        }

        return Directory.Exists(full) ? "it is a directory"
            : Directory.Exists(Path.GetDirectoryName(full)) ? null : "its directory does not exist";
    }
}
