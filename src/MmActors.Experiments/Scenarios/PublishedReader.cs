using System.Collections.Immutable;
using MmActors.Experiments.Config;
using MmActors.Model.Programs;

namespace MmActors.Experiments.Scenarios;

/// <summary>Reads the <c>published</c> table: figures somebody else measured, shown next to ours.</summary>
internal static class PublishedReader
{
    private const double Huge = 1e15;

    /// <summary>The table; both variants must exist, and the task must measure in both.</summary>
    public static PublishedComparison Read(ConfigMap map, ImmutableArray<Variant> variants, PresetCache presets)
    {
        map.CheckKeys(ScenarioKeys.Published);
        var task = map.RequireScalar("task");
        var without = VariantOf(map.RequireScalar("without"), variants);
        var with = VariantOf(map.RequireScalar("with"), variants);
        CheckMeasured(task, without);
        CheckMeasured(task, with);
        var machines = map.Require("machines").AsList();
        return new PublishedComparison(
            map.RequireScalar("source").Text.Trim(),
            task.Text,
            without.Name,
            with.Name,
            [.. machines.Items.Select(item => Machine(item.AsMap(), presets))]);
    }

    private static PublishedMachine Machine(ConfigMap map, PresetCache presets)
    {
        map.CheckKeys(ScenarioKeys.PublishedMachine);
        return new PublishedMachine(
            presets.Machine(map.RequireScalar("machine")),
            map.RequireScalar("label").Text.Trim(),
            Figures(map.Require("without").AsMap()),
            Figures(map.Require("with").AsMap()));
    }

    private static PublishedFigures Figures(ConfigMap map)
    {
        map.CheckKeys(ScenarioKeys.Figures);
        return new PublishedFigures(
            map.RequireScalar("elapsed_s").AsDouble(0, Huge),
            map.RequireScalar("cycles_per_access").AsDouble(0, Huge),
            map.RequireScalar("throughput_m_per_s").AsDouble(0, Huge),
            map.RequireScalar("dtlb_load_misses").AsLong(0, (long)Huge));
    }

    private static Variant VariantOf(ConfigScalar name, ImmutableArray<Variant> variants) =>
        variants.FirstOrDefault(v => v.Name == name.Text) ?? throw name.Fault(
            Suggestion.Unknown($"variant {name.Kind}", name.Text, Some(variants.Select(v => v.Name))));

    private static void CheckMeasured(ConfigScalar task, Variant variant)
    {
        var spec = variant.Tasks.FirstOrDefault(t => t.Name == task.Text) ?? throw task.Fault(
            Suggestion.Unknown($"task {task.Kind}", task.Text, Some(variant.Tasks.Select(t => t.Name))));
        if (!Measures(spec.Program))
        {
            throw task.Fault(
                $"task '{task.Text}' has no random_reads step in variant '{variant.Name}', so there is nothing to "
                + "compare");
        }
    }

    private static bool Measures(ImmutableArray<Step> steps) => steps.Any(step => step switch
    {
        RandomReadsStep => true,
        LoopStep loop => Measures(loop.Body),
        _ => false,
    });

    /// <summary>The first names, enough for one line.</summary>
    private static string[] Some(IEnumerable<string> names) => [.. names.Take(20)];
}
