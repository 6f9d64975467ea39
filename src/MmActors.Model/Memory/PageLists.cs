namespace MmActors.Model.Memory;

/// <summary>Intrusive doubly linked lists over the pages of a node: a page is on at most one of them at a time, so
/// eight bytes a page serve every LRU list and every free list.</summary>
public sealed class PageLists
{
    /// <summary>Link value of a page that is on no list.</summary>
    private const int Unlinked = -1;

    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly int _pages;

    /// <summary>Creates <paramref name="lists"/> empty lists over <paramref name="pages"/> pages.</summary>
    public PageLists(int pages, int lists)
    {
        _pages = pages;
        _next = new int[pages + lists];
        _previous = new int[pages + lists];
        for (int list = 0; list < lists; list++)
        {
            _next[pages + list] = _previous[pages + list] = pages + list;
        }
    }

    /// <summary>Whether the list has no page.</summary>
    public bool IsEmpty(int list) => _next[_pages + list] == _pages + list;

    /// <summary>First page (most recently added at the head), or −1.</summary>
    public int First(int list) => PageOrNone(_next[_pages + list]);

    /// <summary>Last page, the one reclaim takes first, or −1.</summary>
    public int Last(int list) => PageOrNone(_previous[_pages + list]);

    /// <summary>The page after this one towards the tail, or −1.</summary>
    public int After(int pfn) => PageOrNone(_next[pfn]);

    /// <summary>Links the page at the head.</summary>
    public void AddFirst(int list, int pfn) => LinkBetween(_pages + list, pfn, _next[_pages + list]);

    /// <summary>Links the page at the tail.</summary>
    public void AddLast(int list, int pfn) => LinkBetween(_previous[_pages + list], pfn, _pages + list);

    /// <summary>Links the page right before another one on its list.</summary>
    public void AddBefore(int successor, int pfn) => LinkBetween(_previous[successor], pfn, successor);

    /// <summary>Unlinks the page from whichever list holds it.</summary>
    public void Remove(int pfn)
    {
        int next = _next[pfn];
        int previous = _previous[pfn];
        if (_next[previous] != pfn || _previous[next] != pfn)
        {
            throw new InvariantException($"pfn {pfn} is on no list");
        }

        _next[previous] = next;
        _previous[next] = previous;
        _next[pfn] = _previous[pfn] = pfn;
    }

    private void LinkBetween(int previous, int pfn, int next)
    {
        _next[previous] = pfn;
        _previous[pfn] = previous;
        _next[pfn] = next;
        _previous[next] = pfn;
    }

    private int PageOrNone(int link) => link < _pages ? link : Unlinked;
}
