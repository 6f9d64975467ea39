using System.Runtime.CompilerServices;
using MmActors.Model.Coverage;
using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>What a fault needs before it can be carried out.</summary>
public enum FaultNeed
{
    /// <summary>The address is not mapped, or not writable: SIGSEGV.</summary>
    Segfault,
    /// <summary>Nothing: it can be finished at once.</summary>
    Nothing,
    /// <summary>An order-9 page (UT-2).</summary>
    HugePage,
    /// <summary>Base pages (UT-4, UT-8).</summary>
    Pages,
    /// <summary>The pages behind swap entries (UT-7), as many as the plan counts.</summary>
    SwapIn,
}

/// <summary>The plan for the faults an access takes within one range.</summary>
/// <param name="Need">What must be allocated first.</param>
/// <param name="PageCount">Base pages needed.</param>
/// <param name="AttemptsHuge">A PMD-order page (or the huge zero folio) is tried: the anon_vma is made sure of first.</param>
/// <param name="RegistersMm">The attempt registers the mm with khugepaged, before the allocation (KH-8a).</param>
/// <param name="MayReclaim">The PMD-order page may be reclaimed and compacted for (UT-3).</param>
/// <param name="GivesUpEarly">But not persistently: __GFP_NORETRY.</param>
public readonly record struct FaultPlan(
    FaultNeed Need, int PageCount, bool AttemptsHuge, bool RegistersMm, bool MayReclaim = false,
    bool GivesUpEarly = false);

/// <summary>Page faults on anonymous private memory (user-tasks.md 5.1), one 2 MiB range at a time.</summary>
public static class Faults
{
    /// <summary>UT-1: decides what the faulting pages of an access need.</summary>
    /// <param name="mm">The faulting address space.</param>
    /// <param name="access">The access.</param>
    /// <param name="faulting">The pages <see cref="UserAccess.Apply"/> could not serve; not empty.</param>
    /// <param name="settings">The sysfs settings now.</param>
    /// <param name="hugeTried">A PMD-order attempt was already made and failed.</param>
    public static FaultPlan Plan(Mm mm, in Access access, in Bits512 faulting, ThpSettings settings, bool hugeTried)
    {
        Vma? vma = mm.Vmas.Find(access.Range + ((long)faulting.NextSet(0) << Geometry.PageShift));
        if (vma is null || (access.IsWrite && !vma.Has(VmaFlags.Write)))
        {
            CoverageMarks.Hit(CoverageMark.FaultSegfault);
            return new FaultPlan(FaultNeed.Segfault, 0, false, false);
        }

        PmdState state = mm.Directory.StateOf(access.Range) ?? PmdState.None;
        if (state == PmdState.None && !hugeTried && WantsHuge(mm, vma, access.Range, settings))
        {
            bool zeroFolio = !access.IsWrite && settings.UseZeroPage;
            bool registers = !mm.IsRegistered && Eligibility.IsEligible(mm, vma, settings, ignoreSysfs: false, assumeAnonVma: true);
            bool mayReclaim = settings.Defrag == ThpDefrag.Always
                || (settings.Defrag is ThpDefrag.Madvise or ThpDefrag.DeferMadvise && vma.Has(VmaFlags.HugePage));
            return new FaultPlan(zeroFolio ? FaultNeed.Nothing : FaultNeed.HugePage, 0, true, registers, mayReclaim, !vma.Has(VmaFlags.HugePage));
        }

        int swapped = SwapIns.SlotsOf(mm, access.Range, faulting).Length;
        if (swapped > 0)
        {
            CoverageMarks.Hit(CoverageMark.FaultSwapIn);
            return new FaultPlan(FaultNeed.SwapIn, swapped, false, false);
        }

        int pages = PagesNeeded(mm, access, faulting);
        return new FaultPlan(pages > 0 ? FaultNeed.Pages : FaultNeed.Nothing, pages, false, false);
    }

