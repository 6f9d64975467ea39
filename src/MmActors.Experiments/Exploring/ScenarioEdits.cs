using YamlDotNet.RepresentationModel;

namespace MmActors.Experiments.Exploring;

/// <summary>Ways to make a scenario smaller, on its text: whether what comes out is still a scenario, its reader decides. Those
/// that take away most come first.</summary>
internal static class ScenarioEdits
{
    /// <summary>Keys a scenario, or a task, can do without.</summary>
    private static readonly string[] Optional =
        ["published", "population", "uptime", "kernel_memory", "timeline", "vm", "swap", "description", "machine", "kernel"];

    private static readonly string[] OptionalOfTask = ["count", "every", "image", "residual_young", "start", "cgroup"];

    /// <summary>Variant of a scenario that names no kernel.</summary>
    private const string DefaultKernel = "v6.12";

    /// <summary>Number of ways.</summary>
    public static int Count(string text) => Of(Parse(text)).Count;

    /// <summary>The text after one of them.</summary>
    public static string Apply(string text, int edit)
    {
        YamlDocument document = Parse(text);
        Of(document)[edit]();
        return Print(document);
    }

    /// <summary>The text with only this variant.</summary>
    public static string KeepVariant(string text, string variant)
    {
        YamlDocument document = Parse(text);
        if (Child(document.RootNode, "variants") is not YamlSequenceNode variants)
        {
            return text;
        }

        foreach (YamlNode other in variants.Where(node => Text(node, "name") != variant).ToArray())
        {
            variants.Children.Remove(other);
        }

        return Print(document);
    }

    /// <summary>The variant of a text that <see cref="KeepVariant"/> and <see cref="Apply"/> have left: the one it had, or the
    /// kernel's where there is no list of variants any more.</summary>
    public static string VariantOf(string text, string variant)
    {
        YamlNode root = Parse(text).RootNode;
        return Child(root, "variants") is null ? Text(root, "kernel") ?? DefaultKernel : variant;
    }

    /// <summary>A member of a map; null when there is none.</summary>
    internal static YamlNode? Child(YamlNode node, string key) =>
        node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? child) ? child : null;

    /// <summary>The text of a member of a map.</summary>
    internal static string? Text(YamlNode node, string key) => (Child(node, key) as YamlScalarNode)?.Value;

    /// <summary>Takes a member out of a map.</summary>
    internal static void AddRemoval(YamlNode node, string key, List<Action> edits)
    {
        if (node is YamlMappingNode map && Child(map, key) is not null)
        {
            edits.Add(() => map.Children.Remove(new YamlScalarNode(key)));
        }
    }

    private static YamlDocument Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents[0];
    }

    private static string Print(YamlDocument document)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        new YamlStream(document).Save(writer, assignAnchors: false);
        return writer.ToString().Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n...\n", "\n", StringComparison.Ordinal);
    }

    private static List<Action> Of(YamlDocument document)
    {
        YamlNode root = document.RootNode;
        YamlNode[] each = Child(root, "tasks") is YamlSequenceNode list ? [.. list] : [];
        List<Action> edits = [];
        AmountEdits.AddTimes(root, "duration", edits);
        if (Child(root, "tasks") is YamlSequenceNode tasks)
        {
            ProgramEdits.AddRemovals(tasks, edits);
        }

        Array.ForEach(each, task => ProgramEdits.AddShorter(Child(task, "program"), edits));
        AddGroups(root, each, edits);
        Array.ForEach(Optional, key => AddRemoval(root, key, edits));
        AddMembers(root, "knobs", edits);
        AddMembers(root, "vm", edits);
        AddVariant(root, edits);
        foreach (YamlNode task in each)
        {
            Array.ForEach(OptionalOfTask, key => AddRemoval(task, key, edits));
            ProgramEdits.AddSmaller(Child(task, "program"), edits);
            AmountEdits.AddTimes(task, "start", edits);
        }

        AmountEdits.AddSizes(root, "memory", "16M", "2M", edits);
        AmountEdits.AddSizes(Child(root, "swap") ?? root, "size", "1M", "4K", edits);
        return edits;
    }

    /// <summary>Takes out the members of a map one by one, and the map when it has none.</summary>
    private static void AddMembers(YamlNode root, string key, List<Action> edits)
    {
        if (Child(root, key) is YamlMappingNode map)
        {
            foreach (YamlNode member in map.Children.Keys.ToArray())
            {
                edits.Add(() =>
                {
                    map.Children.Remove(member);
                    if (map.Children.Count == 0)
                    {
                        ((YamlMappingNode)root).Children.Remove(new YamlScalarNode(key));
                    }
                });
            }
        }
    }

    /// <summary>Takes away what the last variant changes, then the list.</summary>
    private static void AddVariant(YamlNode root, List<Action> edits)
    {
        if (Child(root, "variants") is YamlSequenceNode { Children: [var only] })
        {
            AddRemoval(root, "variants", edits);
            Array.ForEach(["knobs", "vm", "swap", "kernel"], key => AddRemoval(only, key, edits));
            AddMembers(only, "switches", edits);
        }
    }

    /// <summary>Takes away a group: its members and what is written to its files are the root's then, or the writes go too.</summary>
    private static void AddGroups(YamlNode root, YamlNode[] tasks, List<Action> edits)
    {
        if (Child(root, "cgroups") is not YamlSequenceNode groups)
        {
            return;
        }

        foreach (YamlNode group in groups.ToArray())
        {
            foreach (bool keepsWrites in (bool[])[false, true])
            {
                edits.Add(() =>
                {
                    groups.Children.Remove(group);
                    if (groups.Children.Count == 0)
                    {
                        ((YamlMappingNode)root).Children.Remove(new YamlScalarNode("cgroups"));
                    }

                    string name = Text(group, "name") ?? "";
                    foreach (YamlNode task in tasks.Where(task => Text(task, "cgroup") == name))
                    {
                        ((YamlMappingNode)task).Children.Remove(new YamlScalarNode("cgroup"));
                    }

                    Array.ForEach(tasks, task => ProgramEdits.LeaveGroup(Child(task, "program"), name, keepsWrites));
                });
            }

            foreach (string limit in (group as YamlMappingNode)?.Children.Keys.OfType<YamlScalarNode>()
                .Select(static key => key.Value!).Where(static key => key != "name") ?? [])
            {
                AddRemoval(group, limit, edits);
            }
        }
    }
}
