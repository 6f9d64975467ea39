using YamlDotNet.RepresentationModel;

namespace MmActors.Experiments.Exploring;

/// <summary>Ways to make a scenario smaller, on its text: whether what comes out is still a scenario, its reader decides.</summary>
internal static class ScenarioEdits
{
    private static readonly string[] Smallest = ["2M", "4M"];
    private static readonly string[] Strides = ["2M", "512K"];

    /// <summary>Number of ways.</summary>
    public static int Count(string text) => Of(Parse(text)).Count;

    /// <summary>The text after one of them.</summary>
    public static string Apply(string text, int edit)
    {
        YamlDocument document = Parse(text);
        Of(document)[edit]();
        using var writer = new StringWriter { NewLine = "\n" };
        new YamlStream(document).Save(writer, assignAnchors: false);
        return writer.ToString().Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n...\n", "\n", StringComparison.Ordinal);
    }

    /// <summary>The text with only this variant.</summary>
    public static string KeepVariant(string text, string variant)
    {
        YamlDocument document = Parse(text);
        if (Child(document.RootNode, "variants") is not YamlSequenceNode variants)
        {
            return text;
        }

        foreach (YamlNode other in variants.Where(node => (Child(node, "name") as YamlScalarNode)?.Value != variant).ToArray())
        {
            variants.Children.Remove(other);
        }

        using var writer = new StringWriter { NewLine = "\n" };
        new YamlStream(document).Save(writer, assignAnchors: false);
        return writer.ToString().Replace("\n...\n", "\n", StringComparison.Ordinal);
    }

    private static YamlDocument Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents[0];
    }

    /// <summary>Whole tasks first, then steps, then the amounts within steps.</summary>
    private static List<Action> Of(YamlDocument document)
    {
        List<Action> removals = [];
        List<Action> reductions = [];
        if (document.RootNode is YamlMappingNode root)
        {
            foreach (string optional in (string[])["published", "swap", "cgroups", "vm", "timeline"])
            {
                if (Child(root, optional) is not null)
                {
                    removals.Add(() => root.Children.Remove(new YamlScalarNode(optional)));
                }
            }
        }

        if (Child(document.RootNode, "tasks") is YamlSequenceNode tasks)
        {
            AddRemovals(tasks, removals, least: 1);
            foreach (YamlNode task in tasks)
            {
                AddProgram(Child(task, "program"), removals, reductions);
            }
        }

        return [.. removals, .. reductions];
    }

    private static void AddRemovals(YamlSequenceNode list, List<Action> removals, int least)
    {
        for (int index = 0; index < list.Children.Count && list.Children.Count > least; index++)
        {
            int place = index;
            removals.Add(() => list.Children.RemoveAt(place));
        }
    }

    private static void AddProgram(YamlNode? program, List<Action> removals, List<Action> reductions)
    {
        if (program is not YamlSequenceNode steps)
        {
            return;
        }

        AddRemovals(steps, removals, least: 1);
        foreach (YamlNode step in steps)
        {
            if (step is YamlMappingNode { Children: { Count: 1 } only } && only[0].Value is YamlMappingNode arguments)
            {
                AddArguments(arguments, reductions);
                AddProgram(Child(arguments, "do"), removals, reductions);
            }
        }
    }

    private static void AddArguments(YamlMappingNode arguments, List<Action> reductions)
    {
        AddValues(arguments, "size", Smallest, reductions);
        AddValues(arguments, "stride", Strides, reductions);
        AddValues(arguments, "times", ["1"], reductions);
    }

    private static void AddValues(YamlMappingNode arguments, string key, string[] values, List<Action> reductions)
    {
        if (Child(arguments, key) is YamlScalarNode scalar)
        {
            int from = Array.IndexOf(values, scalar.Value);
            foreach (string value in from < 0 ? values : values[..from])
            {
                reductions.Add(() => scalar.Value = value);
            }
        }
    }

    private static YamlNode? Child(YamlNode node, string key) =>
        node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? child) ? child : null;
}
