using MmActors.Model.Units;

namespace MmActors.Model.Memory;

/// <summary>A growable buffer of page numbers that is filled by one actor and handed over to another.</summary>
public sealed class PageBuffer
{
    private int[] _pages = [];
    private int _first;
    private int _end;

    /// <summary>Pages in the buffer.</summary>
    public int Count => _end - _first;

    /// <summary>The pages in the order they were added.</summary>
    public Span<int> Pages => _pages.AsSpan(_first, Count);

    /// <summary>Appends a page.</summary>
    public void Add(int pfn)
    {
        if (_end == _pages.Length)
        {
            Array.Resize(ref _pages, _end == 0 ? 32 : _end < Geometry.PtesPerTable ? Geometry.PtesPerTable : _end * 2);
        }

        _pages[_end++] = pfn;
    }

    /// <summary>A span of <paramref name="count"/> further places, to be filled by the caller.</summary>
    public Span<int> Reserve(int count)
    {
        if (_end + count > _pages.Length)
        {
            Array.Resize(ref _pages, _end + count);
        }

        _end += count;
        return _pages.AsSpan(_end - count, count);
    }

    /// <summary>Takes back the places reserved last.</summary>
    public void DropLast(int count) => _end -= count;

    /// <summary>Removes and returns the first page.</summary>
    public int TakeFirst() => _pages[_first++];
}

/// <summary>A page that was read back from swap: whether it was evicted recently decides where it goes (RC-38).</summary>
/// <param name="Pfn">The page.</param>
/// <param name="EvictedAt">Nonresident age of its group when it was evicted.</param>
/// <param name="WasWorkingset">It was active, or had been, when evicted.</param>
public readonly record struct Refault(int Pfn, long EvictedAt, bool WasWorkingset);

/// <summary>What an address space asks of the memory node after it changed mappings: one object per 2 MiB range or
/// call, so one message. The node executes the parts in the order of the properties.</summary>
public sealed class NodeWork
{
    private PageBuffer? _isolated;
    private PageBuffer? _putBack;
    private PageBuffer? _added;
    private PageBuffer? _lazyfree;
    private PageBuffer? _deactivated;
    private PageBuffer? _droppedSlots;
    private PageBuffer? _uncachedSlots;
    private List<Refault>? _refaults;
    private PageBuffer? _freed;
    private PageBuffer? _partiallyMapped;
    private PageBuffer? _tracked;
    private List<FolioSplit>? _splits;

    /// <summary>Drain the CPU's LRU batches first (SM-16).</summary>
    public bool DrainFirst { get; set; }

    /// <summary>Folios whose LRU flag was taken: unlink them.</summary>
    public PageBuffer Isolated => _isolated ??= new PageBuffer();

    /// <summary>The isolated folios are inactive from now on (RC-41).</summary>
    public bool DeactivatesIsolated { get; set; }

    /// <summary>Pages of the folios that are to become lazyfree.</summary>
    public int LazyfreePages(FolioTable folios)
    {
        int pages = 0;
        foreach (int head in _lazyfree is { } heads ? heads.Pages : [])
        {
            pages += folios.IsLarge(head) ? Geometry.PtesPerTable : 1;
        }

        return pages;
    }

    /// <summary>Isolated folios that go back to their lists.</summary>
    public PageBuffer PutBack => _putBack ??= new PageBuffer();

    /// <summary>Order-9 folios that were split.</summary>
    public List<FolioSplit> Splits => _splits ??= [];

    /// <summary>Number of folios that were split.</summary>
    public int SplitCount => _splits?.Count ?? 0;

    /// <summary>New folios for the LRU, through the CPU's add batch.</summary>
    public PageBuffer Added => _added ??= new PageBuffer();

    /// <summary>Folios for the CPU's lazyfree batch.</summary>
    public PageBuffer Lazyfree => _lazyfree ??= new PageBuffer();

    /// <summary>Active folios for the CPU's deactivate batch (T25).</summary>
    public PageBuffer Deactivated => _deactivated ??= new PageBuffer();

    /// <summary>Swap slots that one page-table entry each stopped naming.</summary>
    public PageBuffer DroppedSlots => _droppedSlots ??= new PageBuffer();

    /// <summary>Swap slots whose folio left the swap cache.</summary>
    public PageBuffer UncachedSlots => _uncachedSlots ??= new PageBuffer();

    /// <summary>What the swap device must be told: slots named once less, and no longer cached.</summary>
    public (PageBuffer? Dropped, PageBuffer? Uncached) Slots => (_droppedSlots, _uncachedSlots);

    /// <summary>Pages among <see cref="Added"/> that came back from swap (RC-38).</summary>
    public List<Refault> Refaults => _refaults ??= [];

    /// <summary>Folios whose last reference was dropped.</summary>
    public PageBuffer Freed => _freed ??= new PageBuffer();

    /// <summary>Order-9 folios that became partially mapped: for the deferred split queue (DS-4).</summary>
    public PageBuffer PartiallyMapped => _partiallyMapped ??= new PageBuffer();

    /// <summary>New order-9 folios to be tracked as possibly underused (DS-3).</summary>
    public PageBuffer Tracked => _tracked ??= new PageBuffer();

    /// <summary>Folios for the deferred split queue: new ones first, then partially mapped ones.</summary>
    public (PageBuffer? Tracked, PageBuffer? PartiallyMapped) Queued => (_tracked, _partiallyMapped);

    /// <summary>Pages of page tables that the address space has more, or less, than it told so far.</summary>
    public int PageTables { get; set; }

    /// <summary>True when there is nothing to do.</summary>
    public bool IsEmpty => !DrainFirst && PageTables == 0 && _isolated is null && _putBack is null && _added is null
        && _lazyfree is null && _deactivated is null && _freed is null && _splits is null && _partiallyMapped is null && _tracked is null;

    /// <summary>Carries everything out on the node.</summary>
    /// <param name="node">The node that owns the pages.</param>
    /// <param name="cpu">CPU whose batches are used.</param>
    public void Execute(MemoryNode node, int cpu)
    {
        node.RunOn(cpu);
        node.ChangePageTables(PageTables);
        if (DrainFirst)
        {
            node.Drain(cpu);
        }

        foreach (FolioSplit split in _splits ?? [])
        {
            node.FinishSplit(split);
        }

        if (_isolated is not null)
        {
            node.FinishIsolation(_isolated.Pages, DeactivatesIsolated);
        }

        if (_putBack is not null)
        {
            node.PutBack(_putBack.Pages);
        }

        foreach (Refault refault in _refaults ?? [])
        {
            node.NoteRefault(refault);
        }

        if (_added is not null)
        {
            node.LruAdd(cpu, _added.Pages);
        }

        if (_lazyfree is not null)
        {
            node.MarkLazyfree(cpu, _lazyfree.Pages);
        }

        if (_deactivated is not null)
        {
            node.Deactivate(cpu, _deactivated.Pages);
        }

        if (_freed is not null)
        {
            node.FreeAll(_freed.Pages);
        }
    }
}
