using Akka.Dispatch;

namespace MmActors.Runtime.Concurrent;

/// <content>Mailbox runs, their count, and what happens when it falls to zero.</content>
public sealed partial class ConcurrentKernel
{
    /// <summary>What a thread that is firing timers keeps for itself: the first mailbox that becomes runnable by it.</summary>
    [ThreadStatic]
    private static Keeping? _keeping;

    /// <summary>A mailbox became runnable, on whatever thread.</summary>
    internal override void MakeRunnable(IRunnable run)
    {
        if (_keeping is { Run: null } keeping && keeping.Kernel == this)
        {
            Interlocked.Increment(ref _atWork);
            keeping.Run = run;
            return;
        }

        if (!Volatile.Read(ref _isOpen))
        {
            lock (_gate)
            {
                if (!_isOpen)
                {
                    _held.Add(run);
                    return;
                }
            }
        }

        Interlocked.Increment(ref _atWork);
        ThreadPool.UnsafeQueueUserWorkItem(new MailboxRun(this, run), preferLocal: false);
    }

    /// <summary>Opens the gate: what was held back runs, and if nothing was, time moves.</summary>
    private void LetRun()
    {
        lock (_halting)
        {
            _hasHalted = false;
        }

        Interlocked.Increment(ref _atWork); // our own, so that the count does not fall to zero half-way
        IRunnable[] held;
        lock (_gate)
        {
            _isOpen = true;
            held = [.. _held];
            _held.Clear();
        }

        foreach (var run in held)
        {
            MakeRunnable(run);
        }

        if (Interlocked.Decrement(ref _atWork) == 0)
        {
            Advance();
        }
    }

    private void RunMailbox(IRunnable run)
    {
        RunGuarded(run);
        if (Interlocked.Decrement(ref _atWork) == 0)
        {
            Advance();
        }
    }

    /// <summary>Nobody is at work: the caller is the only thread here. Moves the clock and fires what is due, runs one of the
    /// mailboxes that this made runnable, and so on for as long as it is also the last to finish.</summary>
    private void Advance()
    {
        var keeping = new Keeping(this);
        while (TryTakeDue())
        {
            Interlocked.Increment(ref _atWork);
            FireAll(keeping);
            if (keeping.Run is { } run)
            {
                keeping.Run = null;
                Interlocked.Decrement(ref _atWork); // the timers'; the mailbox has its own
                RunGuarded(run);
            }

            if (Interlocked.Decrement(ref _atWork) != 0)
            {
                return;
            }
        }

        Halt();
    }

    private void FireAll(Keeping keeping)
    {
        _keeping = keeping;
        foreach (var job in _firing)
        {
            try
            {
                job.Fire();
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
        }

        _keeping = null;
        _firing.Clear();
    }

    private void RunGuarded(IRunnable run)
    {
        try
        {
            run.Run();
        }
        catch (Exception exception)
        {
            Fail(exception); // an actor's own is caught by its mailbox; this one is ours
        }
    }

    /// <summary>Moves the clock to the next timers and takes them; false when the run has to stop here.</summary>
    private bool TryTakeDue()
    {
        if (Failure is not null || _cancellation.IsCancellationRequested || IsBeyondTimerLimit)
        {
            return false;
        }

        lock (_gate)
        {
            if (!_timers.TryPeek(out var due) || due > _horizonTicks || _isUnattended
                || (_wall is not null && _wall.Until(new TimeSpan(due)) > TimeSpan.Zero))
            {
                return false;
            }

            Volatile.Write(ref _nowTicks, Math.Max(due, _nowTicks));
            while (_timers.TryPeek(out due) && due <= _nowTicks)
            {
                _firing.Add(_timers.Take(_nowTicks));
                _timersFired++;
            }
        }

        return true;
    }

    private bool IsBeyondTimerLimit => _timersFired >= _settings.StepLimit;

    /// <summary>Nothing more may happen before the caller of RunUntil has looked.</summary>
    private void Halt()
    {
        if (Volatile.Read(ref _isUnattended))
        {
            return; // the gate stays open: the system is being stopped
        }

        Volatile.Write(ref _isOpen, false);
        lock (_halting)
        {
            _hasHalted = true;
            Monitor.PulseAll(_halting);
        }
    }

    private sealed class Keeping(ConcurrentKernel kernel)
    {
        public ConcurrentKernel Kernel { get; } = kernel;

        public IRunnable? Run { get; set; }
    }

    private sealed class MailboxRun(ConcurrentKernel kernel, IRunnable run) : IThreadPoolWorkItem
    {
        public void Execute() => kernel.RunMailbox(run);
    }
}
