using MmActors.Model.Coverage;

namespace MmActors.Model.Reclaim;

/// <summary>What reclaim does with an isolated folio after it asked who used it (RC-25).</summary>
public enum ReferenceVerdict
{
    /// <summary>PAGEREF_RECLAIM: idle, go on.</summary>
    Reclaim,
    /// <summary>PAGEREF_RECLAIM_CLEAN: go on, but keep it should it turn out dirty (RC-27).</summary>
    ReclaimClean,
    /// <summary>PAGEREF_KEEP: once more round the inactive list.</summary>
    Keep,
    /// <summary>PAGEREF_ACTIVATE: to the active list.</summary>
    Activate,
}

/// <summary>folio_check_references (RC-25, RC-26). The flag R was tested and cleared before, whatever the verdict; a folio
/// of a VM_LOCKED area is activated without asking.</summary>
public static class ReferenceCheck
{
    /// <summary>The verdict over one folio.</summary>
    /// <param name="youngMappings">Mappings (areas, not PTEs) that were young; one huge PMD counts once.</param>
    /// <param name="wasReferenced">R before it was cleared.</param>
    /// <param name="isFile">Not swapbacked: the folio belongs to the file lists.</param>
    /// <param name="contended">The rmap lock was taken, or an unshared swapbacked folio belongs to an exiting mm.</param>
    public static ReferenceVerdict Decide(int youngMappings, bool wasReferenced, bool isFile, bool contended)
    {
        if (contended)
        {
            CoverageMarks.Hit(ReclaimMark.FolioContended);
            return ReferenceVerdict.Keep;
        }

        if (SetsReferenced(youngMappings))
        {
            CoverageMarks.Hit(
                wasReferenced ? ReclaimMark.FolioYoungAgainActivated
                : youngMappings > 1 ? ReclaimMark.FolioYoungTwiceActivated : ReclaimMark.FolioYoungKept);
            return wasReferenced || youngMappings > 1 ? ReferenceVerdict.Activate : ReferenceVerdict.Keep;
        }

        CoverageMarks.Hit(wasReferenced && isFile ? ReclaimMark.FolioIdleAfterRotation : ReclaimMark.FolioIdle);
        return wasReferenced && isFile ? ReferenceVerdict.ReclaimClean : ReferenceVerdict.Reclaim;
    }

    /// <summary>Whether R is set again: any young mapping does it. A contended walk found none (0).</summary>
    public static bool SetsReferenced(int youngMappings) => youngMappings > 0;
}
