using MmActors.Model.Memory;
using MmActors.Model.Swap;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>A process's address space: VMAs, page tables and resident counts. Owned by one actor; everything that
/// changes it takes it as an argument (faults, madvise, scan, collapse), so it is testable without an actor.</summary>
public sealed class Mm
{
    private readonly Stack<PteTable> _spareTables = [];
    private int _tables;

    /// <summary>Creates an empty address space.</summary>
    /// <param name="id">Number by which events name it; unique in a world.</param>
    /// <param name="folios">The node's page array.</param>
    /// <param name="vmstat">Counters to bump.</param>
    /// <param name="family">Number of its family; that of the mm when left out.</param>
    public Mm(int id, FolioTable folios, VmStat vmstat, int family = 0)
    {
        Id = id;
        OwnFamily = family > 0 ? family : id;
        Family = OwnFamily;
        Folios = folios;
        Vmstat = vmstat;
    }

    /// <summary>Number by which events name this mm.</summary>
    public int Id { get; }

    /// <summary>Number of the family it would found; a fork child belongs to its parent's instead.</summary>
    public int OwnFamily { get; }

    /// <summary>Number of the family of the mm at the root of its fork tree; by it, rmap finds everybody who may map a page.</summary>
    public int Family { get; internal set; }

    /// <summary>Memory cgroup its pages are charged to; 0 is the root.</summary>
    public int Memcg { get; set; }

    /// <summary>Mapped file pages of the process image: part of Rss, never reclaimed here (RN-4).</summary>
    public int FilePages { get; set; }

    /// <summary>The task was chosen by the OOM killer: its memory is being reaped and its faults fail (RC-70).</summary>
    public bool IsOomVictim { get; set; }

    /// <summary>The node's shared page array.</summary>
    public FolioTable Folios { get; }

    /// <summary>The swap device; null without one. An entry counts as a user of its slot from the moment it is made, so
    /// that nobody takes a cached page for its own alone before the device's actor hears of it.</summary>
    public SwapDevice? Swap { get; init; }

    /// <summary>Whether an entry other than <paramref name="own"/> of the caller's names the slot of this page in the
    /// swap cache.</summary>
    internal bool SharesSlot(int pfn, int own) => Swap is { } device && device.Users(Folios.SwapSlot(pfn)) > own;

    /// <summary>The world's event counters.</summary>
    public VmStat Vmstat { get; }

    /// <summary>Its areas.</summary>
    public VmaList Vmas { get; } = new();

    /// <summary>Its page tables.</summary>
    public PageDirectory Directory { get; } = new();

    /// <summary>Where its next regions go; a fork child goes on where its parent stands.</summary>
    public Placement Placement { get; internal set; } = new();

    /// <summary>Start of the 2 MiB range that holds the process's own pages (bss, heap, stack).</summary>
    public const long OwnPagesRange = 0x4_0000_0000;

    /// <summary>Number of such pages (RC-44).</summary>
    public int OwnPages { get; private set; }

    /// <summary>MMF_VM_HUGEPAGE: registered with khugepaged (KH-8).</summary>
    public bool IsRegistered { get; set; }

    /// <summary>Share of its young pages, 0…1, whose folio carries Y when MADV_FREE runs (KH-29).</summary>
    public double ResidualYoungFraction { get; set; }

    /// <summary>MMF_DISABLE_THP.</summary>
    public bool ThpDisabled { get; set; }

    /// <summary>mm_users reached 0 (UT-31).</summary>
    public bool IsExiting { get; set; }

    /// <summary>KH-13: khugepaged finds nothing to do here.</summary>
    public bool IsClosedToKhugepaged => IsExiting || ThpDisabled;

    /// <summary>UT-50: mapped anon pages.</summary>
    public long RssPages { get; internal set; }

    /// <summary>Swap entries in its page tables (MM_SWAPENTS).</summary>
    public long SwapPages { get; internal set; }

    /// <summary>The page table a collapse has detached (C5…C8), so that figures and audits see its pages; null when no
    /// collapse is under way.</summary>
    public DetachedTable? Detached { get; internal set; }

    /// <summary>Ranges mapped by a huge PMD (not the huge zero folio).</summary>
    public int HugeRanges { get; internal set; }

    /// <summary>Pages its page tables occupy: one for every PMD entry that is not none – a huge one keeps a table deposited (SM-5) –
    /// and one for every page of PMD entries. The few levels above are not counted.</summary>
    public int PageTables => _tables + Directory.PageKeys.Count;

    /// <summary>A PMD entry that was none holds something now, or the other way round.</summary>
    public void CountTable(int change) => _tables += change;

