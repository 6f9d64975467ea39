using System.Reflection;
using System.Text.RegularExpressions;
using MmActors.Tracing;
using MmActors.Tracing.Metrics;

namespace MmActors.Telemetry.Tests;

/// <summary>docs/telemetry.md names everything that is sent, and nothing else.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void The_table_of_attributes_is_the_constants_file() => Assert.Equal(Constants(typeof(MmAttributes)), Table("Attributes"));

    [Fact]
    public void The_table_of_metrics_is_the_constants_file() => Assert.Equal(Constants(typeof(MmMetrics)), Table("Metrics"));

    [Fact]
    public void The_table_of_spans_names_every_span_of_the_shipped_scenarios()
    {
        using var commands = new Commands();
        HashSet<string> seen = [];
        foreach (string scenario in new[] { "hot-cold-hot", "mixed-load", "underused-thp" })
        {
            commands.Succeed("compare", scenario, "--spans", commands.PathOf("f"));
            seen.UnionWith(FileSpan.Read(commands.PathOf("f")).Select(static span => span.Name));
        }

        string[] documented = [.. Section("Spans").Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(static line => Quoted().Matches(line.Split('|')[1]).Select(static match => match.Groups[1].Value))];
        Assert.True(seen.IsSubsetOf(documented), string.Join(' ', seen.Except(documented)));
        Assert.Superset(new HashSet<string> { "khugepaged.pass", "collapse", "stall", "shrinker", "reclaim.khugepaged" }, seen);
    }

    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MmActors.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    private static List<string> Constants(Type names) =>
        [.. names.GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => (string)field.GetRawConstantValue()!).Order(StringComparer.Ordinal)];

    private static List<string> Table(string heading) =>
        [.. FirstCell().Matches(Section(heading)).Select(static match => match.Groups[1].Value).Order(StringComparer.Ordinal)];

    private static string Section(string heading)
    {
        string text = File.ReadAllText(Path.Combine(Root(), "docs", "telemetry.md"));
        int from = text.IndexOf($"## {heading}\n", StringComparison.Ordinal);
        int to = text.IndexOf("\n## ", from + 1, StringComparison.Ordinal);
        return text[from..to];
    }

    [GeneratedRegex("^\\| `(mm\\.[^`]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex FirstCell();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
