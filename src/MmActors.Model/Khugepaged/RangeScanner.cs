using MmActors.Model.AddressSpaces;
using MmActors.Model.Coverage;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.Khugepaged;

/// <summary>The PTE loop of khugepaged's scan (khugepaged.md 2.7). <see cref="Scan"/> works on whole planes of 512 PTEs;
/// <see cref="ScanStepByStep"/> is the decision list as the kernel runs it, and the two agree on every input.</summary>
public static class RangeScanner
{
    /// <summary>Scans one page table.</summary>
    public static RangeScan Scan(FolioTable folios, PteTable table, in ScanLimits limits)
    {
        RangeScan scan = ScanFast(folios, table, limits);
        CoverageMarks.Hit(ScanStage.Scan, scan.Result);
        return scan;
    }

    private static RangeScan ScanFast(FolioTable folios, PteTable table, in ScanLimits limits)
    {
        if (!table.UffdWp.IsEmpty)
        {
            return ScanStepByStep(folios, table, limits);
        }

        return FolioPlanes.TryReadOrdinary(folios, table, out FolioFlags flags)
            ? ScanOrdinary(table, flags, limits)
            : ScanPlanes(folios, table, limits);
    }

    /// <summary>512 PTEs whose folios agree and pass: only a clean lazyfree page can end the loop.</summary>
    private static RangeScan ScanOrdinary(PteTable table, FolioFlags flags, in ScanLimits limits)
    {
        bool endsAtClean = limits.SkipLazyfree && (flags & FolioFlags.SwapBacked) == 0;
        int stop = endsAtClean ? (~table.Dirty).NextSet(0) : Geometry.PtesPerTable;
        int visited = Math.Min(stop + 1, Geometry.PtesPerTable);
        bool allReferenced = (flags & (FolioFlags.Referenced | FolioFlags.Young)) != 0;
        int referenced = !limits.IsKhugepaged ? 0 : allReferenced ? stop : table.Young.CountBelow(stop);
        bool writable = table.Writable.NextSet(0) < visited;
        ScanResult result = stop < Geometry.PtesPerTable
            ? ScanResult.PageLazyfree : AfterLoop(limits, writable, referenced, unmapped: 0);
        return new RangeScan(
            result, referenced, NoneOrZero: 0, Unmapped: 0, visited, HasPteTable: true, writable,
            table.Pfns[visited - 1], visited);
    }

    private static RangeScan ScanPlanes(FolioTable folios, PteTable table, in ScanLimits limits)
    {
        FolioPlanes.Read(folios, table, limits.ExactShared, out FolioPlanes planes);
        Bits512 noneOrZero = ~(table.Present | table.NonPresent);
        int stop = Geometry.PtesPerTable;
        var result = ScanResult.Succeed;
        Earliest(noneOrZero.NthSet(limits.MaxNone), ScanResult.ExceedNonePte, ref stop, ref result);
        Earliest(table.NonPresent.NthSet(limits.MaxSwap), ScanResult.ExceedSwapPte, ref stop, ref result);
        if (limits.SkipLazyfree)
        {
            Bits512 lazyfree = (table.Present & planes.Lazyfree).Without(table.Dirty);
            Earliest(lazyfree.NextSet(0), ScanResult.PageLazyfree, ref stop, ref result);
        }

        Earliest((table.Present & planes.Shared).NthSet(limits.MaxShared), ScanResult.ExceedSharedPte, ref stop, ref result);
        int odd = (table.Present & planes.Odd).NextSet(0);
        if (odd <= stop && odd < Geometry.PtesPerTable)
        {
            int pfn = table.Pfns[odd];
            if (folios.IsLarge(pfn) && !planes.IsOneLargeFolio)
            {
                return ScanStepByStep(folios, table, limits);
            }

            Earliest(odd, TestFolioState(folios.Word(folios.Head(pfn))), ref stop, ref result);
        }

        bool stopped = stop < Geometry.PtesPerTable;
        int visited = stopped ? stop + 1 : Geometry.PtesPerTable;
        int referenced = limits.IsKhugepaged ? (table.Present & (table.Young | planes.Referenced)).CountBelow(stop) : 0;
        int unmapped = table.NonPresent.CountBelow(visited);
        bool writable = (table.Present & table.Writable).NextSet(0) < visited;
        if (!stopped)
        {
            result = AfterLoop(limits, writable, referenced, unmapped);
        }

        return new RangeScan(
            result, referenced, noneOrZero.CountBelow(visited), unmapped, visited, HasPteTable: true, writable,
            LastHead(folios, table, visited), table.Present.CountBelow(visited));
    }

