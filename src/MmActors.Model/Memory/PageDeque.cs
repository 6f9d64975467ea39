namespace MmActors.Model.Memory;

/// <summary>A double-ended list of page numbers in a ring that grows: used from the top, trimmed at the bottom.</summary>
internal sealed class PageDeque
{
    private int[] _ring = new int[64];
    private int _bottom;

    /// <summary>Entries.</summary>
    public int Count { get; private set; }

    /// <summary>Adds at the end that is used next.</summary>
    public void AddTop(int pfn)
    {
        Grow();
        _ring[(_bottom + Count) & (_ring.Length - 1)] = pfn;
        Count++;
    }

    /// <summary>Adds at the end that is used last.</summary>
    public void AddBottom(int pfn)
    {
        Grow();
        _bottom = (_bottom - 1) & (_ring.Length - 1);
        _ring[_bottom] = pfn;
        Count++;
    }

    /// <summary>Removes the entry added to the top last.</summary>
    public int TakeTop()
    {
        Count--;
        return _ring[(_bottom + Count) & (_ring.Length - 1)];
    }

    /// <summary>Removes the entry that has waited longest.</summary>
    public int TakeBottom()
    {
        int pfn = _ring[_bottom];
        _bottom = (_bottom + 1) & (_ring.Length - 1);
        Count--;
        return pfn;
    }

    private void Grow()
    {
        if (Count < _ring.Length)
        {
            return;
        }

        var larger = new int[_ring.Length * 2];
        for (int index = 0; index < Count; index++)
        {
            larger[index] = _ring[(_bottom + index) & (_ring.Length - 1)];
        }

        _ring = larger;
        _bottom = 0;
    }
}
