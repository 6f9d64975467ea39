using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using MmActors.Model.Memory;
using MmActors.Tracing;
using MmActors.Tracing.Metrics;
using YamlDotNet.RepresentationModel;

namespace MmActors.Telemetry.Tests;

/// <summary>docker/compose.yaml and what it mounts. No container is started: what can be read is checked, and the rules by the real
/// promtool where it is installed.</summary>
public sealed partial class DeploymentTests
{
    private static readonly string Docker = Path.Combine(DocumentationTests.Root(), "docker");
    private static readonly string Settings = Path.Combine(Docker, "telemetry");

    [Fact]
    public void Every_service_is_pinned_confined_and_on_loopback()
    {
        var services = (YamlMappingNode)Load(Path.Combine(Docker, "compose.yaml"))["services"];
        Assert.Equal(["collector", "jaeger", "prometheus", "grafana"], services.Children.Keys.Select(static key => key.ToString()));
        foreach ((YamlNode name, YamlNode node) in services.Children)
        {
            var service = (YamlMappingNode)node;
            Assert.Matches("^[a-z/-]+:v?[0-9]+\\.[0-9]+\\.[0-9]+$", service["image"].ToString());
            Assert.Matches("^[1-9][0-9]*:[0-9]+$", service["user"].ToString());
            Assert.True(service.Children.ContainsKey("<<"), $"{name} is not confined");
            Assert.All((YamlSequenceNode)service["ports"], static port => Assert.StartsWith("127.0.0.1:", port.ToString(), StringComparison.Ordinal));
            foreach (YamlNode volume in service.Children.TryGetValue("volumes", out YamlNode? volumes) ? (YamlSequenceNode)volumes : [])
            {
                Assert.EndsWith(":ro", volume.ToString(), StringComparison.Ordinal);
                Assert.True(Path.Exists(Path.Combine(Docker, volume.ToString().Split(':')[0])), $"{volume} is not there");
            }
        }
    }

    [Theory]
    [InlineData("budget", "Where did the budget go?")]
    [InlineData("reclaim", "What did reclaim get back?")]
    [InlineData("stalls", "Who stalled, and for how long?")]
    public void A_dashboard_answers_each_question(string file, string title)
    {
        using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Settings, "grafana", "dashboards", file + ".json")));
        Assert.Equal(title, dashboard.RootElement.GetProperty("title").GetString());
        Assert.All(dashboard.RootElement.GetProperty("panels").EnumerateArray(), static panel =>
            Assert.False(string.IsNullOrWhiteSpace(panel.GetProperty("description").GetString())));
    }

    /// <summary>A name that no run sends would show an empty panel for ever.</summary>
    [Fact]
    public void Dashboards_and_rules_ask_only_for_what_is_sent()
    {
        HashSet<string> sent = [.. PrometheusNames()];
        Assert.Equal(VmStat.Count + 17, sent.Count);
        string rules = File.ReadAllText(Path.Combine(Settings, "rules.yaml"));
        HashSet<string> recorded = [.. Recorded().Matches(rules).Select(static match => match.Groups[1].Value)];
        HashSet<string> labels = [.. new[] { MmAttributes.Scenario, MmAttributes.Variant, MmAttributes.Seed, MmAttributes.Machine,
            MmAttributes.Task, MmAttributes.ScanStatus }.Select(Underscored)];
        string[] expressions = [.. Expressions(), .. Asked().Matches(rules).Select(static match => match.Value)];
        Assert.True(expressions.Length > 20);
        foreach (Match name in expressions.SelectMany(static expression => Name().Matches(expression)))
        {
            Assert.True(sent.Contains(name.Value) || recorded.Contains(name.Value) || labels.Contains(name.Value), $"nobody sends {name.Value}");
        }
    }

    [PromtoolFact]
    public void Promtool_accepts_the_rules_where_it_is_installed()
    {
        string promtool = PromtoolFactAttribute.Executable!;
        Assert.NotEmpty(Expressions());
        using var commands = new Commands();
        string panels = commands.PathOf("panels.yaml");
        File.WriteAllText(panels, "groups:\n- name: panels\n  rules:\n" + string.Concat(Expressions().Select(static (expression, index) =>
            $"  - record: panel:{index}\n    expr: '{expression.Replace("$scenario", ".*", StringComparison.Ordinal).Replace("$variant", ".*", StringComparison.Ordinal)}'\n")));
        Assert.Equal(0, Exit(promtool, "check", "config", Path.Combine(Settings, "prometheus.yaml")));
        Assert.Equal(0, Exit(promtool, "test", "rules", Path.Combine(Settings, "rules.test.yaml")));
        Assert.Equal(0, Exit(promtool, "check", "rules", panels));
    }

    /// <summary>Names after the collector's exporter: dots become underscores, units and _total are appended, units in braces are
    /// not (OpenTelemetry's compatibility specification).</summary>
    private static IEnumerable<string> PrometheusNames() =>
    [
        .. Enumerable.Range(0, VmStat.Count).Select(static counter => Underscored(MmMetrics.VmstatPrefix + VmStat.Name((VmCounter)counter)) + "_total"),
        .. new[] { MmMetrics.HugeRanges, MmMetrics.LazyfreePages, MmMetrics.FreePages, MmMetrics.SplitQueueLength, MmMetrics.BudgetLeft }.Select(Underscored),
        .. new[] { MmMetrics.BudgetSpent, MmMetrics.SpansDropped }.Select(static name => Underscored(name) + "_total"),
        Underscored(MmMetrics.StalledTime) + "_seconds_total",
        .. new[] { MmMetrics.CollapseDuration, MmMetrics.LockWait, MmMetrics.ScanCost }.SelectMany(static name =>
            new[] { "_bucket", "_sum", "_count" }.Select(end => Underscored(name) + (name == MmMetrics.ScanCost ? "" : "_seconds") + end)),
    ];

    private static string Underscored(string name) => name.Replace('.', '_');

    private static List<string> Expressions()
    {
        List<string> expressions = [];
        foreach (string file in Directory.GetFiles(Path.Combine(Settings, "grafana", "dashboards"), "*.json").Order(StringComparer.Ordinal))
        {
            using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(file));
            expressions.AddRange(dashboard.RootElement.GetProperty("panels").EnumerateArray()
                .SelectMany(static panel => panel.GetProperty("targets").EnumerateArray())
                .Where(static target => target.TryGetProperty("expr", out _)).Select(static target => target.GetProperty("expr").GetString()!));
        }

        return expressions;
    }

    private static YamlMappingNode Load(string path)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(path)));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    private static int Exit(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    [GeneratedRegex("mm[_:][a-z_:]+")]
    private static partial Regex Name();

    [GeneratedRegex("record: (\\S+)")]
    private static partial Regex Recorded();

    [GeneratedRegex("(?<=expr: )(>-\\n( {10}.*\\n)+|.*)")]
    private static partial Regex Asked();
}
