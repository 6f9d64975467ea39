using MmActors.Experiments.Config;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Scenarios;

/// <summary>Reads files below /proc/sys/vm and what is written to them, judged by the kernel's own rules.</summary>
internal static class VmReader
{
    /// <summary>The settings after a map of files, written in order.</summary>
    public static VmSettings Read(ConfigMap map, VmSettings start)
    {
        map.CheckKeys(VmKnobs.SettingNames);
        var settings = start;
        foreach (var entry in map.Entries)
        {
            settings = VmKnobs.Apply(settings, Write(entry.Key, entry.Value.AsScalar()));
        }

        return settings;
    }

    /// <summary>One write the kernel takes.</summary>
    public static VmWrite Write(string name, ConfigScalar value)
    {
        var write = VmKnobs.Write(name, value.Text);
        return write.Accepted ? write : throw value.Fault(Suggestion.Shorten(write.Error!, 200));
    }
}
