using MmActors.Experiments.Results;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Rendering;

/// <summary>Which half of the series a variant has (VR-20), and how its timeline differs from a reference.</summary>
internal static class Differences
{
    /// <summary>The variant the others are held against: the published "without", else the first that ran.</summary>
    public static VariantResult? Reference(ReportInput input)
    {
        var wanted = input.Scenario.Published?.Without;
        return input.Result.Variants.FirstOrDefault(variant => variant.Name == wanted)
            ?? input.Result.Variants.FirstOrDefault();
    }

    /// <summary>The halves of the series a variant adds to the reference; <see cref="Halves.Other"/> when it also
    /// differs in anything else, so that nothing can be said about the halves alone.</summary>
    public static Halves Added(ReportInput input, VariantResult reference, VariantResult variant)
    {
        var sameElse = variant.Switches with
        {
            Charging = reference.Switches.Charging,
            Lazyfree = reference.Switches.Lazyfree,
        } == reference.Switches && input.Declared(reference)?.Knobs == input.Declared(variant)?.Knobs;
        var isOld = reference.Switches is { Charging: ScanCharging.WholeRange, Lazyfree: LazyfreeHandling.Collapse };
        if (!sameElse || !isOld)
        {
            return Halves.Other;
        }

        return (variant.Switches.Charging, variant.Switches.Lazyfree) switch
        {
            (ScanCharging.WholeRange, LazyfreeHandling.Collapse) => Halves.None,
            (ScanCharging.Visited, LazyfreeHandling.Collapse) => Halves.Charging,
            (ScanCharging.WholeRange, _) => Halves.Skip,
            _ => Halves.Both,
        };
    }

    /// <summary>What a variant changes, in words.</summary>
    public static string Describe(Halves halves) => halves switch
    {
        Halves.None => "same switches",
        Halves.Charging => "visited-PTE charging alone",
        Halves.Skip => "lazyfree skip alone",
        Halves.Both => "both halves of the series",
        _ => "other switches or knobs as well",
    };

    /// <summary>First point at which a task has different numbers of huge ranges; null when there is none.</summary>
    public static (double Time, int Reference, int Variant)? First(
        VariantResult reference, VariantResult variant, string task)
    {
        foreach (var (left, right) in reference.Timeline.Zip(variant.Timeline))
        {
            var (a, b) = (HugeRanges(left, task), HugeRanges(right, task));
            if (a != b)
            {
                return (left.TimeSeconds, a, b);
            }
        }

        return null;
    }

    /// <summary>Huge ranges of a task at a point: 0 before it exists, and what it ended with once it has exited.</summary>
    public static int HugeRanges(TimelinePoint point, string task) =>
        point.HugeRanges.FirstOrDefault(ranges => ranges.Task == task)?.Ranges ?? 0;

    /// <summary>Names of all tasks any variant reports, in order of first appearance.</summary>
    public static IReadOnlyList<string> Tasks(IEnumerable<VariantResult> variants) =>
        [.. variants.SelectMany(variant => variant.Tasks).Select(task => task.Name).Distinct()];
}

/// <summary>Parts of the series "Improve khugepaged scan logic" (VR-20).</summary>
internal enum Halves
{
    /// <summary>Neither half: the reference itself.</summary>
    None,
    /// <summary>VR-1 only.</summary>
    Charging,
    /// <summary>VR-2 only.</summary>
    Skip,
    /// <summary>VR-1 and VR-2.</summary>
    Both,
    /// <summary>Not comparable: something else differs too.</summary>
    Other,
}
