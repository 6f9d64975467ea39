using MmActors.Experiments.Config;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Scenarios;

/// <summary>Reads the <c>swap</c> key: a device, or the word <c>none</c>.</summary>
internal static class SwapReader
{
    private static readonly ByteSize Least = ByteSize.FromMebibytes(1);

    private static readonly (string Word, SwapKind Value)[] Devices =
        [("ram", SwapKind.Ram), ("disk", SwapKind.Disk)];

    /// <summary>The device; null for <c>none</c>.</summary>
    public static SwapSpec? Read(ConfigNode node)
    {
        if (node is not ConfigMap map)
        {
            return node is ConfigScalar { Text: "none" }
                ? null
                : throw node.Fault($"'swap' takes none or a map such as {{size: 128M, device: ram}}, found {node.Kind}");
        }

        map.CheckKeys(ScenarioKeys.Swap);
        return new SwapSpec(Size(map.RequireScalar("size")), map.RequireScalar("device").AsWord(Devices));
    }

    private static ByteSize Size(ConfigScalar text)
    {
        var size = text.AsSize();
        if (size.CompareTo(Least) < 0 || size.CompareTo(SwapSpec.Largest) > 0)
        {
            throw text.Fault($"'size' of a swap device takes {Least}…{SwapSpec.Largest}, not {text.Kind}");
        }

        return size.Bytes % Geometry.PageSize == 0
            ? size
            : throw text.Fault($"'size' of a swap device takes a multiple of 4K, not {text.Kind}");
    }
}
