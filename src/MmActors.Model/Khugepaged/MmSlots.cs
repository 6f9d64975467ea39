using MmActors.Model.Injection;

namespace MmActors.Model.Khugepaged;

/// <summary>khugepaged's list of mm slots and its cursor (KH-7, KH-10, KH-18).</summary>
/// <typeparam name="T">How an address space is reached.</typeparam>
public sealed class MmSlots<T>
{
    private readonly LinkedList<Slot> _list = new();
    private LinkedListNode<Slot>? _cursor;

    /// <summary>One registered mm.</summary>
    /// <param name="Mm">Its number.</param>
    /// <param name="Space">How it is reached.</param>
    public sealed record Slot(int Mm, T Space)
    {
        /// <summary>mm_users is 0, but the cursor still rests here (KH-10).</summary>
        public bool IsExiting { get; internal set; }
    }

    /// <summary>Registered mms.</summary>
    public int Count => _list.Count;

    /// <summary>The mm the cursor rests on, or null.</summary>
    public Slot? Cursor => _cursor?.Value;

    /// <summary>Where in that mm the next VISIT begins.</summary>
    public long Address { get; set; }

    /// <summary>Appends a newcomer; true when the list was empty, which wakes khugepaged at once.</summary>
    public bool Add(int mm, T space)
    {
        _list.AddLast(new Slot(mm, space));
        return _list.Count == 1;
    }

    /// <summary>KH-11: puts a cursor that rests nowhere on the head of the list.</summary>
    public Slot Begin()
    {
        if (_cursor is null)
        {
            _cursor = _list.First ?? throw new InvalidOperationException("the list is empty");
            Address = 0;
        }

        return _cursor.Value;
    }

    /// <summary>KH-10: removes the slot of an exiting mm at once, unless the cursor rests on it. Returns whether it was
    /// removed.</summary>
    /// <param name="mm">The mm.</param>
    /// <param name="planted">A mistake made on purpose.</param>
    public bool TryRemoveExiting(int mm, PlantedBug planted = PlantedBug.None)
    {
        for (LinkedListNode<Slot>? node = _list.First; node is not null; node = node.Next)
        {
            if (node.Value.Mm == mm && (node != _cursor || planted == PlantedBug.WrongMmAfterExit))
            {
                _cursor = node == _cursor ? node.Next : _cursor;
                _list.Remove(node);
                return true;
            }
        }

        return false;
    }

    /// <summary>Notes that the mm the cursor rests on is exiting.</summary>
    public void MarkExiting(int mm)
    {
        if (_cursor is not null && _cursor.Value.Mm == mm)
        {
            _cursor.Value.IsExiting = true;
        }
    }

    /// <summary>KH-18: the cursor leaves its mm for the next one. Returns true when there is no next: one full scan is
    /// complete.</summary>
    /// <param name="freeSlot">The mm exited: its slot is freed.</param>
    public bool Leave(bool freeSlot)
    {
        LinkedListNode<Slot> left = _cursor ?? throw new InvalidOperationException("the cursor rests nowhere");
        _cursor = left.Next;
        Address = 0;
        if (freeSlot)
        {
            _list.Remove(left);
        }

        return _cursor is null;
    }
}