    /// <summary>An empty page table, reused when a deposited one is at hand (SM-5).</summary>
    internal PteTable NewTable() => _spareTables.TryPop(out PteTable? table) ? table : new PteTable();

    /// <summary>Keeps at most one emptied table: an all-huge range must not cost a table's memory.</summary>
    internal void Recycle(PteTable table)
    {
        if (_spareTables.Count == 0)
        {
            table.Reset();
            _spareTables.Push(table);
        }
    }

    /// <summary>Adds the areas of the process image (RN-1), which khugepaged only steps over.</summary>
    /// <param name="below">Areas below every region.</param>
    /// <param name="above">Areas above every region.</param>
    /// <param name="ownPages">Pages of the process itself; they lie in the last area below.</param>
    public void AddImage(int below, int above, int ownPages = 0)
    {
        OwnPages = ownPages;
        if (ownPages > 0)
        {
            below--;
            Vmas.Insert(new Vma
            {
                Start = OwnPagesRange,
                End = OwnPagesRange + ((long)ownPages << Geometry.PageShift),
                Flags = VmaFlags.Image | VmaFlags.Write,
            });
        }

        for (int index = 0; index < below; index++)
        {
            AddImageArea(0x400000 + (index * 2L * Geometry.PageSize));
        }

        for (int index = 0; index < above; index++)
        {
            AddImageArea(0x7FFF_F7FF_9000 + (index * 2L * Geometry.PageSize));
        }
    }

    /// <summary>Starts of the 2 MiB ranges in [start, end) whose PMD entry is not none, ascending. The list is made
    /// before the first is returned, so the caller may change entries.</summary>
    public List<long> MappedRanges(long start, long end)
    {
        List<long> ranges = [];
        foreach (long key in Directory.PageKeys)
        {
            PmdEntry[] page = Directory.PageAt(key);
            for (int slot = 0; slot < page.Length; slot++)
            {
                long range = (key << Geometry.PudShift) + ((long)slot << Geometry.PmdShift);
                if (page[slot].State != PmdState.None && range + Geometry.PmdSize > start && range < end)
                {
                    ranges.Add(range);
                }
            }
        }

        return ranges;
    }

    /// <summary>smaps figures of the whole address space, by a walk that touches nothing (SM-17a, SM-20).</summary>
    public SmapsFigures Smaps()
    {
        long lazyfree = 0;
        foreach (long key in Directory.PageKeys)
        {
            foreach (ref PmdEntry entry in Directory.PageAt(key).AsSpan())
            {
                if (entry.State == PmdState.Huge)
                {
                    const FolioFlags NotFree = FolioFlags.SwapBacked | FolioFlags.Dirty;
                    bool isFree = !entry.Huge!.Dirty && (Folios.Flags(entry.Huge.Head) & NotFree) == 0;
                    lazyfree += isFree ? Geometry.PtesPerTable : 0;
                }
                else if (entry.State == PmdState.Table)
                {
                    lazyfree += CountLazyfree(entry.Table!);
                }
            }
        }

        lazyfree += Detached is { } detached ? CountLazyfree(detached.Table) : 0;
        return new SmapsFigures(RssPages + FilePages, HugeRanges, lazyfree, SwapPages);
    }

    private void AddImageArea(long start) => Vmas.Insert(
        new Vma { Start = start, End = start + Geometry.PageSize, Flags = VmaFlags.Image | VmaFlags.Write });

    private int CountLazyfree(PteTable table)
    {
        Bits512 clean = table.Present.Without(table.Dirty);
        int count = 0;
        for (int index = clean.NextSet(0); index < Geometry.PtesPerTable; index = clean.NextSet(index + 1))
        {
            FolioFlags flags = Folios.Flags(Folios.Head(table.Pfns[index]));
            count += (flags & (FolioFlags.SwapBacked | FolioFlags.Dirty)) == 0 ? 1 : 0;
        }

        return count;
    }
}

/// <summary>A page table out of its PMD entry.</summary>
/// <param name="Range">Start of the range it mapped.</param>
/// <param name="Table">The table.</param>
public sealed record DetachedTable(long Range, PteTable Table);

/// <summary>What smaps_rollup shows of an address space, in pages (SM-20).</summary>
/// <param name="RssPages">Resident pages: anonymous ones and the mapped file pages of the image.</param>
/// <param name="HugeRanges">2 MiB ranges mapped huge (AnonHugePages).</param>
/// <param name="LazyfreePages">LazyFree.</param>
/// <param name="SwapPages">Swap.</param>
public readonly record struct SmapsFigures(long RssPages, int HugeRanges, long LazyfreePages, long SwapPages);
