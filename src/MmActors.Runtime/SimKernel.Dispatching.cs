using System.Diagnostics;
using Akka.Actor;
using Akka.Dispatch;
using MmActors.Runtime.Dispatch;

namespace MmActors.Runtime;

/// <content>What the dispatcher and the mailboxes ask of the kernel, and the single step.</content>
public sealed partial class SimKernel
{
    private const int SmallBatch = 16;

    private ReadyEntry[] _newlyReady = new ReadyEntry[SmallBatch];
    private int _newlyReadyCount;
    private int _nextId;
    private ReadyEntry? _current;
    private bool _inStep;
    private bool _delivered;

    internal override IKernelQueue CreateQueue(IActorRef owner)
    {
        GuardThread();
        var queue = new SimMessageQueue(this, owner, _nextId++);
        Causes?.Created(owner, queue.Id);
        Trace?.ActorCreated(queue.Id, owner);
        _settings.Created?.Invoke(queue.Id, owner.Path.ToStringWithoutAddress());
        return queue;
    }

    /// <summary>Permission to take one message from a mailbox: once per step for the one the step runs. A mailbox run by
    /// another dispatcher (TestKit's calling-thread one for TestActorRef) is not the kernel's to limit.</summary>
    internal bool TryDeliver(SimMessageQueue queue)
    {
        if (!ReferenceEquals(queue, _current))
        {
            return true;
        }

        var first = !_delivered;
        _delivered = true;
        return first;
    }

    internal override void MakeRunnable(IRunnable work)
    {
        GuardThread();
        var entry = EntryOf(work);
        if (_inStep)
        {
            if (_newlyReadyCount == _newlyReady.Length)
            {
                Array.Resize(ref _newlyReady, 2 * _newlyReadyCount);
            }

            _newlyReady[_newlyReadyCount++] = entry;
            return;
        }

        _ready.Add(entry);
        if (AutoPump && !_busy)
        {
            Pump();
        }
    }

    private ReadyEntry EntryOf(IRunnable work)
    {
        if (work is not Mailbox mailbox)
        {
            return new TaskEntry(_nextId++) { Work = work };
        }

        if (mailbox.MessageQueue is not SimMessageQueue queue)
        {
            var unsupported = new InvalidOperationException(
                $"Mailbox queue {mailbox.MessageQueue.GetType()} has no place in a simulation: only the default mailbox and "
                + "the unbounded deque of stashing actors do.");
            Fail(unsupported); // Tell swallows what is thrown here
            throw unsupported;
        }

        queue.Work = work;
        return queue;
    }

    private void Step()
    {
        _steps++;
        Execute(_ready.Take());
    }

    /// <summary>A step, or time passes although somebody is runnable.</summary>
    private void StepOrFire(long horizonTicks)
    {
        var mayFire = _ready.OffersTimer && _timers.TryPeek(out var due) && due <= horizonTicks;
        if (_ready.TakeAlternative(mayFire) is { } entry)
        {
            _steps++;
            Execute(entry);
        }
        else
        {
            _timers.TryPeek(out var next);
            _nowTicks = Math.Max(_nowTicks, next);
            FireNextTimer();
        }
    }

    private void Execute(ReadyEntry entry)
    {
        _delivered = false;
        _inStep = true;
        _current = entry;
        entry.Work!.Run();
        _current = null;
        _inStep = false;
        Causes?.EndStep();
        if (Trace is not null && !_delivered)
        {
            Trace.SystemStep(_nowTicks, entry.Id);
        }

        if (_newlyReadyCount > 0)
        {
            FlushNewlyReady();
        }
    }

    /// <summary>Admits what the step made runnable, by creation order: Akka walks children in the order of randomised string
    /// hashes, which would otherwise differ from process to process.</summary>
    private void FlushNewlyReady()
    {
        if (_newlyReadyCount > 1)
        {
            SortNewlyReady();
        }

        for (var index = 0; index < _newlyReadyCount; index++)
        {
            _ready.Add(_newlyReady[index]);
            _newlyReady[index] = null!;
        }

        _newlyReadyCount = 0;
    }

    private void SortNewlyReady()
    {
        if (_newlyReadyCount > SmallBatch)
        {
            _newlyReady.AsSpan(0, _newlyReadyCount).Sort(static (left, right) => left.Id.CompareTo(right.Id));
            return;
        }

        for (var index = 1; index < _newlyReadyCount; index++)
        {
            var entry = _newlyReady[index];
            var gap = index;
            while (gap > 0 && _newlyReady[gap - 1].Id > entry.Id)
            {
                _newlyReady[gap] = _newlyReady[gap - 1];
                gap--;
            }

            _newlyReady[gap] = entry;
        }
    }

    /// <summary>Handles everything runnable at the present time on behalf of a caller outside the simulation. A failure stays
    /// recorded for the next run call: Tell, which leads here, swallows exceptions.</summary>
    private void Pump()
    {
        if (Failure is not null)
        {
            return;
        }

        try
        {
            if (RunUntil(Now) == RunOutcome.StepLimit)
            {
                Fail(new InvalidOperationException($"Step limit {_settings.StepLimit} reached."));
            }
        }
        catch (SimulationFailedException)
        {
            Debug.Assert(Failure is not null, "The run reports only failures it has recorded.");
        }
    }
}
