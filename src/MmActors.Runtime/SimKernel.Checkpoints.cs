using MmActors.Runtime.Checkpoints;
using MmActors.Runtime.Dispatch;

namespace MmActors.Runtime;

/// <content>The state of the kernel at rest, taken out and put back.</content>
public sealed partial class SimKernel
{
    /// <summary>Refers to the kernel's own parts, which go on changing when it runs on.</summary>
    /// <exception cref="InvalidOperationException">Something is on its way, or has failed.</exception>
    internal KernelState StateAtRest()
    {
        GuardThread();
        if (_busy || !IsAtRest || _newlyReadyCount > 0 || Failure is not null)
        {
            throw new InvalidOperationException("A checkpoint is taken between two steps, when no message is on its way.");
        }

        return new KernelState
        {
            NowTicks = _nowTicks,
            Steps = _steps,
            TimersFired = _timersFired,
            NextId = _nextId,
            Timers = _timers,
            Ready = _ready,
            Strategy = _strategy,
            Causes = Causes,
            Trace = Trace,
        };
    }

    /// <summary>The next mailbox gets this number.</summary>
    internal void NumberNext(int id) => _nextId = id;

    /// <summary>Delivers Akka's own signals, such as those that start an actor: no time passes, and no step is counted.</summary>
    internal void Settle()
    {
        GuardThread();
        _busy = true;
        try
        {
            FlushNewlyReady();
            while (_ready.Count > 0)
            {
                Execute(_ready.TakeOldest());
            }
        }
        finally
        {
            _current = null;
            _inStep = false;
            _busy = false;
        }
    }

    /// <summary>Goes on with the state of another kernel.</summary>
    internal void Continue(KernelState state)
    {
        _nowTicks = state.NowTicks;
        _steps = state.Steps;
        _timersFired = state.TimersFired;
        _nextId = state.NextId;
        _timers = state.Timers;
        _ready = state.Ready;
        _strategy = state.Strategy;
        _choosesMore = _strategy.Choices != Strategies.ScheduleChoices.Actors;
        Causes = state.Causes;
        Trace = state.Trace;
    }

    /// <summary>Number of the mailbox of an actor, or −1 if it has none of this kernel.</summary>
    internal static int NumberOf(Akka.Dispatch.Mailbox mailbox) => mailbox.MessageQueue is SimMessageQueue queue ? queue.Id : -1;
}
