using System.Collections.Immutable;
using System.Globalization;
using MmActors.Experiments.Config;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Experiments.Explaining;

/// <summary>Nothing bears the name that was asked about; the message is one line and lists what does.</summary>
public sealed class UnknownRangeException(string message) : Exception(message);

/// <summary>One 2 MiB window of a task's region.</summary>
/// <param name="Task">A task of the scenario or a child it forks.</param>
/// <param name="Region">A region by the name its map step gives it.</param>
/// <param name="Index">Number of the window, from 0; window 0 holds the region's first byte.</param>
/// <param name="Windows">Windows the region has.</param>
public sealed record RangeName(string Task, string Region, int Index, int Windows)
{
    /// <summary>Reads TASK/REGION/RANGE and checks that the variant can have it.</summary>
    /// <exception cref="UnknownRangeException">It cannot.</exception>
    public static RangeName Parse(string given, Variant variant)
    {
        var parts = given.Split('/');
        if (parts.Length != 3 || parts.Any(static part => part.Length == 0))
        {
            throw new UnknownRangeException(
                $"a range is TASK/REGION/RANGE, such as {Example(variant)}, not '{Suggestion.Shorten(given)}'");
        }

        var maps = MapsOf(variant);
        if (!maps.TryGetValue(parts[0], out var regions))
        {
            throw new UnknownRangeException(Suggestion.Unknown(
                $"task '{Suggestion.Shorten(parts[0])}' that maps memory in variant {variant.Name}", parts[0], [.. maps.Keys]));
        }

        var windows = regions.Where(map => map.Region == parts[1]).Aggregate(0, static (most, map) => Math.Max(most, WindowsOf(map)));
        if (windows == 0)
        {
            throw new UnknownRangeException(Suggestion.Unknown(
                $"region '{Suggestion.Shorten(parts[1])}' of task {parts[0]} in variant {variant.Name}", parts[1],
                [.. regions.Select(static map => map.Region).Distinct()]));
        }

        return int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < windows
            ? new RangeName(parts[0], parts[1], index, windows)
            : throw new UnknownRangeException(
                $"unknown range '{Suggestion.Shorten(parts[2])}' of {parts[0]}/{parts[1]}; allowed: "
                + (windows == 1 ? "0" : $"0 to {windows - 1}"));
    }

    /// <summary>The name as it is given: TASK/REGION/RANGE.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Task}/{Region}/{Index}");

    private static string Example(Variant variant) => MapsOf(variant)
        .Select(static task => $"{task.Key}/{task.Value[0].Region}/0").FirstOrDefault("cold/buf/0");

    /// <summary>2 MiB windows the region touches: one more than its size asks for when it begins inside of one.</summary>
    private static int WindowsOf(MapStep map)
    {
        var lead = (map.FixedOffset?.Bytes ?? 0) & (Geometry.PmdSize - 1);
        return (int)(Geometry.PmdCeiling(lead + map.Size.Bytes) >> Geometry.PmdShift);
    }

    /// <summary>The map steps of every task that has some, in order of declaration; a child has those of its parents too.</summary>
    private static OrderedDictionary<string, ImmutableArray<MapStep>> MapsOf(Variant variant)
    {
        var maps = new OrderedDictionary<string, ImmutableArray<MapStep>>(StringComparer.Ordinal);
        foreach (var task in variant.Tasks)
        {
            Collect(task.Name, task.Program, [], maps);
        }

        return maps;
    }

    private static void Collect(
        string task, ImmutableArray<Step> program, ImmutableArray<MapStep> inherited,
        OrderedDictionary<string, ImmutableArray<MapStep>> maps)
    {
        Step[] steps = [.. Flat(program)];
        ImmutableArray<MapStep> own = [.. inherited, .. steps.OfType<MapStep>()];
        if (!own.IsEmpty)
        {
            maps[task] = own;
        }

        foreach (var fork in steps.OfType<ForkStep>())
        {
            Collect(fork.Child, fork.Body, own, maps);
        }
    }

    private static IEnumerable<Step> Flat(ImmutableArray<Step> program) =>
        program.SelectMany(static step => step is LoopStep loop ? Flat(loop.Body) : [step]);
}
