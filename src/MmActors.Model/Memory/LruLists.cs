namespace MmActors.Model.Memory;

/// <summary>The five lists of an lruvec (SM-13).</summary>
public enum LruKind
{
    /// <summary>Swapbacked, not active.</summary>
    InactiveAnon,
    /// <summary>Swapbacked, active.</summary>
    ActiveAnon,
    /// <summary>Lazyfree (and file), not active.</summary>
    InactiveFile,
    /// <summary>Lazyfree (and file), active.</summary>
    ActiveFile,
    /// <summary>Mlocked folios, whatever their other flags.</summary>
    Unevictable,
}

/// <summary>The lruvec of a node: ordered lists of folios, head = youngest; reclaim takes from the tail (SM-14).</summary>
public sealed class LruLists
{
    private readonly FolioTable _folios;
    private readonly PageLists _lists;
    private readonly int _firstList;
    private readonly long[] _pages = new long[5];

    /// <summary>Creates empty lists that use five lists of <paramref name="lists"/> from <paramref name="firstList"/>.</summary>
    public LruLists(FolioTable folios, PageLists lists, int firstList)
    {
        _folios = folios;
        _lists = lists;
        _firstList = firstList;
    }

    /// <summary>Pages (not folios) on a list.</summary>
    public long Pages(LruKind kind) => _pages[(int)kind];

    /// <summary>Pages on all lists together.</summary>
    public long AllPages
    {
        get
        {
            long pages = 0;
            foreach (long count in _pages)
            {
                pages += count;
            }

            return pages;
        }
    }

    /// <summary>Head of the folio reclaim would meet first, or −1.</summary>
    public int Tail(LruKind kind) => _lists.Last(_firstList + (int)kind);

    /// <summary>Head of the folio added last, or −1.</summary>
    public int Head(LruKind kind) => _lists.First(_firstList + (int)kind);

    /// <summary>The next folio from head to tail, or −1.</summary>
    public int After(int head) => _lists.After(head);

    /// <summary>SM-13: the list a folio belongs to by its current flags.</summary>
    public static LruKind KindOf(FolioFlags flags)
    {
        if ((flags & FolioFlags.Unevictable) != 0)
        {
            return LruKind.Unevictable;
        }

        bool anon = (flags & FolioFlags.SwapBacked) != 0;
        bool active = (flags & FolioFlags.Active) != 0;
        return anon ? (active ? LruKind.ActiveAnon : LruKind.InactiveAnon)
            : (active ? LruKind.ActiveFile : LruKind.InactiveFile);
    }

    /// <summary>Links the folio at the head of the list its flags name and sets its LRU flag.</summary>
    public void Add(int head)
    {
        LruKind kind = KindOf(_folios.Flags(head));
        _lists.AddFirst(_firstList + (int)kind, head);
        CountAdded(kind, head);
    }

    /// <summary>Links a page of a split folio where the folio was (DS-21): right before its successor, at the tail when
    /// it had none (−1).</summary>
    public void AddBefore(int successor, int head)
    {
        LruKind kind = KindOf(_folios.Flags(head));
        if (successor < 0)
        {
            _lists.AddLast(_firstList + (int)kind, head);
        }
        else
        {
            _lists.AddBefore(successor, head);
        }

        CountAdded(kind, head);
    }

    /// <summary>Turns a folio to the young end of its list.</summary>
    public void MoveToHead(int head)
    {
        _lists.Remove(head);
        _lists.AddFirst(_firstList + (int)KindOf(_folios.Flags(head)), head);
    }

    /// <summary>Turns a folio to the end that reclaim takes first.</summary>
    public void MoveToTail(int head)
    {
        _lists.Remove(head);
        _lists.AddLast(_firstList + (int)KindOf(_folios.Flags(head)), head);
    }

    /// <summary>Unlinks a folio from the list its flags name; its LRU flag was cleared by the caller.</summary>
    public void Remove(int head) => RemoveAs(head, KindOf(_folios.Flags(head)), _folios.FolioPages(head));

    /// <summary>Unlinks a folio that was linked with other flags or another size than it has now.</summary>
    public void RemoveAs(int head, LruKind kind, int pages)
    {
        _lists.Remove(head);
        _pages[(int)kind] -= pages;
    }

    private void CountAdded(LruKind kind, int head)
    {
        _pages[(int)kind] += _folios.FolioPages(head);
        if (_folios.SetFlags(head, FolioFlags.Lru) != 0)
        {
            throw new InvariantException($"pfn {head} was put on a second LRU list");
        }
    }
}
