using System.Collections.Immutable;
using MmActors.Experiments.Config;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Scenarios;

/// <summary>The settings of a machine at boot that a variant may change.</summary>
/// <param name="Knobs">Transparent huge pages.</param>
/// <param name="Vm">/proc/sys/vm.</param>
/// <param name="Swap">The swap device, or null.</param>
internal sealed record BootSettings(ThpSettings Knobs, VmSettings Vm, SwapSpec? Swap);

/// <summary>Reads the <c>variants</c> list; a scenario without one has the kernel preset as its only variant.</summary>
internal static class VariantReader
{
    private const int MaxVariants = 64;

    /// <summary>All variants in order of declaration, still without their tasks.</summary>
    /// <param name="root">The scenario.</param>
    /// <param name="kernelName">Kernel preset of variants that name none.</param>
    /// <param name="presets">Where presets are found.</param>
    /// <param name="boot">The scenario's own settings.</param>
    public static ImmutableArray<Variant> Read(
        ConfigMap root, ConfigScalar kernelName, PresetCache presets, BootSettings boot)
    {
        var kernel = presets.Kernel(kernelName);
        if (root.Find("variants") is not { } node)
        {
            return
            [
                new Variant(kernel.Name, kernel.Name, kernel.Switches, boot.Knobs)
                {
                    Tasks = [],
                    Vm = boot.Vm,
                    Swap = boot.Swap,
                },
            ];
        }

        var list = node.AsList();
        if (list.Items.Count is 0 or > MaxVariants)
        {
            throw list.Fault($"'variants' takes 1…{MaxVariants} variants, not {list.Items.Count}");
        }

        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var variants = ImmutableArray.CreateBuilder<Variant>(list.Items.Count);
        foreach (var item in list.Items)
        {
            var map = item.AsMap();
            map.CheckKeys(ScenarioKeys.Variant);
            var name = map.RequireScalar("name");
            if (!lines.TryAdd(name.AsName(), name.Line))
            {
                throw name.Fault($"variant '{name.Text}' appears twice, first on line {lines[name.Text]}");
            }

            variants.Add(One(map, name.Text, presets.Kernel(map.FindScalar("kernel") ?? kernelName), boot));
        }

        return variants.MoveToImmutable();
    }

    private static Variant One(ConfigMap map, string name, KernelPreset kernel, BootSettings boot) => new(
        name,
        kernel.Name,
        map.Find("switches") is { } s ? KernelSwitchReader.Read(s.AsMap(), kernel.Switches) : kernel.Switches,
        map.Find("knobs") is { } k ? KnobReader.Read(k.AsMap(), boot.Knobs) : boot.Knobs)
    {
        Tasks = [],
        Vm = map.Find("vm") is { } vm ? VmReader.Read(vm.AsMap(), boot.Vm) : boot.Vm,
        Swap = map.Find("swap") is { } swap ? SwapReader.Read(swap) : boot.Swap,
    };
}
