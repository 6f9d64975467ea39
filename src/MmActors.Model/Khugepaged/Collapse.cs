using MmActors.Model.AddressSpaces;
using MmActors.Model.Coverage;
using MmActors.Model.Injection;
using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Model.Khugepaged;

/// <summary>What the isolate step found (khugepaged.md 2.9), as its trace line shows it.</summary>
/// <param name="Result"><see cref="ScanResult.Succeed"/> when every source is isolated and locked.</param>
/// <param name="NoneOrZero">none and zero-page PTEs.</param>
/// <param name="Referenced">Referenced PTEs, counted afresh.</param>
/// <param name="Writable">Whether a writable PTE was met.</param>
/// <param name="LastPfn">Head of the last folio looked at, −1 for none.</param>
/// <param name="VisitedPtes">Index of the PTE at which the loop ended + 1; 512 when the checks after it were reached.</param>
public readonly record struct IsolateOutcome(
    ScanResult Result, int NoneOrZero, int Referenced, bool Writable, int LastPfn, int VisitedPtes);

/// <summary>One collapse from the detached page table to the installed huge page: phases C5…C9 of khugepaged.md 2.8.
/// The mm's lock is held for write throughout; the object lives in the address space that owns the range.</summary>
public sealed class Collapse
{
    private readonly Mm _mm;
    private readonly PteTable _table;
    private readonly PageBuffer _sources = new();
    private readonly List<int> _largeSources = [];
    private int _wronglyPutBack = -1;

    private Collapse(Mm mm, long range, PteTable table)
    {
        _mm = mm;
        Range = range;
        _table = table;
    }

    /// <summary>Start of the range that is being collapsed.</summary>
    public long Range { get; }

    /// <summary>C5: detaches the page table; the PMD entry is none until the end.</summary>
    public static Collapse Detach(Mm mm, long range)
    {
        ref PmdEntry entry = ref mm.Directory.Find(range);
        var collapse = new Collapse(mm, range, entry.Table!);
        entry = default;
        mm.Detached = new DetachedTable(range, collapse._table);
        return collapse;
    }

    /// <summary>C6: locks and isolates every source folio, or rolls back at the first that cannot be (KH-38).</summary>
    public IsolateOutcome Isolate(in ScanLimits limits, NodeWork work)
    {
        IsolateOutcome outcome = IsolateSources(limits, work);
        CoverageMarks.Hit(ScanStage.Isolate, outcome.Result);
        return outcome;
    }

    private IsolateOutcome IsolateSources(in ScanLimits limits, NodeWork work)
    {
        var state = new IsolateState();
        for (int index = 0; index < Geometry.PtesPerTable; index++)
        {
            ScanResult result = TestPte(index, limits, ref state);
            state.Visited++;
            if (result != ScanResult.Succeed)
            {
                return Fail(state, result, work);
            }
        }

        if (limits.RequireWritable && !state.Writable)
        {
            return Fail(state, ScanResult.PageRo, work);
        }

        if (limits.IsKhugepaged && state.Referenced == 0)
        {
            return Fail(state, ScanResult.LackReferencedPage, work);
        }

        HandOver(work);
        return state.ToOutcome(ScanResult.Succeed);
    }

    /// <summary>C7: can every source be copied? SCAN_COPY_MC on a poisoned page, after which the caller rolls back.</summary>
    public ScanResult CheckCopy()
    {
        ScanResult result = HasPoisonedSource() ? ScanResult.CopyMc : ScanResult.Succeed;
        CoverageMarks.Hit(ScanStage.Copy, result);
        return result;
    }

