using System.ComponentModel;
using System.Diagnostics;

namespace MmActors.House.Tests.Repository;

/// <summary>Names in the root folder that belong to the repository. A user's own files beside them, not yet known to
/// git, are nobody's business; without git (an unpacked archive) every name counts.</summary>
internal static class TopLevelEntries
{
    /// <summary>The names, each once, in order.</summary>
    public static IReadOnlyList<string> Read()
    {
        var listed = AskGit() ?? Directory.EnumerateFileSystemEntries(HouseTree.Root).Select(p => Path.GetFileName(p)!);
        return [.. listed.Where(name => name is not ("bin" or "obj" or "TestResults" or "BenchmarkDotNet.Artifacts"))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static List<string>? AskGit()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["ls-files"])
            {
                WorkingDirectory = HouseTree.Root,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var text = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 && text.Length > 0
                ? [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(path => path.Trim('"').Split('/')[0])]
                : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
