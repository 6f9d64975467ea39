using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MmActors.House.Tests.Repository;

namespace MmActors.House.Tests.Tidy;

/// <summary>The only allowed directions of reference (architecture): nothing points back up.</summary>
internal static class ReferenceRules
{
    /// <summary>What each project in src/ may refer to; a project missing here has no place yet.</summary>
    private static readonly string[] SharedByTests = ["MmActors.TestSupport", "MmActors.Runtime.HashProbe"];

    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["MmActors.Model"] = [],
        ["MmActors.Runtime"] = [],
        ["MmActors.Actors"] = ["MmActors.Model", "MmActors.Runtime"],
        ["MmActors.Tracing"] = ["MmActors.Model"],
        ["MmActors.Experiments"] = ["MmActors.Actors", "MmActors.Tracing", "MmActors.Model", "MmActors.Runtime"],
        ["MmActors.Cli"] =
            ["MmActors.Experiments", "MmActors.Actors", "MmActors.Tracing", "MmActors.Model", "MmActors.Runtime"],
    };

    /// <summary>Project references that point where they may not. Tests refer to src/ and to what tests share.</summary>
    public static IEnumerable<Finding> Projects(string path, string xml)
    {
        foreach (var reference in XDocument.Parse(xml).Descendants("ProjectReference"))
        {
            var target = Path.GetFileNameWithoutExtension(((string?)reference.Attribute("Include") ?? "").Replace('\\', '/'));
            if (!MayRefer(path, target))
            {
                yield return new Finding(path, 1, $"may not refer to {target}");
            }
        }
    }

    /// <summary>Using directives that reach where the project may not, transitive references included.</summary>
    public static IEnumerable<Finding> Usings(SourceFile file)
    {
        foreach (var use in file.Unit.DescendantNodes().OfType<UsingDirectiveSyntax>())
        {
            var name = use.NamespaceOrType.ToString().Replace("global::", "", StringComparison.Ordinal);
            var parts = name.Split('.');
            if (parts is not ["MmActors", _, ..] || IsWithin(name, ProjectOf(file.Path)))
            {
                continue;
            }

            var target = $"{parts[0]}.{parts[1]}";
            if (!MayRefer(file.Path, target))
            {
                yield return file.At(use, $"may not use {target}");
            }
        }
    }

    /// <summary>Namespaces that do not begin with the name of their project: they would evade <see cref="Usings"/>.</summary>
    public static IEnumerable<Finding> Namespaces(SourceFile file) =>
        from declared in file.Unit.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
        let name = declared.Name.ToString()
        where !IsWithin(name, ProjectOf(file.Path))
        select file.At(declared, $"namespace {name} outside {ProjectOf(file.Path)}");

    private static bool MayRefer(string path, string target) => path.StartsWith("tests/", StringComparison.Ordinal)
        ? Allowed.ContainsKey(target) || SharedByTests.Contains(target)
        : Allowed.TryGetValue(ProjectOf(path), out var targets) && targets.Contains(target);

    private static bool IsWithin(string name, string project) =>
        name == project || name.StartsWith(project + ".", StringComparison.Ordinal);

    private static string ProjectOf(string path) => path.Split('/')[1];
}
