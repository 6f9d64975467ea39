namespace MmActors.Experiments.Config;

/// <summary>Decides whether a word on the command line or in a file is a shipped name or a path.</summary>
internal static class ConfigLocation
{
    /// <summary>True for anything with a directory separator or a YAML extension.</summary>
    public static bool IsPath(string nameOrPath) =>
        nameOrPath.Contains('/') || nameOrPath.Contains(Path.DirectorySeparatorChar)
        || nameOrPath.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase)
        || nameOrPath.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);

    /// <summary>The file of a shipped name, or null.</summary>
    public static string? Shipped(string folder, string name)
    {
        if (name.Length == 0 || IsPath(name) || name.Contains('\0'))
        {
            return null;
        }

        var path = Path.Combine(folder, name + ".yaml");
        return File.Exists(path) ? path : null;
    }

    /// <summary>Names of the files of a folder, in ordinal order.</summary>
    public static IReadOnlyList<string> Names(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var names = Directory.GetFiles(folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    /// <summary>"did you mean …; shipped: a, b".</summary>
    public static string Missing(string what, string given, IReadOnlyList<string> shipped)
    {
        var file = Path.GetFileName(given.Replace('\0', ' '));
        var word = IsPath(file) ? Path.GetFileNameWithoutExtension(file) : file;
        return $"no such {what}; " + (Suggestion.Nearest(word, shipped) is { } near ? $"did you mean '{near}'? " : "")
            + (shipped.Count == 0 ? "none is shipped" : $"shipped: {string.Join(", ", shipped)}");
    }
}