    /// <summary>The ordered tests per PTE, one after the other.</summary>
    public static RangeScan ScanStepByStep(FolioTable folios, PteTable table, in ScanLimits limits)
    {
        var count = new ScanCounts();
        for (int index = 0; index < Geometry.PtesPerTable; index++)
        {
            ScanResult result = TestPte(folios, table, index, limits, ref count);
            if (result != ScanResult.Succeed)
            {
                return count.ToScan(result, index + 1);
            }
        }

        ScanResult verdict = AfterLoop(limits, count.Writable, count.Referenced, count.Unmapped);
        return count.ToScan(verdict, Geometry.PtesPerTable);
    }

    private static ScanResult TestPte(
        FolioTable folios, PteTable table, int index, in ScanLimits limits, ref ScanCounts count)
    {
        if (table.NonPresent.Has(index))
        {
            count.Unmapped++;
            return count.Unmapped > limits.MaxSwap ? ScanResult.ExceedSwapPte
                : table.UffdWp.Has(index) ? ScanResult.PteUffdWp : ScanResult.Succeed;
        }

        if (!table.Present.Has(index))
        {
            count.NoneOrZero++;
            return count.NoneOrZero > limits.MaxNone ? ScanResult.ExceedNonePte : ScanResult.Succeed;
        }

        if (table.UffdWp.Has(index))
        {
            return ScanResult.PteUffdWp;
        }

        count.Present++;
        count.Writable |= table.Writable.Has(index);
        int pfn = table.Pfns[index];
        int head = folios.Head(pfn);
        count.LastPfn = head;
        uint word = folios.Word(head);
        if (limits.SkipLazyfree && (word & (uint)FolioFlags.SwapBacked) == 0 && !table.Dirty.Has(index))
        {
            return ScanResult.PageLazyfree;
        }

        if (folios.MappedShared(pfn, limits.ExactShared) && ++count.Shared > limits.MaxShared)
        {
            return ScanResult.ExceedSharedPte;
        }

        ScanResult state = TestFolioState(word);
        if (state == ScanResult.Succeed && limits.IsKhugepaged
            && (table.Young.Has(index) || (word & (uint)(FolioFlags.Referenced | FolioFlags.Young)) != 0))
        {
            count.Referenced++;
        }

        return state;
    }

    private static ScanResult TestFolioState(uint word) => word switch
    {
        _ when (word & (uint)FolioFlags.Lru) == 0 => ScanResult.PageLru,
        _ when (word & (uint)FolioFlags.Locked) != 0 => ScanResult.PageLock,
        _ when (word & FolioTable.TransientMask) != 0 => ScanResult.PageCount,
        _ => ScanResult.Succeed,
    };

    private static ScanResult AfterLoop(in ScanLimits limits, bool writable, int referenced, int unmapped)
    {
        if (limits.RequireWritable && !writable)
        {
            return ScanResult.PageRo;
        }

        bool lacks = referenced == 0 || (unmapped > 0 && referenced < Geometry.PtesPerTable / 2);
        return limits.IsKhugepaged && lacks ? ScanResult.LackReferencedPage : ScanResult.Succeed;
    }

    private static void Earliest(int index, ScanResult reason, ref int stop, ref ScanResult result)
    {
        if (index < stop)
        {
            stop = index;
            result = reason;
        }
    }

    /// <summary>Head of the folio that the last present PTE of those visited maps, or −1.</summary>
    private static int LastHead(FolioTable folios, PteTable table, int visited)
    {
        for (int index = visited - 1; index >= 0; index--)
        {
            if (table.Present.Has(index))
            {
                return folios.Head(table.Pfns[index]);
            }
        }

        return -1;
    }

    private struct ScanCounts()
    {
        public int Referenced;
        public int NoneOrZero;
        public int Unmapped;
        public int Shared;
        public int Present;
        public bool Writable;
        public int LastPfn = -1;

        public readonly RangeScan ToScan(ScanResult result, int visited) =>
            new(result, Referenced, NoneOrZero, Unmapped, visited, true, Writable, LastPfn, Present);
    }
}
