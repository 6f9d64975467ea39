namespace MmActors.Model.Tlb;

/// <summary>The reach model of the second-level dTLB (CM-3): in the steady state of uniform random accesses it holds E of
/// the n4 base-page translations, so a share E/n4 of the accesses finds one. Huge ranges are few and never miss.</summary>
public static class TlbReach
{
    /// <summary>Share of the accesses to a 4 KiB mapped page that walk the page table, 0…1.</summary>
    /// <param name="basePages">n4: pages of the working set that are mapped by PTEs.</param>
    /// <param name="reachEntries">E: effective entries for 4 KiB pages.</param>
    public static double BasePageMissRate(long basePages, int reachEntries)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(basePages);
        ArgumentOutOfRangeException.ThrowIfNegative(reachEntries);
        return basePages <= reachEntries ? 0 : 1 - (double)reachEntries / basePages;
    }

    /// <summary>Expected page walks of a batch of uniform random accesses over a region.</summary>
    /// <param name="accesses">Accesses of the batch, spread over all pages of the region alike.</param>
    /// <param name="hugePages">Pages of the region that are mapped by a PMD; an unaligned region may have part of a range.</param>
    /// <param name="basePages">Pages of the region that are mapped by PTEs.</param>
    /// <param name="reachEntries">E: effective entries for 4 KiB pages.</param>
    public static double ExpectedMisses(long accesses, long hugePages, long basePages, int reachEntries)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(accesses);
        ArgumentOutOfRangeException.ThrowIfNegative(hugePages);
        var missRate = BasePageMissRate(basePages, reachEntries);
        if (missRate == 0)
        {
            return 0;
        }

        return accesses * ((double)basePages / (basePages + hugePages)) * missRate;
    }
}
