using Akka.Actor;
using Akka.Dispatch.MessageQueues;
using MmActors.Runtime.Dispatch;

namespace MmActors.Runtime.Concurrent;

/// <summary>Akka's unbounded double-ended queue with a count of the messages handled, which only the thread that runs the
/// mailbox writes: one total for all would be a cache line that every thread wants.</summary>
internal sealed class CountingQueue(Deliveries deliveries) : UnboundedDequeMessageQueue, IKernelQueue, IMessageQueue
{
    private long _count;

    /// <summary>Messages handled.</summary>
    public long Delivered => Volatile.Read(ref _count);

    bool IMessageQueue.TryDequeue(out Envelope envelope)
    {
        if (!TryDequeue(out envelope))
        {
            return false;
        }

        _count++;
        return true;
    }

    void IMessageQueue.CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        deliveries.Forget(this);
        CleanUp(owner, deadletters);
    }
}

/// <summary>Messages handled by all actors of a run, those that have ended included.</summary>
internal sealed class Deliveries
{
    private readonly Lock _gate = new();
    private readonly LinkedList<CountingQueue> _queues = [];
    private readonly Dictionary<CountingQueue, LinkedListNode<CountingQueue>> _places = new(ReferenceEqualityComparer.Instance);
    private long _ended;

    /// <summary>So far; exact while nobody is at work.</summary>
    public long Total
    {
        get
        {
            lock (_gate)
            {
                long total = _ended;
                foreach (CountingQueue queue in _queues)
                {
                    total += queue.Delivered;
                }

                return total;
            }
        }
    }

    /// <summary>The queue of a new actor.</summary>
    public CountingQueue NewQueue()
    {
        var queue = new CountingQueue(this);
        lock (_gate)
        {
            _places[queue] = _queues.AddLast(queue);
        }

        return queue;
    }

    /// <summary>Its actor has ended.</summary>
    public void Forget(CountingQueue queue)
    {
        lock (_gate)
        {
            if (_places.Remove(queue, out LinkedListNode<CountingQueue>? place))
            {
                _queues.Remove(place);
                _ended += queue.Delivered;
            }
        }
    }
}
