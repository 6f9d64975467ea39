using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Experiments.Populations.Programs;

/// <summary>A task that uses a few pages of every huge page: underused ones, which the deferred split shrinker splits. From
/// time to time it gives some ranges back and begins them anew.</summary>
internal sealed class SparseProgram(ProgramTraits traits) : DrawnProgram(traits)
{
    private static readonly ByteSize Stride = new(32 * Geometry.PageSize);

    /// <inheritdoc/>
    protected override void DrawRound(TimeSpan now)
    {
        Read(Random.NextBelow(Ranges), ActiveRanges, Stride);
        int first = Random.NextBelow(Ranges);
        int ranges = Math.Clamp(ActiveRanges / 4, 1, Ranges - first);
        Add(new MadviseStep(Heap, new RegionSpan(OfRanges(first), OfRanges(ranges)), Advice.DontNeed));
        Write(first, ranges, Stride);
    }

    /// <inheritdoc/>
    protected override void Load(int first, int ranges) => Write(first, ranges, Stride);
}