    /// <summary>UT-2: a PMD-order attempt makes sure of the upper page tables and of the anon_vma before it registers
    /// the mm and allocates.</summary>
    public static void PrepareHuge(Mm mm, in Access access, in Bits512 faulting)
    {
        mm.Directory.Ensure(access.Range);
        mm.Vmas.Find(access.Range + ((long)faulting.NextSet(0) << Geometry.PageShift))!.HasAnonVma = true;
    }

    /// <summary>Finishes the faults that need no memory: zero-page reads, reuse after fork, the huge zero folio.
    /// Returns the number of faults taken.</summary>
    public static int ApplyWithoutMemory(Mm mm, in Access access, in Bits512 faulting, ThpSettings settings)
    {
        Vma vma = mm.Vmas.Find(access.Range + ((long)faulting.NextSet(0) << Geometry.PageShift))!;
        ref PmdEntry entry = ref mm.Directory.Ensure(access.Range);
        if (entry.State == PmdState.None && !access.IsWrite && settings.UseZeroPage && WantsHuge(mm, vma, access.Range, settings))
        {
            CoverageMarks.Hit(CoverageMark.FaultHugeZero);
            entry.State = PmdState.HugeZero;
            mm.CountTable(1);
            mm.Vmstat.Add(VmCounter.PgFault);
            mm.Vmstat.AddOnce(VmCounter.ThpZeroPageAlloc);
            return 1;
        }

        return ApplyPages(mm, access, faulting, new PageBuffer(), false, new NodeWork());
    }

    /// <summary>T6: maps a freshly zeroed order-9 folio; false when somebody populated the range meanwhile.</summary>
    public static bool ApplyHuge(Mm mm, long range, int head, bool populate, ThpSettings settings, NodeWork work)
    {
        Vma? vma = mm.Vmas.FindAbove(range);
        ref PmdEntry entry = ref mm.Directory.Ensure(range);
        mm.Vmstat.Add(VmCounter.PgFault);
        if (entry.State != PmdState.None || vma is null || !vma.ContainsRange(range))
        {
            CoverageMarks.Hit(CoverageMark.FaultHugeOutrun);
            return false;
        }

        CoverageMarks.Hit(CoverageMark.FaultHuge);
        mm.CountTable(1);
        MapHuge(mm, ref entry, vma, range, head, populate ? FolioFlags.Referenced : FolioFlags.None, settings, work);
        mm.Folios.SetUniformContent(head, ContentTag.Zero);
        mm.RssPages += Geometry.PtesPerTable;
        mm.Vmstat.Add(VmCounter.ThpFaultAlloc);
        return true;
    }

    /// <summary>Maps an order-9 folio that nobody maps yet (T6, KH-41): exclusive, young, dirty, tracked (DS-3).</summary>
    internal static HugeMapping MapHuge(
        Mm mm, ref PmdEntry entry, Vma vma, long range, int head, FolioFlags extra, ThpSettings settings, NodeWork work)
    {
        FolioFlags backing = vma.Has(VmaFlags.Droppable) ? FolioFlags.None : FolioFlags.SwapBacked;
        FolioFlags queued = settings.ShrinkUnderused ? FolioFlags.DeferredQueued : FolioFlags.None;
        mm.Folios.InitLarge(head, backing | extra | queued);
        mm.Folios.SetMapping(head, mm.Family, range);
        mm.Folios.MapPmd(head);
        mm.Folios.Get(head); // SM-8: the add batch
        var huge = new HugeMapping { Head = head, Young = true, Dirty = true, Writable = vma.Has(VmaFlags.Write) };
        entry = new PmdEntry { State = PmdState.Huge, Huge = huge };
        mm.HugeRanges++;
        work.Added.Add(head);
        if (settings.ShrinkUnderused)
        {
            work.Tracked.Add(head);
        }

        return huge;
    }

