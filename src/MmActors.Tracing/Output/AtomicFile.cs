namespace MmActors.Tracing.Output;

/// <summary>Writes a file beside its place and then puts it there in one step: a reader, a full disk or Ctrl-C never meets
/// half a file, and what stood there before is not lost.</summary>
public static class AtomicFile
{
    /// <summary>Replaces or creates a file.</summary>
    /// <param name="path">Its place; what a link there points to is replaced, not the link.</param>
    /// <param name="write">Writes the content; what it throws leaves the old file as it was.</param>
    public static void Write(string path, Action<Stream> write)
    {
        if (IsDevice(path))
        {
            using var device = new FileStream(path, FileMode.Open, FileAccess.Write);
            write(device);
            return;
        }

        string beside = Beside(path, "tmp");
        try
        {
            using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, Resolve(path), overwrite: true);
        }
        finally
        {
            Delete(beside);
        }
    }

    /// <summary>What lies there takes bytes, but is not to be replaced by a file: /dev/null, /dev/stdout.</summary>
    public static bool IsDevice(string path)
    {
        string full = Path.GetFullPath(path);
        return full.StartsWith("/dev/", StringComparison.Ordinal) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal) && File.Exists(full);
    }

    /// <summary>Name of a passing file in the folder of another.</summary>
    public static string Beside(string path, string ending) =>
        $"{Resolve(path)}.{Environment.ProcessId}.{ending}";

    /// <summary>Removes a passing file, if it can be.</summary>
    public static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It never came to be there, or the folder is gone: nothing is left to tidy.
        }
    }

    /// <summary>Where a path leads in the end.</summary>
    public static string Resolve(string path) => Path.GetFullPath(
        File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? target.FullName : path);
}
