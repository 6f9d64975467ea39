namespace MmActors.Model.AddressSpaces;

/// <summary>The VMAs of an mm in address order: lookup, splitting at boundaries and merging of equal neighbours.</summary>
public sealed class VmaList
{
    private readonly List<Vma> _areas = [];

    /// <summary>The areas in address order.</summary>
    public IReadOnlyList<Vma> Areas => _areas;

    /// <summary>Index of the first area whose end is above the address (find_vma); Count when there is none.</summary>
    public int IndexAbove(long address)
    {
        int low = 0;
        int high = _areas.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_areas[middle].End > address)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>The areas of which some part lies in [start, end), in address order; do not change the list meanwhile.</summary>
    public IEnumerable<Vma> Overlapping(long start, long end)
    {
        for (int index = IndexAbove(start); index < _areas.Count && _areas[index].Start < end; index++)
        {
            yield return _areas[index];
        }
    }

    /// <summary>find_vma: the first area whose end is above the address, or null.</summary>
    public Vma? FindAbove(long address)
    {
        int index = IndexAbove(address);
        return index < _areas.Count ? _areas[index] : null;
    }

    /// <summary>The area that contains the address, or null.</summary>
    public Vma? Find(long address)
    {
        Vma? vma = FindAbove(address);
        return vma is not null && vma.Contains(address) ? vma : null;
    }

    /// <summary>Adds an area where nothing is mapped, merging it with equal neighbours.</summary>
    public Vma Insert(Vma vma)
    {
        int index = IndexAbove(vma.Start);
        _areas.Insert(index, vma);
        return MergeAt(index);
    }

    /// <summary>Removes the areas' parts inside [start, end), splitting at the boundaries.</summary>
    public void Remove(long start, long end)
    {
        SplitAt(start);
        SplitAt(end);
        int first = IndexAbove(start);
        int count = 0;
        while (first + count < _areas.Count && _areas[first + count].End <= end)
        {
            count++;
        }

        _areas.RemoveRange(first, count);
    }

    /// <summary>Changes the flags of everything mapped in [start, end), splitting and merging as the kernel does.
    /// Returns false when the range has a hole (ENOMEM, with the mapped parts changed).</summary>
    public bool Change(long start, long end, Func<VmaFlags, VmaFlags> change)
    {
        SplitAt(start);
        SplitAt(end);
        long covered = start;
        bool whole = true;
        for (int index = IndexAbove(start); index < _areas.Count && _areas[index].Start < end; index++)
        {
            whole &= _areas[index].Start == covered;
            covered = _areas[index].End;
            _areas[index].Flags = change(_areas[index].Flags);
        }

        MergeWithin(start, end);
        return whole && covered >= end;
    }

    /// <summary>Splits the area that strictly contains the address.</summary>
    public void SplitAt(long address)
    {
        int index = IndexAbove(address);
        if (index == _areas.Count || _areas[index].Start >= address)
        {
            return;
        }

        Vma lower = _areas[index];
        _areas.Insert(index + 1, lower.With(address, lower.End));
        lower.End = address;
    }

    private void MergeWithin(long start, long end)
    {
        int index = Math.Max(0, IndexAbove(start) - 1);
        while (index + 1 < _areas.Count && _areas[index + 1].Start <= end)
        {
            if (!TryMergeWithNext(index))
            {
                index++;
            }
        }
    }

    private Vma MergeAt(int index)
    {
        TryMergeWithNext(index);
        return index > 0 && TryMergeWithNext(index - 1) ? _areas[index - 1] : _areas[index];
    }

    private bool TryMergeWithNext(int index)
    {
        if (index + 1 >= _areas.Count)
        {
            return false;
        }

        Vma lower = _areas[index];
        Vma upper = _areas[index + 1];
        if (lower.End != upper.Start || lower.Flags != upper.Flags || lower.Has(VmaFlags.Image))
        {
            return false;
        }

        lower.End = upper.End;
        lower.HasAnonVma |= upper.HasAnonVma;
        _areas.RemoveAt(index + 1);
        return true;
    }
}