    /// <summary>Carries out PTE-level faults with pages taken from <paramref name="pages"/>; surplus pages stay there.
    /// Pages somebody else served meanwhile are left alone. Returns the number of faults taken.</summary>
    public static int ApplyPages(
        Mm mm, in Access access, in Bits512 faulting, PageBuffer pages, bool populate, NodeWork work)
    {
        Vma? vma = mm.Vmas.Find(access.Range + ((long)faulting.NextSet(0) << Geometry.PageShift));
        if (vma is null)
        {
            return 0;
        }

        ref PmdEntry entry = ref mm.Directory.Ensure(access.Range);
        if (access.IsWrite && TryReuseHuge(mm, ref entry))
        {
            mm.Vmstat.Add(VmCounter.PgFault);
            return 1;
        }

        PteTable table = TableFor(mm, ref entry, access.IsWrite);
        int faults = 0;
        if (access.IsWrite)
        {
            vma.HasAnonVma = true;
            var writes = new PteWrites(mm, vma, access.Range, table, pages, populate, work);
            for (int index = faulting.NextSet(0); index < Geometry.PtesPerTable; index = faulting.NextSet(index + 1))
            {
                faults += writes.Fault(index) ? 1 : 0;
            }
        }
        else
        {
            Bits512 none = table.NonePtes & faulting;
            CoverageMarks.HitIf(!none.IsEmpty, CoverageMark.FaultZeroPage);
            table.Zero |= none;
            table.Young |= none;
            faults = none.Count();
        }

        mm.Vmstat.Add(VmCounter.PgFault, faults);
        return faults;
    }

    private static bool WantsHuge(Mm mm, Vma vma, long range, ThpSettings settings) =>
        (vma.Flags & (VmaFlags.NoHugePage | VmaFlags.Image)) == 0 && !mm.ThpDisabled
        && vma.ContainsRange(range) && settings.Allows(vma.Has(VmaFlags.HugePage));

    private static int PagesNeeded(Mm mm, in Access access, in Bits512 faulting)
    {
        if (!access.IsWrite)
        {
            return 0;
        }

        ref PmdEntry entry = ref mm.Directory.Find(access.Range);
        if (Unsafe.IsNullRef(ref entry) || entry.State is PmdState.None or PmdState.HugeZero)
        {
            return faulting.Count();
        }

        if (entry.State == PmdState.Huge)
        {
            return CanReuseHuge(mm, entry.Huge!) ? 0 : faulting.Count();
        }

        PteTable table = entry.Table!;
        int needed = 0;
        for (int index = faulting.NextSet(0); index < Geometry.PtesPerTable; index = faulting.NextSet(index + 1))
        {
            needed += table.Present.Has(index) && PteWrites.CanReuse(mm, table.Pfns[index]) ? 0 : 1;
        }

        return needed;
    }

    /// <summary>UT-8; a folio in the swap cache may have swap entries of other processes.</summary>
    private static bool CanReuseHuge(Mm mm, HugeMapping huge) => mm.Folios.IsLargeExclusive(huge.Head)
        || (mm.Folios.MapCount(huge.Head) == 1 && !mm.Folios.Has(huge.Head, FolioFlags.SwapCache));

    /// <summary>UT-8: the whole huge mapping becomes writable again, by one fault.</summary>
    private static bool TryReuseHuge(Mm mm, ref PmdEntry entry)
    {
        if (entry.State != PmdState.Huge || entry.Huge!.Writable || !CanReuseHuge(mm, entry.Huge))
        {
            return false;
        }

        CoverageMarks.Hit(CoverageMark.FaultReuseHuge);
        entry.Huge.Writable = true;
        mm.Folios.SetLargeExclusive(entry.Huge.Head, true);
        return true;
    }

    private static PteTable TableFor(Mm mm, ref PmdEntry entry, bool isWrite)
    {
        switch (entry.State)
        {
            case PmdState.None:
                mm.CountTable(1);
                entry = new PmdEntry { State = PmdState.Table, Table = mm.NewTable() };
                return entry.Table!;
            case PmdState.HugeZero:
                return Splitting.SplitHugeZero(mm, ref entry);
            case PmdState.Huge when isWrite && !entry.Huge!.Writable:
                CoverageMarks.Hit(CoverageMark.FaultSplitsSharedHuge);
                return Splitting.SplitPmd(mm, ref entry);
            case PmdState.Huge:
                return PteWrites.NothingToDo;
            default:
                return entry.Table!;
        }
    }
}
