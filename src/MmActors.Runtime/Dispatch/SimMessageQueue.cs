using Akka.Actor;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace MmActors.Runtime.Dispatch;

/// <summary>One actor's messages: an unsynchronised double-ended ring (the front is for unstashing). It lets out at most
/// one message per step, so that every handler is one step whatever the dispatcher's throughput says: Akka's own
/// limits either run two messages or read the wall clock after each.</summary>
internal sealed class SimMessageQueue : ReadyEntry, IMessageQueue, IUnboundedDequeBasedMessageQueueSemantics
{
    private readonly SimKernel _kernel;
    private readonly IActorRef _owner;
    private Envelope[] _ring = new Envelope[4];
    private int _head;
    private int _count;

    public SimMessageQueue(SimKernel kernel, IActorRef owner, int id)
        : base(id)
    {
        _kernel = kernel;
        _owner = owner;
    }

    public bool HasMessages => _count > 0;

    public int Count => _count;

    public string OwnerPath => _owner.Path.ToStringWithoutAddress();

    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        _kernel.GuardThread();
        if (_count == _ring.Length)
        {
            Grow();
        }

        _ring[(_head + _count++) & (_ring.Length - 1)] = envelope;
    }

    public void EnqueueFirst(Envelope envelope)
    {
        _kernel.GuardThread();
        if (_count == _ring.Length)
        {
            Grow();
        }

        _head = (_head - 1) & (_ring.Length - 1);
        _ring[_head] = envelope;
        _count++;
    }

    public bool TryDequeue(out Envelope envelope)
    {
        if (_count == 0 || !_kernel.TryDeliver(this))
        {
            envelope = default;
            return false;
        }

        envelope = RemoveFirst();
        _kernel.Trace?.Delivery(_kernel.NowTicks, Id, envelope.Sender, envelope.Message);
        return true;
    }

    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (_count > 0)
        {
            deadletters.Enqueue(owner, RemoveFirst());
        }
    }

    private Envelope RemoveFirst()
    {
        ref var slot = ref _ring[_head];
        var first = slot;
        slot = default;
        _head = (_head + 1) & (_ring.Length - 1);
        _count--;
        return first;
    }

    private void Grow()
    {
        var larger = new Envelope[2 * _ring.Length];
        for (var index = 0; index < _count; index++)
        {
            larger[index] = _ring[(_head + index) & (_ring.Length - 1)];
        }

        _ring = larger;
        _head = 0;
    }
}
