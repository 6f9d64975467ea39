using MmActors.Tracing.Output;

namespace MmActors.Cli.Execution;

/// <summary>A file that the user named: there whole or not at all.</summary>
internal static class UserFile
{
    /// <summary>Replaces what is there in one step, and says in one line why it could not.</summary>
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
