using MmActors.Experiments.Config;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Scenarios;

/// <summary>Presets a scenario refers to, each file read once; an unknown name is a fault of the scenario's
/// line.</summary>
internal sealed class PresetCache(ScenarioCatalog catalog, string scenarioFile)
{
    private readonly Dictionary<string, KernelPreset> _kernels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MachinePreset> _machines = new(StringComparer.Ordinal);

    /// <summary>The kernel preset a value names.</summary>
    public KernelPreset Kernel(ConfigScalar name) => Get(
        _kernels, name, catalog.KernelFolder,
        () => ConfigLocation.Missing("kernel preset", name.Text, catalog.Kernels),
        path => PresetLoader.LoadKernel(path, catalog));

    /// <summary>The machine preset a value names.</summary>
    public MachinePreset Machine(ConfigScalar name) => Get(
        _machines, name, catalog.MachineFolder,
        () => ConfigLocation.Missing("machine preset", name.Text, catalog.Machines),
        path => PresetLoader.LoadMachine(path, catalog));

    private T Get<T>(
        Dictionary<string, T> known, ConfigScalar name, string folder, Func<string> missing, Func<string, T> load)
    {
        if (known.TryGetValue(name.Text, out var preset))
        {
            return preset;
        }

        var path = ConfigLocation.Shipped(folder, name.Text);
        if (path is null && ConfigLocation.IsPath(name.Text) && !name.Text.Contains('\0'))
        {
            path = Path.Combine(Path.GetDirectoryName(scenarioFile) ?? "", name.Text);
        }

        preset = path is not null && File.Exists(path) ? load(path) : throw name.Fault(missing());
        known.Add(name.Text, preset);
        return preset;
    }
}
