using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;

namespace MmActors.Actors.Operations;

/// <summary>A request that an address space cannot answer at once: it waits for mmap_lock, for pages, or for the node.
/// One object per call; what it decides lives in Model.</summary>
internal abstract class MmOperation(AddressSpaceActor space, IActorRef replyTo, int cpu)
{
    private TimeSpan _queuedAt;
    private Action? _ending;

    /// <summary>Number by which the node's answers find their way back.</summary>
    public int Id { get; } = space.NextOperation();

    /// <summary>The collapse that asked for it; none for what a task asks for.</summary>
    public Origin Origin { get; init; }

    /// <summary>The VISIT or collapse that held mmap_lock, or waited for it, when this one asked.</summary>
    public Origin WaitedFor { get; private set; }

    /// <summary>What the node was asked last; repeated in the slow path when it refuses.</summary>
    public object? NodeRequest { get; set; }

    /// <summary>Whether a refused request may reclaim (UT-3); base pages always may.</summary>
    public bool MayReclaim { get; set; }

    /// <summary>Whether it gives up after one try (UT-3).</summary>
    public bool GivesUpEarly { get; set; }

    /// <summary>Whose LRU batches, and whose reclaim context, the call uses.</summary>
    public int CallerCpu => Cpu;

    /// <summary>How the operation needs mmap_lock.</summary>
    protected abstract LockMode Mode { get; }

    protected AddressSpaceActor Space { get; } = space;

    protected Mm Mm => Space.Mm;

    protected int Cpu { get; } = cpu;

    /// <summary>Simulated CPU time of the call that has not passed yet: <see cref="FinishAfterCost"/> lets it pass with the
    /// lock held, otherwise the caller spends it.</summary>
    protected TimeSpan Cost { get; set; }

    /// <summary>A group above its memory.high that was charged for this call, or 0 (RC-61).</summary>
    public int AboveHigh { get; set; }

    /// <summary>Simulated time waited for mmap_lock.</summary>
    protected TimeSpan Stalled { get; private set; }

    /// <summary>When the call asked for mmap_lock.</summary>
    protected TimeSpan BeganAt => _queuedAt;

    /// <summary>Takes mmap_lock or queues for it, then starts.</summary>
    public void Begin()
    {
        _queuedAt = Space.Time;
        WaitedFor = Space.LockUser;
        if (Origin != default)
        {
            Space.LockUser = Origin;
        }

        if (Space.Lock.AcquireOrWait(Mode, this))
        {
            Start();
        }
    }

    /// <summary>Starts at once: the caller holds mmap_lock already, and the operation drops it.</summary>
    public void BeginLocked() => Start();

    /// <summary>The lock was granted after a wait.</summary>
    public void Granted()
    {
        Stalled = Space.Time - _queuedAt;
        Space.EmitStall(Stalled, this);
        Start();
    }

    public virtual void OnPages(PageBuffer pages) => throw Unexpected(nameof(OnPages));

    public virtual void OnHuge(int head, Refusal refusal) => throw Unexpected(nameof(OnHuge));

    /// <summary>The allocation is lost for good, and so is the task.</summary>
    public virtual void OnOutOfMemory() => throw Unexpected(nameof(OnOutOfMemory));

    public virtual void OnSlotsRead(SlotsRead read) => throw Unexpected(nameof(OnSlotsRead));

    /// <summary>A delay is over; the lock was held all the time.</summary>
    public void Elapsed()
    {
        if (_ending is { } ending)
        {
            _ending = null;
            ending();
        }
        else
        {
            OnElapsed();
        }
    }

    public virtual void OnWorkDone() => throw Unexpected(nameof(OnWorkDone));

    /// <summary>How long a huge page that a fault takes is being zeroed, not yet mapped (KH-8a).</summary>
    public virtual TimeSpan ZeroingTime => WorldContext.Nanoseconds(Space.Costs.HugeFaultNs);

    /// <summary>A delay the operation itself asked for is over.</summary>
    protected virtual void OnElapsed() => throw Unexpected(nameof(OnElapsed));

    /// <summary>Runs with the lock held.</summary>
    protected abstract void Start();

    /// <summary>Lets the cost of the call pass with the lock held, as in the kernel; then ends it.</summary>
    protected void FinishAfterCost(Errno errno = Errno.None, long value = 0, Action? last = null) => AfterCost(() =>
    {
        last?.Invoke();
        Finish(errno, value);
    });

    /// <summary>Lets the cost pass with the lock held, then goes on.</summary>
    protected void AfterCost(Action ending)
    {
        TimeSpan cost = Cost;
        Cost = TimeSpan.Zero;
        if (cost > TimeSpan.Zero)
        {
            _ending = ending;
            Space.WaitFor(this, cost);
        }
        else
        {
            ending();
        }
    }

    /// <summary>Drops the lock and answers the caller.</summary>
    protected void Finish(Errno errno = Errno.None, long value = 0) =>
        Finish(new MmDone(errno, value, Cost, Stalled) { AboveHigh = AboveHigh });

    /// <summary>Drops the lock and answers the caller.</summary>
    protected void Finish(object reply)
    {
        Space.Release(Mode, Origin);
        Space.Reply(replyTo, reply);
    }

    /// <summary>Sends work to the node; with an answer when the operation must not end before it is done.</summary>
    protected void Send(NodeWork work, bool wait)
    {
        if (wait)
        {
            Space.Await(this);
        }

        Space.SendWork(work, Cpu, wait ? Id : 0);
    }

    private InvariantException Unexpected(string what) => new($"{GetType().Name} got {what} it did not ask for");
}
