using MmActors.Model.Coverage;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>Why a folio could not be split (DS-19, DS-24).</summary>
public enum SplitOutcome
{
    /// <summary>Split.</summary>
    Done,
    /// <summary>Somebody else holds the folio lock; nothing was tried and no counter moved.</summary>
    Locked,
    /// <summary>A transient reference, or a mapping in another process: EAGAIN.</summary>
    Busy,
}

/// <summary>What the caller of a folio split already holds (DS-19: each of these references is expected).</summary>
public enum SplitHold
{
    /// <summary>Nothing: the lock is tried for here.</summary>
    Nothing,
    /// <summary>The folio lock and one reference, which a successful split drops: the shrinker.</summary>
    LockAndReference,
    /// <summary>The folio lock and the isolation's reference: reclaim. The surviving pages stay isolated, each with a
    /// reference of its own and unlocked.</summary>
    Isolation,
}

/// <summary>Splits of huge mappings (SM-12) and of order-9 folios (DS-19…22, T20).</summary>
public static class Splitting
{
    /// <summary>HUGE → TABLE: 512 PTEs map the same folio with the PMD's y, d and w; no page moves.</summary>
    public static PteTable SplitPmd(Mm mm, ref PmdEntry entry)
    {
        HugeMapping huge = entry.Huge!;
        PteTable table = mm.NewTable();
        table.Present = Bits512.All;
        table.Young = huge.Young ? Bits512.All : Bits512.None;
        table.Dirty = huge.Dirty ? Bits512.All : Bits512.None;
        table.Writable = huge.Writable ? Bits512.All : Bits512.None;
        table.MayBeZero = huge.MayBeZero;
        PageRuns.Fill(table.Pfns, huge.Head);
        huge.CopyWritten(table.LastWritten);
        if (huge.Dirty)
        {
            mm.Folios.SetFlags(huge.Head, FolioFlags.Dirty);
        }

        mm.Folios.PmdMapToPtes(huge.Head);
        entry = new PmdEntry { State = PmdState.Table, Table = table };
        mm.HugeRanges--;
        mm.Vmstat.Add(VmCounter.ThpSplitPmd);
        return table;
    }

    /// <summary>HZERO → TABLE of 512 zero-page PTEs (UT-8).</summary>
    public static PteTable SplitHugeZero(Mm mm, ref PmdEntry entry)
    {
        PteTable table = mm.NewTable();
        table.Zero = Bits512.All;
        entry = new PmdEntry { State = PmdState.Table, Table = table };
        return table;
    }

    /// <summary>Splits the order-9 folio behind a range to order 0. Only a folio whose every mapping lies in this
    /// range of this mm can be split here: other mappings belong to other address spaces.</summary>
    public static SplitOutcome SplitFolio(
        Mm mm, ref PmdEntry entry, int head, NodeWork work, SplitHold hold = SplitHold.Nothing)
    {
        FolioTable folios = mm.Folios;
        if (hold == SplitHold.Nothing && !folios.TryLock(head))
        {
            CoverageMarks.Hit(ReclaimMark.SplitLockTaken);
            return SplitOutcome.Locked;
        }

        int mappedHere = entry.State == PmdState.Huge ? 1 : entry.Table!.MappingsOf(head).Count();
        int expected = hold == SplitHold.Nothing ? 0 : 1;
        if (IsBusy(folios, head, expected, mappedHere))
        {
            return Refuse(mm, head, hold);
        }

        PteTable table = entry.State == PmdState.Huge ? SplitPmd(mm, ref entry) : entry.Table!;
        if (!folios.TryFreeze(head, expected, out FolioFlags before))
        {
            return Refuse(mm, head, hold); // somebody has taken a reference this moment; the PMD stays split, as in the kernel
        }

        folios.MaterialiseContent(head);
        folios.SpreadOwner(head);
        bool wasOnLru = (before & FolioFlags.Lru) != 0;
        bool writtenSince = !(table.Dirty & table.MappingsOf(head)).IsEmpty; // DS-20: unmapping moves the dirty bits to the folio
        FolioFlags flags = (before & ~(FolioFlags.Locked | FolioFlags.Lru)) | (writtenSince ? FolioFlags.Dirty : FolioFlags.None);
        Bits512 mapped = Remap(mm, table, head, flags, hold == SplitHold.Isolation);
        work.Splits.Add(new FolioSplit(head, flags, wasOnLru, ~mapped, hold == SplitHold.Isolation));
        mm.Vmstat.Add(VmCounter.ThpSplitPage);
        return SplitOutcome.Done;
    }

    private static bool IsBusy(FolioTable folios, int head, int expected, int mappedHere)
    {
        const FolioFlags Pinned = FolioFlags.Writeback | FolioFlags.SwapCache;
        bool isPinned = (folios.Flags(head) & Pinned) != 0;
        bool isReferenced = folios.TransientReferences(head) != expected;
        bool isBusy = isPinned || isReferenced || folios.MapCount(head) != mappedHere;
        CoverageMarks.HitIf(isBusy, isPinned ? ReclaimMark.SplitPinned
            : isReferenced ? ReclaimMark.SplitReferenced : ReclaimMark.SplitMappedElsewhere);
        return isBusy;
    }

    private static SplitOutcome Refuse(Mm mm, int head, SplitHold hold)
    {
        mm.Folios.ClearFlags(head, hold == SplitHold.Nothing ? FolioFlags.Locked : FolioFlags.None);
        mm.Vmstat.Add(VmCounter.ThpSplitPageFailed);
        return SplitOutcome.Busy;
    }

    /// <summary>DS-21, DS-22: mapped subpages become order-0 folios, zero-filled ones zero-page PTEs. Returns the
    /// subpages that live on.</summary>
    private static Bits512 Remap(Mm mm, PteTable table, int head, FolioFlags flags, bool keepIsolated)
    {
        FolioTable folios = mm.Folios;
        const FolioFlags Inherited = FolioFlags.SwapBacked | FolioFlags.Referenced | FolioFlags.Active
            | FolioFlags.Workingset | FolioFlags.Dirty | FolioFlags.Unevictable | FolioFlags.Young;
        Bits512 zeroFilled = folios.ZeroFilledPages(head);
        folios.DissolveLarge(head);
        Bits512 mapped = table.MappingsOf(head);
        Bits512 zeroed = mapped & zeroFilled;
        CoverageMarks.HitIf(!zeroed.IsEmpty, ReclaimMark.SplitZeroesRemapped);
        CoverageMarks.HitIf(!mapped.IsFull, ReclaimMark.SplitTailsFreed);
        table.ClearPtes(zeroed);
        table.Zero |= zeroed;
        mm.RssPages -= zeroed.Count();
        Bits512 live = mapped.Without(zeroFilled);
        table.Dirty = (flags & FolioFlags.Dirty) == 0 ? table.Dirty.Without(live) : table.Dirty;
        for (int index = live.NextSet(0); index < Geometry.PtesPerTable; index = live.NextSet(index + 1))
        {
            folios.InitSmall(head + index, flags & Inherited, folios.Content(head + index));
            folios.MapSmall(head + index);
            if (keepIsolated)
            {
                folios.Get(head + index);
            }
        }

        return live;
    }
}
