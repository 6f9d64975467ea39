using System.Text.Json;
using System.Xml.Linq;
using MmActors.House.Tests.Repository;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MmActors.House.Tests.Tidy;

/// <summary>Projects restore to the same packages everywhere, and files a tool reads are readable.</summary>
internal static class ProjectRules
{
    private static readonly string[] TopLevel =
    [
        "MmActors.sln", "README.md", "LICENSE", "global.json", "nuget.config", "Directory.Build.props",
        "Directory.Build.targets", "Directory.Packages.props", "src", "tests", "config", "docker",
        "docs",
    ];

    /// <summary>Package versions stated in a project instead of Directory.Packages.props.</summary>
    public static IEnumerable<Finding> OwnVersions(string path, string xml) =>
        from package in XDocument.Parse(xml).Descendants("PackageReference")
        where package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null
            || package.Element("Version") is not null || package.Element("VersionOverride") is not null
        select new Finding(path, 1, $"states its own version of {(string?)package.Attribute("Include")}");

    /// <summary>Projects without a lock file beside them.</summary>
    public static IEnumerable<Finding> Unlocked(string path, Func<string, bool> exists) =>
        exists(path[..path.LastIndexOf('/')] + "/packages.lock.json") ? [] : [new Finding(path, 1, "has no packages.lock.json")];

    /// <summary>Projects the solution does not build.</summary>
    public static IEnumerable<Finding> Unlisted(string path, string solution) =>
        solution.Replace('\\', '/').Contains($"\"{path}\"", StringComparison.Ordinal)
            ? [] : [new Finding(path, 1, "is not in MmActors.sln")];

    /// <summary>Entries of the root folder that have no place there; dot files pass.</summary>
    public static IEnumerable<Finding> StrayEntries(IEnumerable<string> entries) =>
        entries.Where(entry => !entry.StartsWith('.') && !TopLevel.Contains(entry))
            .Select(entry => new Finding(entry, 1, "has no place in the root folder"));

    /// <summary>A JSON, YAML or XML file its parser refuses.</summary>
    public static IEnumerable<Finding> Unreadable(string path, string text)
    {
        try
        {
            Parse(path, text);
            return [];
        }
        catch (Exception error) when (error is JsonException or YamlException or System.Xml.XmlException)
        {
            return [new Finding(path, 1, error.Message)];
        }
    }

    private static void Parse(string path, string text)
    {
        switch (Path.GetExtension(path))
        {
            case ".json":
                JsonDocument.Parse(text).Dispose();
                break;
            case ".yaml" or ".yml":
                new YamlStream().Load(new StringReader(text));
                break;
            default:
                XDocument.Parse(text);
                break;
        }
    }
}
