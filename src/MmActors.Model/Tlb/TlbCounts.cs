namespace MmActors.Model.Tlb;

/// <summary>Where a translation was found.</summary>
public enum TlbOutcome
{
    /// <summary>In the first level.</summary>
    FirstLevelHit,
    /// <summary>In the second level only: a few cycles, no page walk.</summary>
    SecondLevelHit,
    /// <summary>Nowhere: the page table is walked and both levels are filled.</summary>
    Walk,
}

/// <summary>How many accesses a TLB served, and how.</summary>
/// <param name="Accesses">All accesses.</param>
/// <param name="FirstLevelMisses">Accesses not found in the first level, walks included.</param>
/// <param name="Misses">Accesses found in no level: the page walks r of CM-1 counts.</param>
public readonly record struct TlbCounts(long Accesses, long FirstLevelMisses, long Misses)
{
    /// <summary>Walks per access, 0…1; 0 if there was no access.</summary>
    public double MissRate => Accesses == 0 ? 0 : (double)Misses / Accesses;

    /// <summary>Both counts together.</summary>
    public static TlbCounts operator +(TlbCounts left, TlbCounts right) => new(
        left.Accesses + right.Accesses,
        left.FirstLevelMisses + right.FirstLevelMisses,
        left.Misses + right.Misses);
}
