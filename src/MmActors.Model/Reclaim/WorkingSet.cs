namespace MmActors.Model.Reclaim;

/// <summary>Whether a page read back from swap was missed (RC-38).</summary>
public static class WorkingSet
{
    /// <summary>Recent: everything evicted or activated since fits into what the group keeps besides its inactive anon
    /// pages. Such a page enters active_anon.</summary>
    /// <param name="age">Evictions and activations of the group until now (nonresident_age).</param>
    /// <param name="evictedAt">The same number when the page was evicted.</param>
    /// <param name="stale">Flushed list sizes of the group (RC-16g).</param>
    /// <param name="swapHasRoom">There are free swap slots for the group.</param>
    public static bool IsRecent(long age, long evictedAt, in LruPages stale, bool swapHasRoom) =>
        age - evictedAt <= stale.File + (swapHasRoom ? stale.ActiveAnon : 0);
}
