using System.Collections.Immutable;
using MmActors.Experiments.Config;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Scenarios;

/// <summary>Reads the <c>tasks</c> list as one variant runs it: replicas written out, names unique, totals
/// bounded.</summary>
/// <param name="duration">Simulated time at which the run ends.</param>
/// <param name="groups">The declared memory cgroups.</param>
/// <param name="only">Decides which steps the variant has.</param>
internal sealed class TaskReader(TimeSpan duration, ImmutableArray<CgroupSpec> groups, OnlySteps only)
{
    /// <summary>Most tasks, replicas and fork children counted.</summary>
    public const int MaxTasks = 4096;

    /// <summary>Most fork children of a task, theirs included: each may map every page of it, and so does the task.</summary>
    public const int MaxChildren = FolioTable.MostMappings - 1;

    /// <summary>Most steps written down, replicas counted.</summary>
    public const int MaxSteps = 200_000;

    /// <summary>A process may have this many VMAs besides its regions (vm.max_map_count).</summary>
    private const int MaxImageVmas = 65_530;

    /// <summary>Most pages of a process besides its regions: 1 GiB.</summary>
    private const int MaxImagePages = 1 << 18;

    private readonly SetReader _set = new(groups);
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly ImmutableArray<TaskSpec>.Builder _tasks = ImmutableArray.CreateBuilder<TaskSpec>();
    private long _written;
    private long _executed;

    /// <summary>All tasks, replicas in order of their number.</summary>
    public ImmutableArray<TaskSpec> Read(ConfigList list)
    {
        if (list.Items.Count == 0)
        {
            throw list.Fault("'tasks' has no task");
        }

        foreach (var item in list.Items)
        {
            ReadOne(item.AsMap());
        }

        return _tasks.ToImmutable();
    }

    private void ReadOne(ConfigMap map)
    {
        map.CheckKeys(ScenarioKeys.Task);
        var name = map.RequireScalar("name");
        name.AsName();
        var start = map.FindScalar("start")?.AsTime() ?? TimeSpan.Zero;
        var count = map.FindScalar("count")?.AsInt(1, MaxTasks) ?? 1;
        var every = map.FindScalar("every")?.AsTime() ?? TimeSpan.Zero;
        if (map.Find("every") is { } spacing && map.Find("count") is null)
        {
            throw spacing.Fault("'every' is the distance between replicas and needs 'count'");
        }

        var last = start.Ticks + ((Int128)every.Ticks * (count - 1));
        if (last >= duration.Ticks)
        {
            var culprit = map.FindScalar(start >= duration ? "start" : "every") ?? name;
            throw culprit.Fault($"task '{name.Text}' starts only after the run has ended at {Seconds(duration)}");
        }

        var group = map.FindScalar("cgroup") is { } path ? CgroupReader.Declared(groups, path, path.Text) : "";
        var image = map.Find("image") is { } imageNode ? Image(imageNode.AsMap()) : ProcessImage.Recorded;
        var residualYoung = map.FindScalar("residual_young")?.AsDouble(0, 1) ?? 0;
        var reader = new ProgramReader(_set, only);
        var program = reader.Read(map.Require("program").AsList());
        CheckTotals(map, reader, count);
        for (var number = 1; number <= count; number++)
        {
            var replicated = map.Find("count") is not null;
            AddName(map.File, name.Line, replicated ? ProgramReader.Numbered(name.Text, number) : name.Text);
            foreach (var child in reader.Children)
            {
                AddName(map.File, child.Line, replicated ? ProgramReader.Numbered(child.Name, number) : child.Name);
            }

            _tasks.Add(new TaskSpec(
                replicated ? ProgramReader.Numbered(name.Text, number) : name.Text,
                start + ((number - 1) * every),
                image,
                replicated && reader.Children.Count > 0 ? ProgramReader.WithNumberedChildren(program, number) : program,
                residualYoung)
            {
                Cgroup = group,
            });
        }
    }

    private void CheckTotals(ConfigMap map, ProgramReader reader, int count)
    {
        if (reader.Children.Count > MaxChildren)
        {
            throw new ScenarioException(
                map.File, reader.Children[MaxChildren].Line,
                $"more than {MaxChildren} fork children of one task: a page has at most {FolioTable.MostMappings} mappings, and they may all share it");
        }

        if (_lines.Count + ((1L + reader.Children.Count) * count) > MaxTasks)
        {
            throw map.Fault($"more than {MaxTasks} tasks, replicas and fork children counted");
        }

        _written += reader.Written * count;
        if (_written > MaxSteps)
        {
            throw map.Fault($"more than {MaxSteps} steps, replicas counted");
        }

        _executed += reader.Executed * count;
        if (_executed > ProgramReader.MaxExecuted)
        {
            throw map.Fault(
                $"more than {ProgramReader.MaxExecuted / 1_000_000} million steps would run, loops multiplied out");
        }
    }

    private void AddName(string file, int line, string name)
    {
        if (!_lines.TryAdd(name, line))
        {
            throw new ScenarioException(file, line, $"task '{name}' appears twice, first on line {_lines[name]}");
        }
    }

    private static ProcessImage Image(ConfigMap map)
    {
        map.CheckKeys(ScenarioKeys.Image);
        var pages = Pages(map, "pages");
        var touched = Pages(map, "touched");
        if (touched > pages)
        {
            throw map.RequireScalar("touched").Fault($"'touched' takes at most the {pages} of 'pages', not {touched}");
        }

        return new ProcessImage(
            map.FindScalar("below")?.AsInt(0, MaxImageVmas) ?? ProcessImage.Recorded.VmasBelow,
            map.FindScalar("above")?.AsInt(0, MaxImageVmas) ?? ProcessImage.Recorded.VmasAbove)
        {
            OwnPages = pages,
            TouchedPages = touched,
            FilePages = Pages(map, "file_pages"),
        };
    }

    private static int Pages(ConfigMap map, string key) => map.FindScalar(key)?.AsInt(0, MaxImagePages) ?? 0;

    private static string Seconds(TimeSpan time) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalSeconds}s");
}
