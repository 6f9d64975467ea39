using Akka.Actor;
using Akka.Dispatch;

namespace MmActors.Runtime;

/// <summary>What a timer does when it fires: tell a message, or run an action when there is no receiver.</summary>
internal struct TimerJob
{
    public ICanTell? Receiver;
    public object Payload;
    public IActorRef? Sender;
    public ICancelable? Cancelable;
    public long IntervalTicks;

    public readonly bool IsCancelled => Cancelable is { IsCancellationRequested: true };

    public readonly void Fire()
    {
        if (Receiver is not null)
        {
            Receiver.Tell(Payload, Sender);
        }
        else if (Payload is Action action)
        {
            action();
        }
        else
        {
            ((IRunnable)Payload).Run();
        }
    }
}

/// <summary>Armed timers, earliest first, and among equals in the order they were armed. A binary heap of small keys over a
/// slab of jobs: sifting moves 24 bytes, and a fired timer's place is used again. Cancelled timers are dropped when
/// they surface, or in a sweep once they may be the majority: an actor that renews a long timeout with every message
/// would otherwise fill the memory.</summary>
internal sealed class TimerHeap
{
    private const int SmallestSweep = 1024;

    private readonly record struct Key(long Due, long Sequence, int Slot)
    {
        public bool Precedes(in Key other) => Due < other.Due || (Due == other.Due && Sequence < other.Sequence);
    }

    private readonly Stack<int> _freeSlots = new();
    private Key[] _keys = new Key[64];
    private TimerJob[] _jobs = new TimerJob[64];
    private int _count;
    private int _slotsUsed;
    private int _sweepAt = SmallestSweep;
    private long _nextSequence;

    /// <summary>Timers in the heap; cancelled ones count until they are found out.</summary>
    public int Count => _count;

    /// <summary>A delay beyond the end of time means never, which is the end of time.</summary>
    public void AddAfter(long nowTicks, long delayTicks, in TimerJob job) =>
        Add(delayTicks > long.MaxValue - nowTicks ? long.MaxValue : nowTicks + delayTicks, job);

    public void Add(long due, in TimerJob job)
    {
        if (_count >= _sweepAt)
        {
            Sweep();
            _sweepAt = Math.Max(SmallestSweep, 2 * _count);
        }

        var slot = _freeSlots.TryPop(out var free) ? free : NewSlot();
        _jobs[slot] = job;
        if (_count == _keys.Length)
        {
            Array.Resize(ref _keys, 2 * _count);
        }

        SiftUp(_count++, new Key(due, _nextSequence++, slot));
    }

    /// <summary>The due time of the first timer that still means to fire.</summary>
    public bool TryPeek(out long due)
    {
        while (_count > 0)
        {
            ref readonly var first = ref _keys[0];
            if (!_jobs[first.Slot].IsCancelled)
            {
                due = first.Due;
                return true;
            }

            RemoveFirst();
        }

        due = 0;
        return false;
    }

    /// <summary>Takes the first timer, to be fired; one that repeats is armed again.</summary>
    public TimerJob Take(long nowTicks)
    {
        var job = RemoveFirst();
        if (job.IntervalTicks > 0)
        {
            AddAfter(nowTicks, job.IntervalTicks, job);
        }

        return job;
    }

    public TimerJob RemoveFirst()
    {
        var slot = _keys[0].Slot;
        var job = _jobs[slot];
        Release(slot);
        _count--;
        if (_count > 0)
        {
            SiftDown(0, _keys[_count]);
        }

        return job;
    }

    public void Clear()
    {
        Array.Clear(_jobs);
        _freeSlots.Clear();
        _count = 0;
        _slotsUsed = 0;
        _sweepAt = SmallestSweep;
        _nextSequence = 0;
    }

    private int NewSlot()
    {
        if (_slotsUsed == _jobs.Length)
        {
            Array.Resize(ref _jobs, 2 * _slotsUsed);
        }

        return _slotsUsed++;
    }

    private void Release(int slot)
    {
        _jobs[slot] = default;
        _freeSlots.Push(slot);
    }

    private void Sweep()
    {
        var kept = 0;
        for (var index = 0; index < _count; index++)
        {
            var key = _keys[index];
            if (_jobs[key.Slot].IsCancelled)
            {
                Release(key.Slot);
            }
            else
            {
                _keys[kept++] = key;
            }
        }

        _count = kept;
        for (var index = (kept / 2) - 1; index >= 0; index--)
        {
            SiftDown(index, _keys[index]);
        }
    }

    private void SiftUp(int index, Key key)
    {
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (!key.Precedes(_keys[parent]))
            {
                break;
            }

            _keys[index] = _keys[parent];
            index = parent;
        }

        _keys[index] = key;
    }

    private void SiftDown(int index, Key key)
    {
        while (true)
        {
            var child = (2 * index) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && _keys[child + 1].Precedes(_keys[child]))
            {
                child++;
            }

            if (!_keys[child].Precedes(key))
            {
                break;
            }

            _keys[index] = _keys[child];
            index = child;
        }

        _keys[index] = key;
    }
}
