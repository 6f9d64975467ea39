using MmActors.Model.Injection;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Model.Memory;

/// <summary>One memory node: free blocks, the lruvecs of all memory cgroups and the per-CPU LRU batches (zone lock and
/// lru_lock of the kernel), and what the groups are charged. Owned by one actor; only the <see cref="FolioTable"/> is
/// shared.</summary>
public sealed partial class MemoryNode
{
    private const int LruListCount = 5;

    private readonly VmStat _vmstat;
    private readonly BuddyAllocator _buddy;
    private readonly PageLists _lists;
    private readonly Memcg[] _memcgs;
    private readonly CpuBatches[] _batches;
    private readonly List<int> _leftSplitQueue = [];
    private readonly bool _khugepagedMayRun;

    /// <summary>Creates a node whose pages are all free.</summary>
    /// <param name="folios">Its page array.</param>
    /// <param name="cpus">Number of CPUs, each with its own batches.</param>
    /// <param name="khugepagedMayRun">Raises the watermarks as RC-2 says.</param>
    /// <param name="vmstat">Counters to bump.</param>
    /// <param name="cgroups">Memory cgroups besides the root, parents before children.</param>
    /// <param name="vm">/proc/sys/vm at boot.</param>
    public MemoryNode(
        FolioTable folios, int cpus, bool khugepagedMayRun, VmStat vmstat,
        IReadOnlyList<CgroupSpec>? cgroups = null, VmSettings? vm = null)
    {
        Folios = folios;
        _vmstat = vmstat;
        _khugepagedMayRun = khugepagedMayRun;
        int groups = 1 + (cgroups?.Count ?? 0);
        _lists = new PageLists(folios.Pages, (LruListCount * groups) + BuddyAllocator.MaxOrder + 1);
        _memcgs = new Memcg[groups];
        _memcgs[0] = new Memcg(0, "", null, new LruLists(folios, _lists, 0));
        for (int id = 1; id < groups; id++)
        {
            CgroupSpec spec = cgroups![id - 1];
            int slash = spec.Path.LastIndexOf('/');
            Memcg parent = FindMemcg(slash < 0 ? "" : spec.Path[..slash]) ?? _memcgs[0];
            _memcgs[id] = new Memcg(id, spec.Path, parent, new LruLists(folios, _lists, id * LruListCount)) { Limits = spec.Limits };
        }

        _buddy = new BuddyAllocator(folios, _lists, LruListCount * groups);
        _cpuPages = [.. Enumerable.Range(0, cpus).Select(_ => new CpuPages(folios, _buddy))];
        Apply(vm ?? new VmSettings());
        _batches = [.. Enumerable.Range(0, cpus).Select(static _ => new CpuBatches())];
    }

    /// <summary>Takes all memory of the arrays over its pages from the system now. Changes nothing else.</summary>
    public void Reserve()
    {
        Folios.Reserve();
        _lists.Reserve();
    }

    /// <summary>The shared page array.</summary>
    public FolioTable Folios { get; }

    /// <summary>The memory cgroups by number; the root first.</summary>
    public IReadOnlyList<Memcg> Memcgs => _memcgs;

    /// <summary>The root group's LRU lists.</summary>
    public LruLists Lru => _memcgs[0].Lru;

    /// <summary>The zone's watermarks.</summary>
    public Watermarks Marks { get; private set; }

    /// <summary>Pages the kernel itself holds, page tables among them; on no list.</summary>
    public long KernelPages { get; private set; }

    /// <summary>Allocated pages that their new owner has not put on the LRU yet.</summary>
    public long InFlightPages { get; private set; }

    /// <summary>Every page that the node knows of by a counter: free, on a list, in an add batch, isolated, on its way, or the
    /// kernel's. The node's size, at any time between two steps (invariant 1).</summary>
    public long AccountedPages
    {
        get
        {
            long pages = FreePages + PagesInAddBatches + IsolatedPages + InFlightPages + KernelPages;
            foreach (Memcg group in _memcgs)
            {
                pages += group.Lru.AllPages;
            }

            return pages;
        }
    }

