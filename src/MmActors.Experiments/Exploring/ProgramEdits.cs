using YamlDotNet.RepresentationModel;

namespace MmActors.Experiments.Exploring;

/// <summary>Ways to make a task's program shorter, and the steps of it smaller.</summary>
internal static class ProgramEdits
{
    private const string Body = "do";

    /// <summary>Arguments a step can do without.</summary>
    private static readonly string[] Optional = ["offset", "length", "fixed", "populate", "droppable"];

    /// <summary>Takes out runs of a list's members, the longest first, and at last single ones; never all.</summary>
    public static void AddRemovals(YamlSequenceNode list, List<Action> edits)
    {
        int count = list.Children.Count;
        for (int size = count / 2; size >= 1; size /= 2)
        {
            for (int end = count; end > 0 && size < count; end -= size)
            {
                int from = Math.Max(0, end - size);
                int length = end - from;
                edits.Add(() =>
                {
                    for (int index = 0; index < length; index++)
                    {
                        list.Children.RemoveAt(from);
                    }
                });
            }
        }
    }

    /// <summary>Fewer steps.</summary>
    public static void AddShorter(YamlNode? program, List<Action> edits)
    {
        if (program is not YamlSequenceNode steps)
        {
            return;
        }

        AddRemovals(steps, edits);
        for (int index = 0; index < steps.Children.Count; index++)
        {
            if (Of(steps.Children[index]) is not var (name, arguments))
            {
                continue;
            }

            AddShorter(ScenarioEdits.Child(arguments, Body), edits);
            if (name is "loop" or "only" && ScenarioEdits.Child(arguments, Body) is YamlSequenceNode inner)
            {
                int place = index;
                edits.Add(() => Unroll(steps, place, inner));
            }
        }
    }

    /// <summary>Smaller steps.</summary>
    public static void AddSmaller(YamlNode? program, List<Action> edits)
    {
        if (program is not YamlSequenceNode steps)
        {
            return;
        }

        foreach (YamlNode step in steps)
        {
            Array.ForEach(["sleep", "until"], key => AmountEdits.AddTimes(step, key, edits));
            if (Of(step) is not var (name, arguments))
            {
                continue;
            }

            Array.ForEach(Optional, key => ScenarioEdits.AddRemoval(arguments, key, edits));
            AmountEdits.AddSizes(arguments, "size", "2M", "2M", edits);
            AmountEdits.AddSizes(arguments, "length", "4K", "4K", edits);
            AddStride(arguments, edits);
            Array.ForEach(["times", "stripes", "batches", "per_batch"], key => AmountEdits.AddNumbers(arguments, key, edits));
            if (name == "set")
            {
                AmountEdits.AddSizes(arguments, "value", "4K", "4K", edits);
            }

            AddSmaller(ScenarioEdits.Child(arguments, Body), edits);
        }
    }

    /// <summary>What the program writes to the files of a group, the root's file takes; or the writes are left out.</summary>
    public static void LeaveGroup(YamlNode? program, string group, bool keepsWrites)
    {
        string prefix = $"cgroup/{group}/";
        if (program is not YamlSequenceNode steps)
        {
            return;
        }

        foreach (YamlNode step in steps.ToArray())
        {
            if (Of(step) is not var (_, arguments))
            {
                continue;
            }

            if (ScenarioEdits.Child(arguments, "knob") is YamlScalarNode { Value: { } knob } file
                && knob.StartsWith(prefix, StringComparison.Ordinal))
            {
                file.Value = string.Concat("cgroup/", knob.AsSpan(prefix.Length));
                if (!keepsWrites)
                {
                    steps.Children.Remove(step);
                }
            }

            LeaveGroup(ScenarioEdits.Child(arguments, Body), group, keepsWrites);
        }
    }

    private static (string Name, YamlMappingNode Arguments)? Of(YamlNode step) =>
        step is YamlMappingNode { Children: { Count: 1 } only } && only[0].Key is YamlScalarNode { Value: { } name }
            && only[0].Value is YamlMappingNode arguments ? (name, arguments) : null;

    /// <summary>The steps of a loop once, in its place.</summary>
    private static void Unroll(YamlSequenceNode steps, int place, YamlSequenceNode inner)
    {
        steps.Children.RemoveAt(place);
        foreach (YamlNode step in inner.Reverse())
        {
            if (Of(step) is var (_, arguments) && ScenarioEdits.Child(arguments, "byte") is YamlScalarNode { Value: "i" } index)
            {
                index.Value = "1";
            }

            steps.Children.Insert(place, step);
        }
    }

    /// <summary>Fewer pages: wider strides.</summary>
    private static void AddStride(YamlMappingNode arguments, List<Action> edits)
    {
        if (ScenarioEdits.Child(arguments, "region") is null || ScenarioEdits.Child(arguments, "advice") is not null)
        {
            return;
        }

        AmountEdits.AddLarger(arguments, "stride", ["2M", "512K", "128K"], edits);
    }
}
