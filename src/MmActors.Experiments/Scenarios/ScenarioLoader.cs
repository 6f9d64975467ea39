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
        var boot = Boot(root, memory);
        ImmutableArray<CgroupSpec> groups = root.Find("cgroups") is { } cgroups ? CgroupReader.Read(cgroups.AsList()) : [];
        var kernel = root.FindScalar("kernel") ?? Implied(root, "kernel", "v6.12");
        var variants = VariantReader.Read(root, kernel, presets, boot);
        var tasks = new VariantTasks(root.Require("tasks").AsList(), duration, groups)
            .Read([.. variants.Select(static variant => variant.Name)]);
        variants = [.. variants.Zip(tasks, static (variant, own) => variant with { Tasks = own })];
        return new Scenario
        {
            Name = root.FindScalar("name")?.AsName() ?? Path.GetFileNameWithoutExtension(root.File),
            Description = root.FindScalar("description")?.Text.Trim() ?? "",
            Duration = duration,
            TimelineInterval = Timeline(root, duration),
            Memory = memory,
            KernelPages = KernelPages(root, memory),
            Uptime = root.FindScalar("uptime")?.AsTime() ?? TimeSpan.Zero,
            Knobs = boot.Knobs,
            Machine = presets.Machine(root.FindScalar("machine") ?? Implied(root, "machine", "native")),
            Cgroups = groups,
            Variants = variants,
            Population = root.Find("population") is { } population ? new PopulationReader(groups).Read(population.AsMap()) : null,
            Published = root.Find("published") is { } published
                ? PublishedReader.Read(published.AsMap(), variants, presets)
                : null,
        };
    }

    private static BootSettings Boot(ConfigMap root, ByteSize memory)
    {
        var knobs = ThpKnobs.AtBoot(memory);
        var vm = new VmSettings();
        return new BootSettings(
            root.Find("knobs") is { } knobNode ? KnobReader.Read(knobNode.AsMap(), knobs) : knobs,
            root.Find("vm") is { } vmNode ? VmReader.Read(vmNode.AsMap(), vm) : vm,
            root.Find("swap") is { } swapNode ? SwapReader.Read(swapNode) : null);
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

    /// <summary>The kernel's own pages; a world has whole huge pages of memory, and something must be left of it.</summary>
    private static int KernelPages(ConfigMap root, ByteSize memory)
    {
        if (root.FindScalar("kernel_memory") is not { } text)
        {
            return 0;
        }

        var pages = (text.AsSize().Bytes + Geometry.PageSize - 1) / Geometry.PageSize;
        return pages < (memory.Pages & ~(Geometry.PtesPerTable - 1L))
            ? (int)pages
            : throw text.Fault($"'kernel_memory' takes less than the machine's memory of {memory}, not {text.Kind}");
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
}