    /// <summary>Whether swap slots are free now (get_nr_swap_pages() > 0).</summary>
    public Func<bool> SwapHasRoom { get; set; } = static () => false;

    /// <summary>The group of this path, or null.</summary>
    public Memcg? FindMemcg(string path) => Array.Find(_memcgs, group => group?.Path == path);

    /// <summary>Recomputes the watermarks after a write below /proc/sys/vm.</summary>
    public void Apply(VmSettings vm)
    {
        Marks = Watermarks.For(Folios.Pages, _khugepagedMayRun, vm);
        foreach (CpuPages cpu in _cpuPages)
        {
            cpu.Resize(Folios.Pages, Marks.Low, _cpuPages.Length);
        }
    }

    /// <summary>Boot: the kernel takes pages for itself.</summary>
    public void HoldForKernel(int pages)
    {
        var held = new int[pages];
        KernelPages = _buddy.AllocatePages(held);
        foreach (int pfn in held.AsSpan(0, (int)KernelPages))
        {
            Folios.InitSmall(pfn, FolioFlags.Unevictable, ContentTag.Zero);
        }
    }

    /// <summary>Queued order-9 folios that were freed or split since they were last asked for (DS-6), in order.</summary>
    public IReadOnlyList<int> TakeLeftSplitQueue()
    {
        if (_leftSplitQueue.Count == 0)
        {
            return [];
        }

        int[] left = [.. _leftSplitQueue];
        _leftSplitQueue.Clear();
        return left;
    }

    /// <summary>Allocates and charges single pages, as many of those wanted as a limit or the watermark allows.</summary>
    /// <param name="pages">Receives them.</param>
    /// <param name="wanted">How many are wanted.</param>
    /// <param name="memcg">Group to charge.</param>
    /// <param name="watermark">Free pages that must remain (RC-6: low at first, then min).</param>
    /// <returns>Granted when there is at least one page.</returns>
    public AllocationOutcome Allocate(PageBuffer pages, int wanted, int memcg, int watermark)
    {
        if (ZoneFreePages <= watermark || Folios.Strikes(FaultPoint.AllocatePages))
        {
            return AllocationOutcome.BelowWatermark;
        }

        Memcg group = _memcgs[memcg];
        int chargeable = (int)Math.Min(wanted, group.Margin(out Memcg limiting));
        if (chargeable <= 0)
        {
            return AllocationOutcome.Over(limiting);
        }

        Span<int> places = pages.Reserve(chargeable);
        int granted = _cpuPages[_cpu].Take(places, watermark);
        pages.DropLast(chargeable - granted);
        InFlightPages += granted;
        group.Charge(granted);
        foreach (int pfn in places[..granted])
        {
            Folios.SetMemcg(pfn, memcg);
        }

        return AllocationOutcome.Granted;
    }

    /// <summary>Allocates and charges an order-9 block.</summary>
    /// <param name="memcg">Group to charge.</param>
    /// <param name="watermark">Free pages that must remain.</param>
    /// <param name="head">Its first page.</param>
    public AllocationOutcome AllocateHuge(int memcg, int watermark, out int head)
    {
        head = -1;
        if (!CanTakeHuge(watermark) || Folios.Strikes(FaultPoint.AllocateHuge))
        {
            return AllocationOutcome.BelowWatermark;
        }

        Memcg group = _memcgs[memcg];
        if (group.Margin(out Memcg limiting) < Geometry.PtesPerTable)
        {
            return AllocationOutcome.Over(limiting);
        }

        _cpuPages[_cpu].TryTakeBlock(out head);
        InFlightPages += Geometry.PtesPerTable;
        group.Charge(Geometry.PtesPerTable);
        Folios.InitLarge(head, FolioFlags.None); // compound from the start, as in the kernel
        Folios.SetMemcg(head, memcg);
        return AllocationOutcome.Granted;
    }

