using System.Globalization;
using MmActors.Experiments.Config;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Settings;
using Newtonsoft.Json.Linq;
using NJsonSchema;

namespace MmActors.Experiments.Tests.Scenarios;

/// <summary>The published schema and the loader describe the same files.</summary>
public class SchemaTests
{
    private static readonly string Text = File.ReadAllText(ScenarioCatalog.Shipped.SchemaFile);
    private static readonly JObject Json = JObject.Parse(Text);

    [Fact]
    public async Task Every_shipped_scenario_fits_the_schema()
    {
        var schema = await JsonSchema.FromJsonAsync(Text);
        foreach (var name in ScenarioCatalog.Shipped.Scenarios)
        {
            var file = Path.Combine(ScenarioCatalog.Shipped.Directory, "scenarios", name + ".yaml");
            Assert.Empty(schema.Validate(ToJson(ConfigFile.Read(file, "scenario"))));
        }
    }

    [Theory]
    [InlineData("memory: 12")]
    [InlineData("surprise: 1")]
    [InlineData("knobs: {khugepaged/max_ptes_none: 512}")]
    [InlineData("variants: [{name: a, switches: {charging: free}}]")]
    [InlineData("variants: [{name: a, swap: ram}]")]
    [InlineData("variants: [{name: a, vm: {drop_caches: 1}}]")]
    [InlineData("swap: {size: 128M, device: ssd}")]
    [InlineData("vm: {swappiness: 201}")]
    [InlineData("kernel_memory: 40")]
    [InlineData("cgroups: [{name: g, memory.max: lots}]")]
    [InlineData("cgroups: [{name: g, memory.reclaim: 1M}]")]
    [InlineData("cgroups: [{name: g/}]")]
    public async Task What_the_loader_refuses_the_schema_refuses(string line)
    {
        var schema = await JsonSchema.FromJsonAsync(Text);
        var text = Yaml.WithLines(line);
        Yaml.Refused(text);
        Assert.NotEmpty(schema.Validate(ToJson(ConfigFile.Parse(Yaml.File, text, "scenario"))));
        Assert.Empty(schema.Validate(ToJson(ConfigFile.Parse(Yaml.File, Yaml.WithLines(), "scenario"))));
    }

    [Theory]
    [InlineData("- write: {region: r, byte: j}")]
    [InlineData("- madvise: {region: r, advice: freed}")]
    [InlineData("- only: {variants: [], do: [exit]}")]
    [InlineData("- only: {variants: [a]}")]
    [InlineData("- loop: {times: 1}")]
    [InlineData("- nap: 1s")]
    public async Task A_wrong_step_does_not_fit_the_schema(string step)
    {
        var schema = await JsonSchema.FromJsonAsync(Text);
        Assert.NotEmpty(schema.Validate(ToJson(ConfigFile.Parse(Yaml.File, Yaml.WithSteps(step), "scenario"))));
    }

    [Fact]
    public async Task Every_key_of_reclaim_fits_the_schema()
    {
        const string Scenario = """
            duration: 10s
            kernel_memory: 40M
            uptime: 2838ms
            swap: {size: 128M, device: ram}
            vm: {swappiness: 60, min_free_kbytes: 22528, watermark_scale_factor: 10}
            cgroups:
              - {name: g, memory.max: 88M, memory.high: max, memory.low: 0, memory.min: 0, memory.swap.max: max}
              - {name: g/a}
            tasks:
              - name: t
                cgroup: g/a
                image: {below: 7, above: 3, pages: 21, touched: 11, file_pages: 195}
                program:
                  - map: {region: r, size: 1H}
                  - madvise: {region: r, advice: cold}
                  - madvise: {region: r, advice: pageout}
                  - set: {knob: cgroup/g/memory.reclaim, value: 8M swappiness=10}
                  - set: {knob: /proc/sys/vm/drop_caches, value: 2}
                  - only: {variants: [a, "*-swap"], do: [exit]}
            variants:
              - {name: a, vm: {swappiness: 0}, swap: none}
              - {name: b-swap, swap: {size: 1G, device: disk}}
            """;
        var schema = await JsonSchema.FromJsonAsync(Text);
        Assert.Empty(schema.Validate(ToJson(ConfigFile.Parse(Yaml.File, Scenario, "scenario"))));
        Assert.Equal(2, Yaml.Load(Scenario).Variants.Length);
    }

    [Fact]
    public void Schema_and_loader_know_the_same_keys()
    {
        Assert.Equal(ScenarioKeys.Scenario, Keys(""));
        Assert.Equal(ScenarioKeys.Task, Keys("definitions.task"));
        Assert.Equal(ScenarioKeys.Image, Keys("definitions.task.properties.image"));
        Assert.Equal(ScenarioKeys.Swap, Keys("definitions.swap.anyOf[1]"));
        Assert.Equal(ScenarioKeys.Cgroup, Keys("definitions.cgroup"));
        Assert.Equal(VmKnobs.SettingNames, Keys("definitions.vm"));
        Assert.Equal(ScenarioKeys.Variant, Keys("definitions.variant"));
        Assert.Equal(ScenarioKeys.Published, Keys("definitions.published"));
        Assert.Equal(ScenarioKeys.PublishedMachine, Keys("definitions.published_machine"));
        Assert.Equal(ScenarioKeys.Figures, Keys("definitions.figures"));
        Assert.Equal(KernelSwitchReader.Names, Keys("definitions.switches"));
        Assert.Equal(ThpKnobs.Names, Keys("definitions.knobs"));
        Assert.Equal(ScenarioKeys.Steps, Keys("definitions.step.anyOf[1]"));
        foreach (var (step, keys) in ScenarioKeys.StepMaps)
        {
            Assert.Equal(keys, Keys($"definitions.step.anyOf[1].properties.{step}"));
        }
    }

    private static IEnumerable<string> Keys(string path) =>
        ((JObject)Json.SelectToken(path.Length == 0 ? "properties" : path + ".properties")!).Properties().Select(p => p.Name);

    /// <summary>YAML's core schema: plain true, false, null and numbers are what they look like.</summary>
    private static JToken ToJson(ConfigNode node) => node switch
    {
        ConfigMap map => new JObject(map.Entries.Select(e => new JProperty(e.Key, ToJson(e.Value)))),
        ConfigList list => new JArray(list.Items.Select(ToJson)),
        ConfigScalar { IsEmpty: true } => JValue.CreateNull(),
        ConfigScalar { Quoted: false, Text: "true" or "false" } flag => new JValue(flag.Text == "true"),
        ConfigScalar { Quoted: false } number when long.TryParse(
            number.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => new JValue(whole),
        ConfigScalar { Quoted: false } number when double.TryParse(
            number.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) => new JValue(real),
        ConfigScalar scalar => new JValue(scalar.Text),
        _ => throw new InvalidOperationException(),
    };
}
