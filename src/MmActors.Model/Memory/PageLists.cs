namespace MmActors.Model.Memory;

/// <summary>Intrusive doubly linked lists over the pages of a node: a page is on at most one of them at a time, so
/// eight bytes a page serve every LRU list and every free list.</summary>
public sealed class PageLists
{
    /// <summary>Link value of a page that is on no list.</summary>
    private const int Unlinked = -1;

    private readonly Links[] _links;
    private readonly int _pages;

    /// <summary>Creates <paramref name="lists"/> empty lists over <paramref name="pages"/> pages.</summary>
    public PageLists(int pages, int lists)
    {
        _pages = pages;
        _links = new Links[pages + lists];
        for (int list = 0; list < lists; list++)
        {
            _links[pages + list] = new Links(pages + list, pages + list);
        }
    }

    /// <summary>Takes all memory of the lists from the system now.</summary>
    internal void Reserve() => Resident.Make(_links);

    /// <summary>Whether the list has no page.</summary>
    public bool IsEmpty(int list) => _links[_pages + list].Next == _pages + list;

    /// <summary>First page (most recently added at the head), or −1.</summary>
    public int First(int list) => PageOrNone(_links[_pages + list].Next);

    /// <summary>Last page, the one reclaim takes first, or −1.</summary>
    public int Last(int list) => PageOrNone(_links[_pages + list].Previous);

    /// <summary>The page after this one towards the tail, or −1.</summary>
    public int After(int pfn) => PageOrNone(_links[pfn].Next);

    /// <summary>Links the page at the head.</summary>
    public void AddFirst(int list, int pfn) => LinkBetween(_pages + list, pfn, _links[_pages + list].Next);

    /// <summary>Links the page at the tail.</summary>
    public void AddLast(int list, int pfn) => LinkBetween(_links[_pages + list].Previous, pfn, _pages + list);

    /// <summary>Links the page right before another one on its list.</summary>
    public void AddBefore(int successor, int pfn) => LinkBetween(_links[successor].Previous, pfn, successor);

    /// <summary>Unlinks the page from whichever list holds it.</summary>
    public void Remove(int pfn)
    {
        ref Links own = ref _links[pfn];
        ref Links previous = ref _links[own.Previous];
        ref Links next = ref _links[own.Next];
        if (previous.Next != pfn || next.Previous != pfn)
        {
            throw new InvariantException($"pfn {pfn} is on no list");
        }

        (previous.Next, next.Previous) = (own.Next, own.Previous);
        own = new Links(pfn, pfn);
    }

    private void LinkBetween(int previous, int pfn, int next)
    {
        _links[previous].Next = pfn;
        _links[pfn] = new Links(next, previous);
        _links[next].Previous = pfn;
    }

    private int PageOrNone(int link) => link < _pages ? link : Unlinked;

    /// <summary>Both links of a page side by side: a page that has not been looked at for long costs one cache line.</summary>
    private struct Links(int next, int previous)
    {
        public int Next = next;
        public int Previous = previous;
    }
}
