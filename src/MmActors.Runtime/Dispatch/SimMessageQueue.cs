using Akka.Actor;
using Akka.Dispatch.MessageQueues;
using MmActors.Runtime.Strategies;

namespace MmActors.Runtime.Dispatch;

/// <summary>One actor's messages: an unsynchronised double-ended ring (the front is for unstashing). It lets out at most
/// one message per step, so that every handler is one step whatever the dispatcher's throughput says: Akka's own
/// limits either run two messages or read the wall clock after each.</summary>
internal sealed class SimMessageQueue : ReadyEntry, IKernelQueue
{
    private readonly SimKernel _kernel;
    private readonly IActorRef _owner;
    private Envelope[] _ring = new Envelope[4];
    private int[]?[]? _clocks;
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

        var slot = (_head + _count++) & (_ring.Length - 1);
        _ring[slot] = envelope;
        if (_kernel.Causes is { } causes)
        {
            _clocks ??= new int[]?[_ring.Length];
            _clocks[slot] = causes.Present;
        }
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
        if (_clocks is not null)
        {
            _clocks[_head] = null;
        }
    }

    public bool TryDequeue(out Envelope envelope)
    {
        if (_count == 0 || !_kernel.TryDeliver(this))
        {
            envelope = default;
            return false;
        }

        if (_clocks is not null)
        {
            _kernel.Causes?.BeginStep(Id, _clocks[_head]);
        }

        envelope = RemoveFirst();
        _kernel.Trace?.Delivery(_kernel.NowTicks, Id, envelope.Sender, envelope.Message);
        _kernel.Deliveries?.Invoke(OwnerPath, envelope.Sender?.Path.ToStringWithoutAddress(), envelope.Message);
        return true;
    }

    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (_count > 0)
        {
            deadletters.Enqueue(owner, RemoveFirst());
        }
    }

    /// <summary>Adds one alternative for each sender whose oldest message here may come next.</summary>
    internal void AddChannels(List<RunnableActor> alternatives, CausalClocks causes)
    {
        var first = alternatives.Count;
        for (var index = 0; index < _count; index++)
        {
            var sender = causes.IdOf(At(index).Sender);
            if (!IsListed(alternatives, first, sender) && !IsCaused(index, causes))
            {
                alternatives.Add(new RunnableActor(Id, ReadySequence) { Sender = sender });
            }
        }

        if (alternatives.Count == first)
        {
            alternatives.Add(new RunnableActor(Id, ReadySequence)); // only Akka's own signals wait
        }
    }

    /// <summary>The oldest message of this sender goes to the front.</summary>
    internal void Promote(int sender, CausalClocks causes)
    {
        var index = 0;
        while (index < _count && causes.IdOf(At(index).Sender) != sender)
        {
            index++;
        }

        if (index == _count)
        {
            return;
        }

        var mask = _ring.Length - 1;
        _clocks ??= new int[]?[_ring.Length];
        var promoted = At(index);
        var clock = _clocks[(_head + index) & mask];
        for (; index > 0; index--)
        {
            _ring[(_head + index) & mask] = _ring[(_head + index - 1) & mask];
            _clocks[(_head + index) & mask] = _clocks[(_head + index - 1) & mask];
        }

        _ring[_head] = promoted;
        _clocks[_head] = clock;
    }

    private ref Envelope At(int index) => ref _ring[(_head + index) & (_ring.Length - 1)];

    private static bool IsListed(List<RunnableActor> alternatives, int first, int sender)
    {
        for (var index = first; index < alternatives.Count; index++)
        {
            if (alternatives[index].Sender == sender)
            {
                return true;
            }
        }

        return false;
    }

    private bool IsCaused(int index, CausalClocks causes)
    {
        if (_clocks is null)
        {
            return false;
        }

        var mask = _ring.Length - 1;
        if (causes.IdOf(At(index).Sender) == Id && _clocks[(_head + index) & mask] is not null)
        {
            return index > 0; // what an actor tells itself comes after all that has arrived before
        }

        for (var earlier = 0; earlier < index; earlier++)
        {
            var clock = _clocks[(_head + earlier) & mask];
            if (CausalClocks.Precedes(causes.IdOf(At(earlier).Sender), clock, _clocks[(_head + index) & mask]))
            {
                return true;
            }
        }

        return false;
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
        var clocks = _clocks is null ? null : new int[]?[2 * _ring.Length];
        for (var index = 0; index < _count; index++)
        {
            larger[index] = _ring[(_head + index) & (_ring.Length - 1)];
            if (clocks is not null)
            {
                clocks[index] = _clocks![(_head + index) & (_ring.Length - 1)];
            }
        }

        _ring = larger;
        _clocks = clocks;
        _head = 0;
    }
}
