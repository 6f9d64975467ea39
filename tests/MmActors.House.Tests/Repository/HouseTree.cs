using System.Runtime.CompilerServices;

namespace MmActors.House.Tests.Repository;

/// <summary>The working copy these tests belong to: found by walking up to MmActors.sln.</summary>
internal static class HouseTree
{
    /// <summary>The folder that holds MmActors.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every C# source below src/ and tests/, build output left out, in order of path.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } =
        [.. Files("src", ".cs").Concat(Files("tests", ".cs")).Select(path => new SourceFile(path, Read(path)))];

    /// <summary>Every project file, relative to the root.</summary>
    public static IReadOnlyList<string> Projects { get; } = [.. Files("src", ".csproj"), .. Files("tests", ".csproj")];

    /// <summary>Files below a folder whose names end in one of the extensions, relative to the root.</summary>
    public static IEnumerable<string> Files(string folder, params string[] extensions)
    {
        var start = Path.Combine(Root, folder);
        if (!Directory.Exists(start))
        {
            return [];
        }

        return Directory.EnumerateFiles(start, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => extensions.Any(e => path.EndsWith(e, StringComparison.Ordinal)) && !IsBuildOutput(path))
            .Order(StringComparer.Ordinal);
    }

    /// <summary>Whether a file exists, by its path relative to the root.</summary>
    public static bool Exists(string path) => File.Exists(Path.Combine(Root, path));

    /// <summary>A file's text, by its path relative to the root.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static bool IsBuildOutput(string path) =>
        path.Split('/').Any(part => part is "bin" or "obj" or "TestResults" or "BenchmarkDotNet.Artifacts");

    private static string FindRoot([CallerFilePath] string here = "")
    {
        var start = Directory.Exists(Path.GetDirectoryName(here)) ? Path.GetDirectoryName(here) : AppContext.BaseDirectory;
        for (var folder = new DirectoryInfo(start!); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MmActors.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("MmActors.sln is in no folder above " + start);
    }
}
