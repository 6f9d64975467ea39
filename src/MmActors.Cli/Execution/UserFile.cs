using MmActors.Tracing.Output;

namespace MmActors.Cli.Execution;

/// <summary>A file or folder that the user named; a file is there whole or not at all.</summary>
internal static class UserFile
{
    /// <summary>Replaces what is there in one step, and says in one line why it could not.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="write">Writes its bytes.</param>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public static void Write(string path, Action<Stream> write) => Try(path, () => AtomicFile.Write(path, write));

    /// <summary>Makes a folder the user named, if it is not there.</summary>
    /// <exception cref="UsageException">It cannot be made.</exception>
    public static void MakeFolder(string path) => Try(path, () => Directory.CreateDirectory(path));

    private static void Try(string path, Action act)
    {
        try
        {
            act();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write '{path}': {fault.Message}");
        }
    }
}
