namespace MmActors.Model.Memory;

/// <summary>The flag part of a folio word (state-model.md 1.4). The word's other parts are the count of transient
/// references and the map count; see <see cref="FolioTable"/>.</summary>
[Flags]
public enum FolioFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,
    /// <summary>PG_locked: the folio lock.</summary>
    Locked = 1 << 0,
    /// <summary>PG_lru: on an LRU list.</summary>
    Lru = 1 << 1,
    /// <summary>PG_swapbacked; clear on an anon folio means lazyfree (SM-11).</summary>
    SwapBacked = 1 << 2,
    /// <summary>PG_dirty.</summary>
    Dirty = 1 << 3,
    /// <summary>PG_referenced.</summary>
    Referenced = 1 << 4,
    /// <summary>PG_active.</summary>
    Active = 1 << 5,
    /// <summary>PG_workingset.</summary>
    Workingset = 1 << 6,
    /// <summary>PG_young: page-idle or DAMON saw an access (Y); MADV_FREE keeps it (KH-27).</summary>
    Young = 1 << 7,
    /// <summary>PG_swapcache.</summary>
    SwapCache = 1 << 8,
    /// <summary>On a deferred split queue (DS-2).</summary>
    DeferredQueued = 1 << 9,
    /// <summary>Partially mapped (DS-4).</summary>
    PartiallyMapped = 1 << 10,
    /// <summary>PG_unevictable.</summary>
    Unevictable = 1 << 11,
    /// <summary>A hardware-poisoned page; copying it fails (SCAN_COPY_MC).</summary>
    HwPoison = 1 << 12,
    /// <summary>Order-9 folio with at least one mapping anywhere.</summary>
    LargeMapped = 1 << 13,
    /// <summary>First page of a free block of the buddy allocator.</summary>
    Buddy = 1 << 14,
    /// <summary>PG_writeback: swap I/O is under way (RC-36).</summary>
    Writeback = 1 << 15,
}
