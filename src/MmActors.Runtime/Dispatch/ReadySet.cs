using MmActors.Runtime.Strategies;

namespace MmActors.Runtime.Dispatch;

/// <summary>The runnable entries. Under FIFO a ring buffer; under any other strategy two parallel arrays ordered by id,
/// which is what the strategy is shown.</summary>
internal sealed class ReadySet
{
    private readonly bool _fifo;
    private readonly IInterleavingStrategy _strategy;
    private RunnableActor[] _runnable = new RunnableActor[16];
    private ReadyEntry[] _entries = new ReadyEntry[16];
    private int _head;
    private int _count;
    private long _nextSequence;

    public ReadySet(IInterleavingStrategy strategy)
    {
        _strategy = strategy;
        _fifo = strategy is FifoStrategy;
    }

    public int Count => _count;

    public void Add(ReadyEntry entry)
    {
        if (_fifo)
        {
            if (_count == _entries.Length)
            {
                GrowRing();
            }

            _entries[(_head + _count++) & (_entries.Length - 1)] = entry;
            return;
        }

        entry.ReadySequence = _nextSequence++;
        Insert(entry);
    }

    public ReadyEntry Take()
    {
        if (_fifo)
        {
            ref var slot = ref _entries[_head];
            var first = slot;
            slot = null!;
            _head = (_head + 1) & (_entries.Length - 1);
            _count--;
            return first;
        }

        var index = _strategy.Pick(_runnable.AsSpan(0, _count));
        if ((uint)index >= (uint)_count)
        {
            throw new InvalidOperationException(
                $"Strategy '{_strategy.Name}' picked index {index} of {_count} runnable actors.");
        }

        return RemoveAt(index);
    }

    /// <summary>Takes in order of arrival whatever the strategy, for winding a run down.</summary>
    public ReadyEntry TakeOldest()
    {
        if (_fifo)
        {
            return Take();
        }

        var oldest = 0;
        for (var index = 1; index < _count; index++)
        {
            if (_runnable[index].ReadySequence < _runnable[oldest].ReadySequence)
            {
                oldest = index;
            }
        }

        return RemoveAt(oldest);
    }

    private ReadyEntry RemoveAt(int index)
    {
        var entry = _entries[index];
        _count--;
        Array.Copy(_runnable, index + 1, _runnable, index, _count - index);
        Array.Copy(_entries, index + 1, _entries, index, _count - index);
        _entries[_count] = null!;
        return entry;
    }

    private void Insert(ReadyEntry entry)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _runnable, 2 * _count);
            Array.Resize(ref _entries, 2 * _count);
        }

        var low = 0;
        var high = _count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_runnable[middle].ActorId < entry.Id)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        Array.Copy(_runnable, low, _runnable, low + 1, _count - low);
        Array.Copy(_entries, low, _entries, low + 1, _count - low);
        _runnable[low] = new RunnableActor(entry.Id, entry.ReadySequence);
        _entries[low] = entry;
        _count++;
    }

    private void GrowRing()
    {
        var larger = new ReadyEntry[2 * _entries.Length];
        for (var index = 0; index < _count; index++)
        {
            larger[index] = _entries[(_head + index) & (_entries.Length - 1)];
        }

        _entries = larger;
        _head = 0;
    }
}
