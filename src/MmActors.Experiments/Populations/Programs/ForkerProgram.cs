using System.Collections.Immutable;
using System.Globalization;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Experiments.Populations.Programs;

/// <summary>A server that forks: every round some workers, each of which writes to pages it shares with its parent, so that
/// they are copied; some fork once more. The parent writes meanwhile, too.</summary>
internal sealed class ForkerProgram(ProgramTraits traits) : DrawnProgram(traits)
{
    private static readonly ByteSize EverySecondPage = new(2 * Geometry.PageSize);
    private long _workers;

    /// <inheritdoc/>
    protected override void DrawRound(TimeSpan now)
    {
        int workers = 1 + Random.NextBelow(Traits.Class.Workers);
        for (int worker = 0; worker < workers; worker++)
        {
            bool forks = Random.NextBelow(3) == 0;
            ImmutableArray<Step> work = Work();
            Add(new ForkStep(NextName(), forks ? [.. work, new ForkStep(NextName(), Work()), .. Work()] : work));
            Add(new SleepStep(Around(TimeSpan.FromSeconds(1))));
        }

        Write(Random.NextBelow(Ranges), ActiveRanges);
    }

    private string NextName() => string.Create(CultureInfo.InvariantCulture, $"{Traits.Name}.w{++_workers}");

    private ImmutableArray<Step> Work()
    {
        int first = Random.NextBelow(Ranges);
        int ranges = Math.Min(ActiveRanges, Ranges - first);
        var span = new RegionSpan(OfRanges(first), OfRanges(ranges));
        return
        [
            new AccessStep(Heap, span, EverySecondPage, Byte()),
            new SleepStep(Around(TimeSpan.FromSeconds(20))),
        ];
    }
}
