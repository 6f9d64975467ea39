using System.Runtime.InteropServices;
using MmActors.Runtime.Strategies;

namespace MmActors.Runtime.Dispatch;

/// <summary>The runnable entries. Under FIFO a ring buffer; under any other strategy two parallel arrays ordered by id,
/// which is what the strategy is shown.</summary>
internal sealed class ReadySet
{
    private readonly bool _fifo;
    private readonly IInterleavingStrategy _strategy;
    private readonly ScheduleChoices _choices;
    private readonly CausalClocks? _causes;
    private readonly List<RunnableActor> _alternatives = [];
    private RunnableActor[] _runnable = new RunnableActor[16];
    private ReadyEntry[] _entries = new ReadyEntry[16];
    private int _head;
    private int _count;
    private long _nextSequence;

    public ReadySet(IInterleavingStrategy strategy, CausalClocks? causes)
    {
        _strategy = strategy;
        _fifo = strategy is FifoStrategy;
        _choices = strategy.Choices;
        _causes = causes;
    }

    /// <summary>Whether the next timer is to be offered as an alternative.</summary>
    public bool OffersTimer => (_choices & ScheduleChoices.Timers) != 0;

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

        return RemoveAt(Pick(_runnable.AsSpan(0, _count)));
    }

    /// <summary>As <see cref="Take"/> for strategies that choose among more than actors.</summary>
    /// <param name="hasTimer">Whether a timer is armed that may fire now.</param>
    /// <returns>Null when the clock is to move on to the next timer instead.</returns>
    public ReadyEntry? TakeAlternative(bool hasTimer)
    {
        _alternatives.Clear();
        for (var index = 0; index < _count; index++)
        {
            if (_causes is not null && _entries[index] is SimMessageQueue queue)
            {
                queue.AddChannels(_alternatives, _causes);
            }
            else
            {
                _alternatives.Add(_runnable[index]);
            }
        }

        if (hasTimer)
        {
            _alternatives.Add(new RunnableActor(RunnableActor.Timer, RunnableActor.TimerSequence));
        }

        var picked = _alternatives[Pick(CollectionsMarshal.AsSpan(_alternatives))];
        if (picked.IsTimer)
        {
            return null;
        }

        var place = 0;
        while (_runnable[place].ActorId != picked.ActorId)
        {
            place++;
        }

        var entry = RemoveAt(place);
        if (picked.Sender != RunnableActor.AnySender && entry is SimMessageQueue mailbox)
        {
            mailbox.Promote(picked.Sender, _causes!);
        }

        return entry;
    }

    private int Pick(ReadOnlySpan<RunnableActor> alternatives)
    {
        var index = _strategy.Pick(alternatives);
        return (uint)index < (uint)alternatives.Length
            ? index
            : throw new InvalidOperationException(
                $"Strategy '{_strategy.Name}' picked index {index} of {alternatives.Length} runnable actors.");
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
