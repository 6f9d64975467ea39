using MmActors.Model.Tlb;

namespace MmActors.Model.Tests.Tlb;

/// <summary>The TLB as one would explain it: per set a linked list in order of use. Shares nothing with the simulated one
/// but the geometry.</summary>
internal sealed class NaiveTlb(TlbGeometry geometry)
{
    private readonly Level _firstSmall = new(geometry.FirstSmall);
    private readonly Level _firstHuge = new(geometry.FirstHuge);
    private readonly Level _second = new(geometry.Second);

    public TlbOutcome Access(long page, bool huge)
    {
        var translation = new Translation(huge ? page / 512 : page, huge);
        if ((huge ? _firstHuge : _firstSmall).Use(translation))
        {
            return TlbOutcome.FirstLevelHit;
        }

        var mayHit = !huge || geometry.SecondHoldsHuge;
        return mayHit && _second.Use(translation) ? TlbOutcome.SecondLevelHit : TlbOutcome.Walk;
    }

    public void FlushRange(long page)
    {
        foreach (var level in new[] { _firstSmall, _firstHuge, _second })
        {
            level.Drop(translation => (translation.Huge ? translation.Number : translation.Number / 512) == page / 512);
        }
    }

    public void FlushAll()
    {
        foreach (var level in new[] { _firstSmall, _firstHuge, _second })
        {
            level.Drop(_ => true);
        }
    }

    private readonly record struct Translation(long Number, bool Huge);

    private sealed class Level(TlbLevel shape)
    {
        private readonly Dictionary<long, List<Translation>> _sets = [];

        public bool Use(Translation translation)
        {
            var index = translation.Number % shape.Sets;
            if (!_sets.TryGetValue(index, out var set))
            {
                _sets[index] = set = [];
            }

            var hit = set.Remove(translation);
            set.Insert(0, translation);
            if (set.Count > shape.Ways)
            {
                set.RemoveAt(shape.Ways);
            }

            return hit;
        }

        public void Drop(Predicate<Translation> match)
        {
            foreach (var set in _sets.Values)
            {
                set.RemoveAll(match);
            }
        }
    }
}