    /// <summary>Allocates single pages for the root group, from wherever they are free; false (and nothing allocated) when
    /// fewer than the min watermark would be left (RC-6).</summary>
    public bool TryAllocatePages(Span<int> pages)
    {
        if (FreePages - pages.Length <= Marks.Min)
        {
            return false;
        }

        TakePages(pages);
        _memcgs[0].Charge(pages.Length);
        foreach (int pfn in pages)
        {
            Folios.SetMemcg(pfn, 0);
        }

        return true;
    }

    /// <summary>Allocates an order-9 block for the root group; false when there is none or the min watermark forbids it
    /// (RC-4).</summary>
    public bool TryAllocateHuge(out int head) => AllocateHuge(0, Marks.Min, out head).IsGranted;

    /// <summary>Takes back pages that were allocated but never mapped.</summary>
    public void Return(ReadOnlySpan<int> pages)
    {
        InFlightPages -= pages.Length;
        foreach (int pfn in pages)
        {
            Uncharge(pfn, 1);
            FreeSingle(pfn);
        }
    }

    /// <summary>Takes back an order-9 page that was allocated but never mapped (KH-31).</summary>
    public void ReturnHuge(int head)
    {
        InFlightPages -= Geometry.PtesPerTable;
        Uncharge(head, Geometry.PtesPerTable);
        Folios.DissolveLarge(head);
        FreeBlock(head);
    }

    /// <summary>Frees folios whose last reference the caller dropped.</summary>
    public void FreeAll(ReadOnlySpan<int> heads)
    {
        foreach (int head in heads)
        {
            Free(head);
        }
    }

    private void TakePages(Span<int> pages)
    {
        int got = TakeAnywhere(pages);
        InFlightPages += got;
        if (got != pages.Length)
        {
            throw new InvariantException($"{pages.Length} pages free, {got} found");
        }
    }

    private void Uncharge(int head, int pages) => _memcgs[Folios.Owner(head).Memcg].Uncharge(pages);

    private void Free(int head)
    {
        FolioFlags flags = Folios.Flags(head);
        if ((flags & FolioFlags.Lru) != 0)
        {
            Folios.ClearFlags(head, FolioFlags.Lru);
            LruOf(head).Remove(head);
        }

        if ((flags & FolioFlags.Buddy) != 0)
        {
            throw new InvariantException($"pfn {head} freed twice");
        }

        NoteLeaving(head, flags);
        int pages = Folios.FolioPages(head);
        Uncharge(head, pages);
        if (pages > 1)
        {
            Folios.SetRawWords(head, Folios.HasPageWords(head) ? Geometry.PtesPerTable : 1, 0);
            Folios.DissolveLarge(head);
            FreeBlock(head);
        }
        else
        {
            FreeSingle(head);
        }
    }

    private void NoteLeaving(int head, FolioFlags flags)
    {
        if ((flags & FolioFlags.DeferredQueued) != 0)
        {
            _leftSplitQueue.Add(head);
        }
    }
}

/// <summary>Whether an allocation was granted, and what stood in its way.</summary>
/// <param name="IsGranted">Pages were handed out.</param>
/// <param name="Limiting">The group whose memory.max forbids it; null when it was the watermark, or free blocks.</param>
public readonly record struct AllocationOutcome(bool IsGranted, Memcg? Limiting)
{
    /// <summary>There are pages.</summary>
    public static readonly AllocationOutcome Granted = new(true, null);

    /// <summary>Too few free pages (RC-4).</summary>
    public static readonly AllocationOutcome BelowWatermark = new(false, null);

    /// <summary>A limit forbids it (RC-60).</summary>
    public static AllocationOutcome Over(Memcg limiting) => new(false, limiting);
}
