namespace MmActors.Model.Memory;

/// <summary>FIFO of order-9 folios that may be split under pressure (DS-1, DS-2): a folio is on it at most once.</summary>
public sealed class DeferredSplitQueue
{
    private readonly LinkedList<int> _order = new();
    private readonly Dictionary<int, LinkedListNode<int>> _places = [];

    /// <summary>split_queue_len.</summary>
    public int Length => _order.Count;

    /// <summary>The folios in order of queueing.</summary>
    public IEnumerable<int> Heads => _order;

    /// <summary>Appends a folio; a queued one stays where it is.</summary>
    public void Add(int head)
    {
        if (!_places.ContainsKey(head))
        {
            _places[head] = _order.AddLast(head);
        }
    }

    /// <summary>Takes a folio off the queue, if it is on it.</summary>
    public void Remove(int head)
    {
        if (_places.Remove(head, out LinkedListNode<int>? place))
        {
            _order.Remove(place);
        }
    }
}
