namespace MmActors.Model.Memory;

/// <summary>FIFO of order-9 folios that may be split under pressure (DS-1, DS-2): a folio is on it at most once.</summary>
public sealed class DeferredSplitQueue
{
    private readonly LinkedList<int> _order = new();
    private readonly Dictionary<int, LinkedListNode<int>> _places = [];

    /// <summary>split_queue_len.</summary>
    public int Length => _order.Count;

    /// <summary>nr_deferred: what the shrinker left over for its next calls (DS-9).</summary>
    public long Deferred { get; set; }

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

    /// <summary>Takes a folio off the queue; false when it is not on it.</summary>
    public bool Remove(int head)
    {
        if (!_places.Remove(head, out LinkedListNode<int>? place))
        {
            return false;
        }

        _order.Remove(place);
        return true;
    }

    /// <summary>Takes the folios that wait longest, at most so many (DS-12).</summary>
    public int[] TakeFirst(int most)
    {
        int[] taken = [.. _order.Take(most)];
        foreach (int head in taken)
        {
            Remove(head);
        }

        return taken;
    }

    /// <summary>nr_deferred, taken and set to zero (DS-9).</summary>
    public long TakeDeferred()
    {
        long deferred = Deferred;
        Deferred = 0;
        return deferred;
    }
}

/// <summary>One queue per memory cgroup (DS-1).</summary>
public sealed class DeferredSplitQueues
{
    private DeferredSplitQueue[] _queues = []; // replaced, not changed: lengths are read without asking the owner

    /// <summary>Folios on all queues together.</summary>
    public int Length => Volatile.Read(ref _queues).Sum(static queue => queue.Length);

    /// <summary>The folios of all queues, group by group.</summary>
    public IEnumerable<int> Heads => _queues.SelectMany(static queue => queue.Heads);

    /// <summary>The queue of a group.</summary>
    public DeferredSplitQueue Of(int group)
    {
        while (_queues.Length <= group)
        {
            Volatile.Write(ref _queues, [.. _queues, new DeferredSplitQueue()]);
        }

        return _queues[group];
    }

    /// <summary>Takes a folio off whichever queues hold it: one that was freed and taken by another group before the news of its
    /// queueing came stands on that group's queue as well.</summary>
    public void Remove(int head)
    {
        foreach (DeferredSplitQueue queue in _queues)
        {
            queue.Remove(head);
        }
    }
}
