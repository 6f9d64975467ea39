using MmActors.Tracing.Output;

namespace MmActors.Cli.Execution;

/// <summary>A file that the user named: there whole or not at all.</summary>
internal static class UserFile
{
    /// <summary>Writes it.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="write">Writes its bytes.</param>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        try
        {
            AtomicFile.Write(path, write);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write '{path}': {fault.Message}");
        }
    }
}
