using MmActors.Experiments.Config;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Scenarios;

/// <summary>Reads knob lines: sysfs names and values, judged by the kernel's own rules.</summary>
internal static class KnobReader
{
    /// <summary>The settings after a map of knobs, written in order.</summary>
    public static ThpSettings Read(ConfigMap map, ThpSettings start)
    {
        var settings = start;
        foreach (var entry in map.Entries)
        {
            CheckName(map.File, entry.Line, entry.Key, ThpKnobs.Names);
            settings = Write(settings, entry.Key, entry.Value.AsScalar());
        }

        return settings;
    }

    /// <summary>The settings after one write.</summary>
    public static ThpSettings Write(ThpSettings current, string knob, ConfigScalar value)
    {
        var write = ThpKnobs.Write(current, knob, value.Text);
        return write.Accepted ? write.Settings : throw value.Fault(Suggestion.Shorten(write.Error!, 200));
    }

    /// <summary>Refuses a name the kernel has no writable file for, and tells the names allowed in its place.</summary>
    public static void CheckName(string file, int line, string knob, IReadOnlyList<string> allowed)
    {
        var name = ThpKnobs.Relative(knob);
        if (!ThpKnobs.Names.Contains(name) && ThpKnobs.Write(new ThpSettings(), name, "").Error is { } error
            && error.StartsWith("ENOENT", StringComparison.Ordinal))
        {
            throw new ScenarioException(
                file, line, Suggestion.Unknown($"knob '{Suggestion.Shorten(name)}'", name, allowed));
        }
    }
}
