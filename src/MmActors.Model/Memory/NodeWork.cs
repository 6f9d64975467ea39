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

    /// <summary>Removes and returns the first page.</summary>
    public int TakeFirst() => _pages[_first++];
}

/// <summary>What an address space asks of the memory node after it changed mappings: one object per 2 MiB range or
/// call, so one message. The node executes the parts in the order of the properties.</summary>
public sealed class NodeWork
{
    private PageBuffer? _isolated;
    private PageBuffer? _putBack;
    private PageBuffer? _added;
    private PageBuffer? _lazyfree;
    private PageBuffer? _freed;
    private PageBuffer? _partiallyMapped;
    private PageBuffer? _tracked;
    private List<FolioSplit>? _splits;

    /// <summary>Drain the CPU's LRU batches first (SM-16).</summary>
    public bool DrainFirst { get; set; }

    /// <summary>Folios whose LRU flag was taken: unlink them.</summary>
    public PageBuffer Isolated => _isolated ??= new PageBuffer();

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

    /// <summary>Folios whose last reference was dropped.</summary>
    public PageBuffer Freed => _freed ??= new PageBuffer();

    /// <summary>Order-9 folios that became partially mapped: for the deferred split queue (DS-4).</summary>
    public PageBuffer PartiallyMapped => _partiallyMapped ??= new PageBuffer();

    /// <summary>New order-9 folios to be tracked as possibly underused (DS-3).</summary>
    public PageBuffer Tracked => _tracked ??= new PageBuffer();

    /// <summary>Folios for the deferred split queue: new ones first, then partially mapped ones.</summary>
    public (PageBuffer? Tracked, PageBuffer? PartiallyMapped) Queued => (_tracked, _partiallyMapped);

    /// <summary>True when there is nothing to do.</summary>
    public bool IsEmpty => !DrainFirst && _isolated is null && _putBack is null && _added is null
        && _lazyfree is null && _freed is null && _splits is null && _partiallyMapped is null && _tracked is null;

    /// <summary>Carries everything out on the node.</summary>
    /// <param name="node">The node that owns the pages.</param>
    /// <param name="cpu">CPU whose batches are used.</param>
    public void Execute(MemoryNode node, int cpu)
    {
        if (DrainFirst)
        {
            node.Drain(cpu);
        }

        if (_isolated is not null)
        {
            node.FinishIsolation(_isolated.Pages);
        }

        if (_putBack is not null)
        {
            node.PutBack(_putBack.Pages);
        }

        foreach (FolioSplit split in _splits ?? [])
        {
            node.FinishSplit(split);
        }

        if (_added is not null)
        {
            node.LruAdd(cpu, _added.Pages);
        }

        if (_lazyfree is not null)
        {
            node.MarkLazyfree(cpu, _lazyfree.Pages);
        }

        if (_freed is not null)
        {
            node.FreeAll(_freed.Pages);
        }
    }
}
