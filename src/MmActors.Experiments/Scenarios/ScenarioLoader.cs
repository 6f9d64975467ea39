using System.Collections.Immutable;
using MmActors.Experiments.Config;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Scenarios;

/// <summary>Loads and validates scenario files. What it returns needs no further checks; what it refuses, it refuses
/// with file, line and the allowed values.</summary>
public static class ScenarioLoader
{
    private const int MaxTimelinePoints = 100_000;
    private const int MaxVariants = 64;
    private static readonly ByteSize LeastMemory = ByteSize.FromMebibytes(16);
    private static readonly ByteSize DefaultMemory = ByteSize.FromMebibytes(2048);
    private static readonly TimeSpan DefaultTimeline = TimeSpan.FromSeconds(10);

    /// <summary>Loads a shipped scenario by name, or a user's own by path (anything with a directory separator or a
    /// YAML extension, or an existing file).</summary>
    /// <exception cref="ScenarioException">The file is missing, unreadable or wrong.</exception>
    public static Scenario Load(string nameOrPath, ScenarioCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(nameOrPath);
        ArgumentNullException.ThrowIfNull(catalog);
        var path = ConfigLocation.Shipped(catalog.ScenarioFolder, nameOrPath) ?? nameOrPath;
        if (nameOrPath.Length == 0 || (!Path.Exists(path)))
        {
            throw new ScenarioException(
                nameOrPath, null, ConfigLocation.Missing("scenario", nameOrPath, catalog.Scenarios));
        }

        return Read(ConfigFile.Read(path, "scenario"), catalog);
    }

    /// <summary>Loads a scenario from text, e.g. one that a tool generated.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="file">Name for messages; relative preset paths count from its directory.</param>
    /// <param name="catalog">Where presets are found.</param>
    /// <exception cref="ScenarioException">The text is wrong.</exception>
    public static Scenario Parse(string text, string file, ScenarioCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(catalog);
        return Read(ConfigFile.Parse(file, text, "scenario"), catalog);
    }

    private static Scenario Read(ConfigMap root, ScenarioCatalog catalog)
    {
        root.CheckKeys(ScenarioKeys.Scenario);
        var presets = new PresetCache(catalog, root.File);
        var duration = Positive(root.RequireScalar("duration"));
        var memory = Memory(root);
        var knobs = root.Find("knobs") is { } knobNode
            ? KnobReader.Read(knobNode.AsMap(), ThpKnobs.AtBoot(memory))
            : ThpKnobs.AtBoot(memory);
        var tasks = new TaskReader(duration).Read(root.Require("tasks").AsList());
        var variants = Variants(root, presets, knobs);
        return new Scenario
        {
            Name = root.FindScalar("name")?.AsName() ?? Path.GetFileNameWithoutExtension(root.File),
            Description = root.FindScalar("description")?.Text.Trim() ?? "",
            Duration = duration,
            TimelineInterval = Timeline(root, duration),
            Memory = memory,
            Knobs = knobs,
            Machine = presets.Machine(root.FindScalar("machine") ?? Implied(root, "machine", "native")),
            Tasks = tasks,
            Variants = variants,
            Published = root.Find("published") is { } published
                ? PublishedReader.Read(published.AsMap(), tasks, variants, presets)
                : null,
        };
    }

    private static ConfigScalar Implied(ConfigMap root, string key, string value) =>
        new(root.File, root.Line, key, value, Quoted: false);

    private static ByteSize Memory(ConfigMap root)
    {
        if (root.FindScalar("memory") is not { } text)
        {
            return DefaultMemory;
        }

        var memory = text.AsSize();
        return memory.CompareTo(LeastMemory) >= 0
            ? memory
            : throw text.Fault($"'memory' takes {LeastMemory}…{Quantity.MaxSize}, not {text.Kind}");
    }

    private static TimeSpan Positive(ConfigScalar text) => text.AsTime() is var time && time > TimeSpan.Zero
        ? time
        : throw text.Fault($"'{text.Label}' takes a time above 0");

    private static TimeSpan Timeline(ConfigMap root, TimeSpan duration)
    {
        if (root.FindScalar("timeline") is not { } text)
        {
            return duration / DefaultTimeline <= MaxTimelinePoints ? DefaultTimeline : duration / MaxTimelinePoints;
        }

        var interval = Positive(text);
        return duration / interval <= MaxTimelinePoints
            ? interval
            : throw text.Fault($"'timeline' of {text.Kind} makes more than {MaxTimelinePoints} points in the run");
    }

    private static ImmutableArray<Variant> Variants(ConfigMap root, PresetCache presets, ThpSettings knobs)
    {
        var kernelName = root.FindScalar("kernel") ?? Implied(root, "kernel", "v6.12");
        if (root.Find("variants") is not { } node)
        {
            var kernel = presets.Kernel(kernelName);
            return [new Variant(kernel.Name, kernel.Name, kernel.Switches, knobs)];
        }

        var list = node.AsList();
        if (list.Items.Count is 0 or > MaxVariants)
        {
            throw list.Fault($"'variants' takes 1…{MaxVariants} variants, not {list.Items.Count}");
        }

        presets.Kernel(kernelName);
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var variants = ImmutableArray.CreateBuilder<Variant>();
        foreach (var item in list.Items)
        {
            var map = item.AsMap();
            map.CheckKeys(ScenarioKeys.Variant);
            var name = map.RequireScalar("name");
            if (!lines.TryAdd(name.AsName(), name.Line))
            {
                throw name.Fault($"variant '{name.Text}' appears twice, first on line {lines[name.Text]}");
            }

            var kernel = presets.Kernel(map.FindScalar("kernel") ?? kernelName);
            variants.Add(new Variant(
                name.Text,
                kernel.Name,
                map.Find("switches") is { } s ? KernelSwitchReader.Read(s.AsMap(), kernel.Switches) : kernel.Switches,
                map.Find("knobs") is { } k ? KnobReader.Read(k.AsMap(), knobs) : knobs));
        }

        return variants.ToImmutable();
    }
}
