namespace MmActors.Cli.Execution;

/// <summary>A file that is there whole or not at all: written beside its place, then renamed over it.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">Its place; what a link there points to is replaced, not the link.</param>
    /// <param name="write">Writes its bytes.</param>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string beside = Beside(path, "tmp");
        try
        {
            using (FileStream stream = new(beside, FileMode.Create, FileAccess.Write))
            {
                write(stream);
            }

            File.Move(beside, Resolve(path), overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write '{path}': {fault.Message}");
        }
        finally
        {
            Delete(beside);
        }
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

    private static string Resolve(string path) => Path.GetFullPath(
        File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? target.FullName : path);
}
