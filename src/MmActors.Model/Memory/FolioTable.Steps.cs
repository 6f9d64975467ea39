namespace MmActors.Model.Memory;

/// <content>Operations that look at several parts of a word and change several in one atomic step. Looked at one after the
/// other, each part could be true at its time and all of them together never.</content>
public sealed partial class FolioTable
{
    /// <summary>RC-21: takes a reference and the LRU flag together; false when the folio is being freed, or somebody else has
    /// isolated it.</summary>
    public bool TryIsolate(int head)
    {
        const uint Needed = (uint)FolioFlags.Lru;
        uint seen = Word(head);
        while ((seen & Needed) != 0 && !IsUnreferenced(seen) && (seen & (uint)FolioFlags.Buddy) == 0)
        {
            Require((seen & TransientMask) != TransientMask, head, "more than 31 transient references");
            if (TryReplace(head, ref seen, (seen & ~Needed) + TransientOne))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Drops a transient reference if nothing else holds the folio, which the caller must free then; false, and the
    /// reference stays, when something does.</summary>
    public bool TryPutLast(int head)
    {
        uint seen = Word(head);
        while ((seen & TransientMask) == TransientOne && IsUnreferenced(seen & ~TransientMask))
        {
            if (TryReplace(head, ref seen, seen - TransientOne))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>folio_ref_freeze: the caller, who holds the lock, all mappings and exactly this many references, has the folio
    /// for himself: nobody can take a reference any more, and it is off the LRU. False, and nothing done, when somebody holds
    /// a reference the caller does not know of, or the folio is in the swap cache or being written (DS-24).</summary>
    /// <param name="head">The folio.</param>
    /// <param name="transientReferences">References the caller knows of; they are gone afterwards.</param>
    /// <param name="before">Its flags before.</param>
    public bool TryFreeze(int head, int transientReferences, out FolioFlags before)
    {
        const uint Pinned = (uint)(FolioFlags.Writeback | FolioFlags.SwapCache);
        const uint Dropped = TransientMask | MapMask | (uint)(FolioFlags.LargeMapped | FolioFlags.Lru);
        uint seen = Word(head);
        while ((seen & TransientMask) == (uint)transientReferences * TransientOne && (seen & Pinned) == 0)
        {
            if (TryReplace(head, ref seen, seen & ~Dropped))
            {
                before = (FolioFlags)(seen & 0xFFFF);
                return true;
            }
        }

        before = FolioFlags.None;
        return false;
    }

    /// <summary>folio_free_swap: a small page, mapped once, with no other reference than the caller knows of, unlocked and
    /// written, leaves the swap cache; its content counts as changed again.</summary>
    public bool TryLeaveSwapCache(int pfn, int transientReferences) => TryUncache(
        pfn, MapOne, transientReferences, FolioFlags.Writeback | FolioFlags.Locked, FolioFlags.Dirty);

    /// <summary>free_swap_cache: a small page that nobody maps, clean, with no other reference than the caller knows of, leaves
    /// the swap cache.</summary>
    public bool TryDropUnmappedCache(int pfn, int transientReferences) => TryUncache(
        pfn, 0, transientReferences, FolioFlags.Writeback | FolioFlags.Dirty, FolioFlags.None);

    /// <summary>DS-4: a folio that is still mapped, outside the swap cache and not marked yet is marked as partially mapped and
    /// as on its way to the deferred split queue. Never one that its last mapper has just let go.</summary>
    public bool TryMarkPartiallyMapped(int head)
    {
        const uint Relevant = (uint)(FolioFlags.LargeMapped | FolioFlags.SwapCache | FolioFlags.PartiallyMapped);
        uint seen = Word(head);
        while ((seen & Relevant) == (uint)FolioFlags.LargeMapped)
        {
            if (TryReplace(head, ref seen, seen | (uint)(FolioFlags.PartiallyMapped | FolioFlags.DeferredQueued)))
            {
                return true;
            }
        }

        return false;
    }

    private bool TryUncache(int pfn, uint mappings, int transientReferences, FolioFlags forbidden, FolioFlags added)
    {
        uint relevant = TransientMask | MapMask | (uint)(forbidden | FolioFlags.SwapCache);
        uint expected = mappings | ((uint)transientReferences * TransientOne) | (uint)FolioFlags.SwapCache;
        uint seen = Word(pfn);
        while ((seen & relevant) == expected)
        {
            if (TryReplace(pfn, ref seen, (seen & ~(uint)FolioFlags.SwapCache) | (uint)added))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Replaces the word if it is still the one seen; else the one seen is brought up to date.</summary>
    private bool TryReplace(int pfn, ref uint seen, uint word)
    {
        uint found = Interlocked.CompareExchange(ref _words[pfn], word, seen);
        bool isSame = found == seen;
        seen = found;
        return isSame;
    }

    private static void Require(bool holds, int pfn, string otherwise)
    {
        if (!holds)
        {
            throw new InvariantException($"pfn {pfn}: {otherwise}");
        }
    }
}
