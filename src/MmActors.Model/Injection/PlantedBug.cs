namespace MmActors.Model.Injection;

/// <summary>Mistakes in the protocol that can be put in on purpose, to measure which search finds them. No scenario and no
/// preset can turn one on.</summary>
public enum PlantedBug
{
    /// <summary>The protocol as it is.</summary>
    None,
    /// <summary>Isolation for a collapse relies on what the scan saw: it looks neither at references nor at the LRU flag, so a
    /// folio that reclaim has isolated is isolated twice and one of the two put-backs is lost (KH 2.9).</summary>
    IsolateTwice,
    /// <summary>A collapse that meets a folio in use puts it back on its list with those it had isolated itself (KH-38).</summary>
    DoublePutBack,
    /// <summary>Reclaim drops a lazyfree page that was clean when its accessed bits were collected, even if it was written
    /// since (RC-31).</summary>
    LostRedirty,
    /// <summary>After mmap_lock was taken for write nothing is looked up again: the collapse goes on with the PMD entry of
    /// before (KH-33, C4).</summary>
    SkippedRevalidation,
    /// <summary>Isolation takes its reference before it looks at the count, and keeps it when the folio is refused (KH 2.9).</summary>
    LeakedReference,
    /// <summary>The shrinker drops the last reference of a folio that it has queued again: a freed page stays queued
    /// (DS-6, DS-14).</summary>
    QueuedAfterFree,
    /// <summary>A collapse that fails in isolation drops mmap_lock without waking who waits for it (KH-38).</summary>
    ForgottenWaiters,
    /// <summary>The slot of an exiting mm is removed under khugepaged's cursor, which goes on with the next mm as if it were the
    /// same (KH-10).</summary>
    WrongMmAfterExit,
}
