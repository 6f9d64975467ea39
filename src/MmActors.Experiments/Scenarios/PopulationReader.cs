using System.Collections.Immutable;
using MmActors.Experiments.Config;
using MmActors.Experiments.Populations;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Scenarios;

/// <summary>Reads the <c>population</c> key: what comes and goes when the scenario is soaked.</summary>
/// <param name="groups">The declared memory cgroups.</param>
internal sealed class PopulationReader(ImmutableArray<CgroupSpec> groups)
{
    private const int MaxClasses = 32;
    private const int MaxWeight = 1000;
    private const int MaxWorkers = 64;
    private const double MaxMemoryPercent = 400;
    private static readonly TimeSpan LeastPeriod = TimeSpan.FromSeconds(1);

    private static readonly (string Word, TaskKind Value)[] Kinds =
    [
        ("server", TaskKind.Server), ("batch", TaskKind.Batch), ("forker", TaskKind.Forker),
        ("allocator", TaskKind.Allocator), ("idle", TaskKind.Idle), ("sparse", TaskKind.Sparse),
    ];

    private static readonly (string Word, HugeAdvice Value)[] Advices =
    [
        ("mixed", HugeAdvice.Mixed), ("early", HugeAdvice.Early), ("late", HugeAdvice.Late), ("never", HugeAdvice.Never),
    ];

    /// <summary>The population.</summary>
    public PopulationSpec Read(ConfigMap map)
    {
        map.CheckKeys(ScenarioKeys.Population);
        var list = map.Require("classes").AsList();
        if (list.Items.Count is 0 or > MaxClasses)
        {
            throw list.Fault($"'classes' takes 1…{MaxClasses} classes, not {list.Items.Count}");
        }

        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var classes = ImmutableArray.CreateBuilder<PopulationClass>(list.Items.Count);
        foreach (var item in list.Items)
        {
            classes.Add(Class(item.AsMap(), lines));
        }

        return new PopulationSpec(
            map.FindScalar("tasks")?.AsInt(1, PopulationSpec.MaxTasks) ?? PopulationSpec.Default.Tasks,
            map.FindScalar("gap")?.AsTime() ?? PopulationSpec.Default.Gap,
            classes.MoveToImmutable());
    }

    private PopulationClass Class(ConfigMap map, Dictionary<string, int> lines)
    {
        map.CheckKeys(ScenarioKeys.PopulationClass);
        var name = map.RequireScalar("name");
        if (!lines.TryAdd(name.AsName(), name.Line))
        {
            throw name.Fault($"class '{name.Text}' appears twice, first on line {lines[name.Text]}");
        }

        var read = new PopulationClass(
            name.Text,
            map.RequireScalar("kind").AsWord(Kinds),
            map.RequireScalar("weight").AsInt(1, MaxWeight),
            map.RequireScalar("memory_percent").AsDouble(0, MaxMemoryPercent),
            AtLeast(map.RequireScalar("lifetime")),
            AtLeast(map.RequireScalar("period")));
        return read with
        {
            Gap = map.FindScalar("gap")?.AsTime(),
            Cgroups = map.Find("cgroups") is { } paths ? Groups(paths) : [],
            Huge = map.FindScalar("huge")?.AsWord(Advices) ?? HugeAdvice.Mixed,
            ActivePercent = map.FindScalar("active_percent")?.AsDouble(0, 100) ?? read.ActivePercent,
            OverrunPercent = map.FindScalar("overrun_percent")?.AsDouble(0, 100) ?? 0,
            Decay = map.FindScalar("decay") is { } decay ? OnlyFor(TaskKind.Allocator, read.Kind, decay).AsTime() : read.Decay,
            Workers = map.FindScalar("workers") is { } workers
                ? OnlyFor(TaskKind.Forker, read.Kind, workers).AsInt(1, MaxWorkers) : read.Workers,
        };
    }

    private static TimeSpan AtLeast(ConfigScalar text) => text.AsTime() is var time && time >= LeastPeriod
        ? time
        : throw text.Fault($"'{text.Label}' takes {LeastPeriod.TotalSeconds:0}s or more, not {text.Kind}");

    private static ConfigScalar OnlyFor(TaskKind kind, TaskKind own, ConfigScalar value) => own == kind
        ? value
        : throw value.Fault($"'{value.Label}' is for classes of kind {Word(kind)}, not {Word(own)}");

    private static string Word(TaskKind kind) => Array.Find(Kinds, known => known.Value == kind).Word;

    private ImmutableArray<string> Groups(ConfigNode node)
    {
        var paths = node is ConfigScalar one ? [one] : node.AsList().Items.Select(static item => item.AsScalar());
        return [.. paths.Select(path => CgroupReader.Declared(groups, path, path.Text))];
    }
}
