using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace MmActors.Experiments.Exploring;

/// <summary>Ways to make an amount in a scenario smaller: first as small as may be, then half.</summary>
internal static class AmountEdits
{
    private const long Kilo = 1024;

    private static readonly string[] SizeUnits = ["", "K", "M", "G", "T"];
    private static readonly string[] TimeUnits = ["us", "ms", "s"];

    /// <summary>Smaller sizes of memory.</summary>
    /// <param name="map">Where the size is.</param>
    /// <param name="key">Its name.</param>
    /// <param name="least">The smallest that is worth a try.</param>
    /// <param name="granule">What it stays a multiple of.</param>
    /// <param name="edits">Where the ways are added.</param>
    public static void AddSizes(YamlNode map, string key, string least, string granule, List<Action> edits)
    {
        if (ScenarioEdits.Child(map, key) is not YamlScalarNode { Value: { } text } scalar || Parse(text, SizeUnits, Kilo) is not { } amount)
        {
            return;
        }

        long step = Parse(granule, SizeUnits, Kilo)!.Value;
        long half = ((amount / 2) + step - 1) / step * step;
        foreach (long smaller in ((long[])[Parse(least, SizeUnits, Kilo)!.Value, half]).Distinct().Where(size => size > 0 && size < amount))
        {
            edits.Add(() => scalar.Value = Size(smaller));
        }
    }

    /// <summary>Shorter times: 5, 2, 1 and so on.</summary>
    public static void AddTimes(YamlNode map, string key, List<Action> edits)
    {
        if (ScenarioEdits.Child(map, key) is YamlScalarNode { Value: { } text } scalar && Parse(text, TimeUnits, 1000) is > 1 and var amount)
        {
            long power = 1;
            while (power * 10 < amount)
            {
                power *= 10;
            }

            long shorter = power * (amount > 5 * power ? 5 : amount > 2 * power ? 2 : 1);
            edits.Add(() => scalar.Value = Time(shorter));
        }
    }

    /// <summary>Smaller numbers.</summary>
    public static void AddNumbers(YamlNode map, string key, List<Action> edits)
    {
        if (ScenarioEdits.Child(map, key) is YamlScalarNode { Value: { } text } scalar && Parse(text, [""], 1) is > 1 and var amount)
        {
            foreach (long smaller in ((long[])[1, amount / 2]).Distinct())
            {
                edits.Add(() => scalar.Value = smaller.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Larger sizes, of the space between what is touched; written out for a step that touches every page.</summary>
    public static void AddLarger(YamlMappingNode map, string key, string[] values, List<Action> edits)
    {
        long? present = ScenarioEdits.Text(map, key) is { } text ? Parse(text, SizeUnits, Kilo) : 0;
        foreach (string value in values.Where(value => Parse(value, SizeUnits, Kilo) > present))
        {
            edits.Add(() => map.Children[new YamlScalarNode(key)] = new YamlScalarNode(value));
        }
    }

    private static string Size(long bytes) => bytes % (Kilo * Kilo) == 0 ? Number(bytes / (Kilo * Kilo)) + "M"
        : bytes % Kilo == 0 ? Number(bytes / Kilo) + "K" : Number(bytes);

    private static string Time(long microseconds) => microseconds % 1000 == 0 ? Number(microseconds / 1000) + "ms" : Number(microseconds) + "us";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The amount in the first unit; null for what is written in another way, which is left alone.</summary>
    private static long? Parse(string text, string[] units, long factor)
    {
        int end = text.Length;
        while (end > 0 && !char.IsAsciiDigit(text[end - 1]))
        {
            end--;
        }

        int unit = Array.IndexOf(units, text[end..]);
        if (unit < 0 || !long.TryParse(text.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out long amount))
        {
            return null;
        }

        for (; unit > 0 && amount <= long.MaxValue / factor; unit--)
        {
            amount *= factor;
        }

        return unit == 0 ? amount : null;
    }
}
