using System.Collections.Immutable;
using MmActors.Experiments.Config;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Scenarios;

/// <summary>Reads the <c>tasks</c> list for every variant, once for those that have the same steps.</summary>
/// <param name="list">The list.</param>
/// <param name="duration">Simulated time at which the run ends.</param>
/// <param name="groups">The declared memory cgroups.</param>
internal sealed class VariantTasks(ConfigList list, TimeSpan duration, ImmutableArray<CgroupSpec> groups)
{
    private readonly List<(OnlySteps Only, ImmutableArray<TaskSpec> Tasks)> _readings = [];

    /// <summary>The tasks of each variant, in the order of their names.</summary>
    public ImmutableArray<ImmutableArray<TaskSpec>> Read(IReadOnlyList<string> variants)
    {
        var all = ImmutableArray.CreateBuilder<ImmutableArray<TaskSpec>>(variants.Count);
        foreach (var variant in variants)
        {
            var known = _readings.FindIndex(reading => reading.Only.SameFor(variant));
            if (known < 0)
            {
                known = _readings.Count;
                _readings.Add(ReadFor(variant, variants));
            }

            all.Add(_readings[known].Tasks);
        }

        CheckAllTaken();
        return all.MoveToImmutable();
    }

    private (OnlySteps Only, ImmutableArray<TaskSpec> Tasks) ReadFor(string variant, IReadOnlyList<string> variants)
    {
        var only = new OnlySteps(variant, variants);
        try
        {
            return (only, new TaskReader(duration, groups, only).Read(list));
        }
        catch (ScenarioException fault) when (variants.Count > 1 && only.Decisions.Any())
        {
            throw new ScenarioException(fault.File, fault.Line, $"{fault.Message} (in variant '{variant}')");
        }
    }

    /// <summary>An <c>only</c> inside another one can be left without any variant, and its steps unread.</summary>
    private void CheckAllTaken()
    {
        var taken = new HashSet<ConfigMap>(ReferenceEqualityComparer.Instance);
        foreach (var decision in _readings.SelectMany(static reading => reading.Only.Decisions))
        {
            if (decision.Taken)
            {
                taken.Add(decision.Step);
            }
        }

        foreach (var decision in _readings.SelectMany(static reading => reading.Only.Decisions))
        {
            if (!taken.Contains(decision.Step))
            {
                throw decision.Step.Fault("no variant has these steps: the 'only' around them leaves none that matches");
            }
        }
    }
}
