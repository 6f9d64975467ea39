using System.CommandLine;
using MmActors.Tracing.Output;

namespace MmActors.Cli.Execution;

/// <summary>A file or folder that the user named; a file is there whole or not at all.</summary>
internal static class UserFile
{
    /// <summary>A path as it was given to an option; a shell variable that is not set gives an empty one, which names nothing.</summary>
    /// <exception cref="UsageException">It is empty.</exception>
    public static string? Given(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) switch
    {
        "" => throw new UsageException($"'{option.Name}' takes a path, not ''"),
        var path => path,
    };

    /// <summary>The file of a variant in a folder with one file each. Names of variants have letters, digits, '-', '_' and '.' only.</summary>
    public static string OfVariant(string folder, string variant, string ending) => Path.Combine(folder, variant + ending);

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
