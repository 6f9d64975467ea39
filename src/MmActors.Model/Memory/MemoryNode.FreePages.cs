namespace MmActors.Model.Memory;

/// <content>Free pages: those of the zone and those that each CPU keeps to itself.</content>
public sealed partial class MemoryNode
{
    private readonly CpuPages[] _cpuPages;
    private readonly Stack<int> _tablePages = new();
    private int _tablesWithoutPage;
    private int _cpu;

    /// <summary>nr_free_pages: what watermarks see.</summary>
    public int ZoneFreePages => _buddy.FreePages;

    /// <summary>Free pages in the zone and on the lists of the CPUs.</summary>
    public int FreePages
    {
        get
        {
            int pages = _buddy.FreePages;
            foreach (CpuPages cpu in _cpuPages)
            {
                pages += cpu.Count;
            }

            return pages;
        }
    }

    /// <summary>Free pages that one CPU keeps to itself.</summary>
    public int FreePagesOf(int cpu) => _cpuPages[cpu].Count;

    /// <summary>Whether kswapd is at work: then the CPUs keep few free pages to themselves.</summary>
    public bool IsReclaimActive { get; set; }

    /// <summary>smp_processor_id(): the CPU on whose behalf the node works from now on, and whose free lists are used.</summary>
    public void RunOn(int cpu) => _cpu = cpu;

    /// <summary>drain_all_pages: every CPU gives its free pages back to the zone, where they merge.</summary>
    public void DrainFreePages()
    {
        foreach (CpuPages cpu in _cpuPages)
        {
            cpu.Drain();
        }
    }

    /// <summary>Page tables take pages of their own, whatever the watermarks say, and give them back. Simplified: no allocation of
    /// theirs reclaims, no group is charged for them, and which page a table had is not followed: the last one taken goes back first.</summary>
    public void ChangePageTables(int change)
    {
        Span<int> page = stackalloc int[1];
        for (; change > 0; change--)
        {
            if (!_cpuPages[_cpu].TryTakeKernelPage(out page[0]) && TakeAnywhere(page) == 0)
            {
                _tablesWithoutPage++;
                continue;
            }

            Folios.InitSmall(page[0], FolioFlags.Unevictable, ContentTag.Zero);
            Folios.SetMemcg(page[0], 0);
            _tablePages.Push(page[0]);
            KernelPages++;
        }

        for (; change < 0; change++)
        {
            if (_tablesWithoutPage > 0)
            {
                _tablesWithoutPage--;
                continue;
            }

            KernelPages--;
            _cpuPages[_cpu].FreeKernelPage(_tablePages.Pop(), IsReclaimActive);
        }
    }

    /// <summary>Boot: what the CPUs freed so far and kept, on their lists for the kernel's own use. Which CPU has them is recorded
    /// of no machine; assumed is that the last has as many as it may keep, and the others the rest (docs/fidelity.md). What they may not
    /// keep stays in the zone.</summary>
    public void FillCpuLists(int pages)
    {
        foreach (CpuPages cpu in _cpuPages.Reverse())
        {
            int kept = Math.Min(pages, cpu.High - 1);
            cpu.FillKernelPages(kept);
            pages -= kept;
        }
    }

    private int TakeAnywhere(Span<int> pages)
    {
        int got = _cpuPages[_cpu].Take(pages, watermark: 0);
        if (got != pages.Length)
        {
            DrainFreePages();
            got += _buddy.AllocatePages(pages[got..]);
        }

        return got;
    }

    private void FreeSingle(int pfn) => _cpuPages[_cpu].Free(pfn, IsReclaimActive);

    private void FreeBlock(int head) => _cpuPages[_cpu].FreeBlock(head, IsReclaimActive);
}