    private bool HasPoisonedSource()
    {
        for (int index = _table.Present.NextSet(0); index < Geometry.PtesPerTable; index = _table.Present.NextSet(index + 1))
        {
            if (_mm.Folios.Has(_table.Pfns[index], FolioFlags.HwPoison))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Undoes C5…C7: the old page table is mapped again and the sources return to their lists.</summary>
    public void RollBack(NodeWork work)
    {
        foreach (int head in _sources.Pages)
        {
            _mm.Folios.Unlock(head);
            work.PutBack.Add(head);
        }

        if (_wronglyPutBack >= 0)
        {
            work.PutBack.Add(_wronglyPutBack);
        }

        Restore();
    }

    /// <summary>C7…C9: copies the contents, releases the sources and maps the new folio (KH-39…42).</summary>
    public void Install(Vma vma, int newHead, ThpSettings settings, NodeWork work)
    {
        var contents = new byte[Geometry.PtesPerTable];
        for (int index = _table.Present.NextSet(0); index < Geometry.PtesPerTable; index = _table.Present.NextSet(index + 1))
        {
            contents[index] = _mm.Folios.Content(_table.Pfns[index]);
        }

        int filled = Geometry.PtesPerTable - _table.Present.Count();
        ReleaseSources(work);
        ref PmdEntry entry = ref _mm.Directory.Find(Range);
        HugeMapping huge = Faults.MapHuge(_mm, ref entry, vma, Range, newHead, FolioFlags.None, settings, work);
        huge.TakeWritten(_table.LastWritten);
        huge.MayBeZero = _table.MayBeZero;
        StoreContents(newHead, contents);
        _mm.Detached = null;
        _mm.RssPages += filled;
        _mm.Recycle(_table);
    }

    private void StoreContents(int newHead, byte[] contents)
    {
        byte first = contents[0];
        _mm.Folios.SetUniformContent(newHead, first);
        if (contents.AsSpan().IndexOfAnyExcept(first) >= 0)
        {
            for (int index = 0; index < contents.Length; index++)
            {
                _mm.Folios.SetContent(newHead + index, contents[index]);
            }
        }
    }

    private ScanResult TestPte(int index, in ScanLimits limits, ref IsolateState state)
    {
        if (!_table.Present.Has(index))
        {
            if (_table.NonPresent.Has(index))
            {
                return ScanResult.PteNonPresent;
            }

            return ++state.NoneOrZero > limits.MaxNone ? ScanResult.ExceedNonePte : ScanResult.Succeed;
        }

        if (_table.UffdWp.Has(index))
        {
            return ScanResult.PteUffdWp;
        }

        int pfn = _table.Pfns[index];
        int head = _mm.Folios.Head(pfn);
        state.LastPfn = head;
        bool isLazyfree = !_mm.Folios.Has(head, FolioFlags.SwapBacked);
        if (limits.SkipLazyfree && isLazyfree && !_table.Dirty.Has(index))
        {
            return ScanResult.PageLazyfree;
        }

        CoverageMarks.HitIf(isLazyfree && !_table.Dirty.Has(index), CoverageMark.RaceLazyfreeHintLost);
        CoverageMarks.HitIf(isLazyfree && limits.SkipLazyfree, CoverageMark.RaceRewrittenLazyfreeTaken);

        if (_mm.Folios.MappedShared(pfn, limits.ExactShared) && ++state.Shared > limits.MaxShared)
        {
            return ScanResult.ExceedSharedPte;
        }

        ScanResult isolated = IsolateFolio(pfn, head);
        if (isolated == ScanResult.Succeed)
        {
            state.Writable |= _table.Writable.Has(index);
            bool referenced = _table.Young.Has(index)
                || (_mm.Folios.Flags(head) & (FolioFlags.Referenced | FolioFlags.Young)) != 0;
            state.Referenced += limits.IsKhugepaged && referenced ? 1 : 0;
        }

        return isolated;
    }

    private ScanResult IsolateFolio(int pfn, int head)
    {
        bool isLarge = _mm.Folios.IsLarge(pfn);
        if (isLarge && _largeSources.Contains(head))
        {
            CoverageMarks.Hit(CoverageMark.IsolateLargeSourceAgain);
            return ScanResult.Succeed;
        }

        if (!_mm.Folios.TryLock(head))
        {
            return ScanResult.PageLock;
        }

        bool trustsTheScan = _mm.Folios.Planted == PlantedBug.IsolateTwice;
        if (!_mm.Folios.RefcountSuitable(head) && !trustsTheScan)
        {
            return Refuse(head, ScanResult.PageCount);
        }

        if (!_mm.Folios.TestClearLru(head) && !trustsTheScan)
        {
            return Refuse(head, ScanResult.DelPageLru);
        }

        _mm.Folios.Get(head);
        _sources.Add(head);
        if (isLarge)
        {
            _largeSources.Add(head);
        }

        return ScanResult.Succeed;
    }

    private ScanResult Refuse(int head, ScanResult result)
    {
        _mm.Folios.Unlock(head);
        if (_mm.Folios.Planted is PlantedBug.LeakedReference or PlantedBug.DoublePutBack)
        {
            _mm.Folios.Get(head);
            _wronglyPutBack = _mm.Folios.Planted == PlantedBug.DoublePutBack ? head : -1;
        }

        return result;
    }

    private IsolateOutcome Fail(in IsolateState state, ScanResult result, NodeWork work)
    {
        HandOver(work);
        RollBack(work);
        return state.ToOutcome(result);
    }

    private void HandOver(NodeWork work)
    {
        foreach (int head in _sources.Pages)
        {
            work.Isolated.Add(head);
        }
    }

    private void Restore()
    {
        ref PmdEntry entry = ref _mm.Directory.Find(Range);
        entry = new PmdEntry { State = PmdState.Table, Table = _table };
        _mm.Detached = null;
    }

    /// <summary>C8: each source loses this mapping; one that nobody else maps is freed when it is put back.</summary>
    private void ReleaseSources(NodeWork work)
    {
        FolioTable folios = _mm.Folios;
        for (int index = _table.Present.NextSet(0); index < Geometry.PtesPerTable; index = _table.Present.NextSet(index + 1))
        {
            int pfn = _table.Pfns[index];
            if (!folios.IsLarge(pfn))
            {
                folios.UnmapSmall(pfn);
                SwapIns.DropUnmappedCache(folios, pfn, 1, work);
                continue;
            }

            int head = folios.Head(pfn);
            folios.UnmapSubpage(pfn);
            if (!folios.Has(head, FolioFlags.PartiallyMapped) && Zapping.NotePartialUnmap(_mm, head))
            {
                work.PartiallyMapped.Add(head);
            }
        }

        foreach (int head in _sources.Pages)
        {
            folios.Unlock(head);
            work.PutBack.Add(head);
        }
    }

    private struct IsolateState()
    {
        public int NoneOrZero;
        public int Referenced;
        public int Shared;
        public int Visited;
        public bool Writable;
        public int LastPfn = -1;

        public readonly IsolateOutcome ToOutcome(ScanResult result) =>
            new(result, NoneOrZero, Referenced, Writable, LastPfn, Visited);
    }
}
