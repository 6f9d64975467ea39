using Akka.Configuration;
using Akka.Event;
using MmActors.Runtime.Dispatch;
using MmActors.Runtime.Strategies;
using MmActors.Runtime.Tracing;

namespace MmActors.Runtime;

/// <summary>A discrete-event simulation that an actor system takes for its scheduler. Holds the virtual clock, the armed
/// timers and the runnable actors, and runs them on the caller's thread: first everything runnable now, one message
/// per step, in the order the strategy chooses; then the clock jumps to the next timer.</summary>
/// <remarks>Actors never see this type; they use Context.System.Scheduler, Timers and Tell, and so run unchanged under
/// Akka's own dispatchers. An instance belongs to one thread at a time.</remarks>
public sealed partial class SimKernel : RunKernel
{
    private TimerHeap _timers = new();
    private ReadySet _ready;
    private IInterleavingStrategy _strategy = new FifoStrategy();
    private SimSettings _settings = new();
    private int _ownerThread = Environment.CurrentManagedThreadId;
    private int _firstActorId;
    private long _nowTicks;
    private long _steps;
    private long _timersFired;
    private bool _stopRequested;
    private bool _busy;
    private bool _windingDown;
    private bool _choosesMore;

    /// <summary>Called by Akka.</summary>
    public SimKernel(Config config, ILoggingAdapter log)
        : base(config, log)
    {
        _ready = new ReadySet(_strategy, null);
    }

    /// <summary>Virtual time since the start of the run; moves in ticks of 100 ns, and only between steps.</summary>
    public override TimeSpan Now => new(_nowTicks);

    /// <summary>Steps begun in this run. A step is one message handled by one actor, together with the Akka-internal
    /// signals that were waiting for it.</summary>
    public override long Steps => _steps;

    /// <inheritdoc/>
    public override long TimersFired => _timersFired;

    /// <summary>Timers armed now; cancelled ones count until they are found out.</summary>
    public int PendingTimers => _timers.Count;

    /// <summary>The record of this run, when the settings asked for one.</summary>
    public TraceLog? Trace { get; private set; }

    /// <summary>Whether no message is on its way: whatever happens next needs a timer, or somebody outside.</summary>
    public bool IsAtRest => _ready.Count == 0;

    /// <summary>True to handle messages at once, at the present time, whenever something outside the simulation sends one
    /// while nothing runs. Blocking test helpers need it; a run must have it off, or else its first steps happen during
    /// set-up, out of the strategy's hands.</summary>
    public bool AutoPump { get; set; }

    private protected override ActorFailurePolicy FailurePolicy => _settings.FailurePolicy;

    private protected override bool IsEnding => _windingDown;

    private protected override string Origin => $"strategy {_strategy.Name}, seed {_settings.Seed}";

    internal long NowTicks => _nowTicks;

    internal Action<string, string?, object>? Deliveries => _settings.Deliveries;

    /// <summary>What caused what, when the strategy chooses among channels.</summary>
    internal CausalClocks? Causes { get; private set; }

    /// <summary>Runs until nothing is left to do. Never returns <see cref="RunOutcome.HorizonReached"/>; a repeating timer
    /// keeps it going until the step limit.</summary>
    public RunOutcome RunUntilQuiescent(CancellationToken cancellation = default) =>
        RunUntil(TimeSpan.MaxValue, cancellation);

    /// <summary>Runs everything due up to and including the horizon. On <see cref="RunOutcome.Quiescent"/> the clock stays
    /// at the last event, so that the end of the activity can be read from it.</summary>
    /// <exception cref="SimulationFailedException">An actor failed, or a foreign thread interfered; also on every later
    /// call, until the simulation is reset.</exception>
    public override RunOutcome RunUntil(TimeSpan horizon, CancellationToken cancellation = default)
    {
        GuardThread();
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, Now);
        if (_busy)
        {
            throw new InvalidOperationException("The simulation is running: an actor cannot run it from inside.");
        }

        _busy = true;
        try
        {
            return Run(horizon.Ticks, cancellation);
        }
        catch (Exception exception) when (exception is not SimulationFailedException)
        {
            Fail(exception);
            throw Failure!;
        }
        finally
        {
            _current = null;
            _inStep = false;
            _busy = false;
        }
    }

    /// <summary>Moves the clock over a time in which nothing happens, typically after a quiescent run.</summary>
    /// <exception cref="InvalidOperationException">Something is runnable, or due at or before that time.</exception>
    public void SkipIdleTimeTo(TimeSpan time)
    {
        GuardThread();
        ArgumentOutOfRangeException.ThrowIfLessThan(time, Now);
        if (_busy || _ready.Count > 0 || (_timers.TryPeek(out var due) && due <= time.Ticks))
        {
            throw new InvalidOperationException($"Cannot skip to {time}: something happens before. Run it instead.");
        }

        _nowTicks = time.Ticks;
    }

    /// <summary>Ends the run after the current step; what is queued stays queued and a later run goes on with it.</summary>
    public void RequestStop() => _stopRequested = true;

    /// <summary>Hands an idle simulation over to the calling thread.</summary>
    public void BindToCurrentThread()
    {
        if (_busy)
        {
            throw new InvalidOperationException("A running simulation cannot change threads.");
        }

        _ownerThread = Environment.CurrentManagedThreadId;
    }

    /// <summary>Fails the run when the caller is not on the simulation's thread.</summary>
    internal void GuardThread()
    {
        if (Environment.CurrentManagedThreadId != _ownerThread)
        {
            ThrowForeignThread();
        }
    }

    /// <summary>Marks what exists now as the system's own: actor numbers of every run start after it.</summary>
    internal void SealSystemActors() => _firstActorId = _nextId;

    /// <summary>Starts the books of a new run. Everything of the previous one must be wound down.</summary>
    internal void Begin(SimSettings settings)
    {
        if (_busy || _ready.Count > 0)
        {
            throw new InvalidOperationException("The previous run is still in progress.");
        }

        _settings = settings;
        _strategy = settings.Strategy ?? new FifoStrategy();
        _strategy.Begin(settings.Seed);
        Causes = _strategy.Choices.HasFlag(ScheduleChoices.Channels) ? new CausalClocks() : null;
        _ready = new ReadySet(_strategy, Causes);
        _choosesMore = _strategy.Choices != ScheduleChoices.Actors;
        _timers.Clear();
        ForgetFailure();
        _nextId = _firstActorId;
        _nowTicks = 0;
        _steps = 0;
        _timersFired = 0;
        _stopRequested = false;
        Trace = settings.Trace ? new TraceLog(settings.TraceCopy) : null;
    }

    /// <summary>Lets stopping actors finish: no timers, no strategy, no trace, and failures no longer matter.</summary>
    internal void WindDown(Action stopActors)
    {
        const long WindDownLimit = 50_000_000;
        GuardThread();
        _busy = true;
        _windingDown = true;
        Trace = null;
        try
        {
            FlushNewlyReady();
            _timers.Clear();
            stopActors();
            for (long step = 0; _ready.Count > 0; step++)
            {
                if (step == WindDownLimit)
                {
                    throw new InvalidOperationException($"Actors still busy {WindDownLimit} steps after being stopped.");
                }

                Execute(_ready.TakeOldest());
            }

            _timers.Clear();
        }
        finally
        {
            _current = null;
            _inStep = false;
            _windingDown = false;
            _busy = false;
        }
    }

    private RunOutcome Run(long horizonTicks, CancellationToken cancellation)
    {
        while (true)
        {
            while (_ready.Count > 0)
            {
                if (TryEnd(cancellation, out var outcome))
                {
                    return outcome;
                }

                if (_choosesMore)
                {
                    StepOrFire(horizonTicks);
                }
                else
                {
                    Step();
                }

                _settings.AfterStep?.Invoke();
            }

            if (TryEnd(cancellation, out var early))
            {
                return early;
            }

            if (!_timers.TryPeek(out var due))
            {
                return RunOutcome.Quiescent;
            }

            if (due > horizonTicks)
            {
                _nowTicks = horizonTicks;
                return RunOutcome.HorizonReached;
            }

            _nowTicks = due;
            if (_ready.OffersTimer)
            {
                FireNextTimer(); // the others due now are further alternatives
            }
            else
            {
                FireDueTimers();
            }
        }
    }

    private bool TryEnd(CancellationToken cancellation, out RunOutcome outcome)
    {
        if (Failure is { } failure)
        {
            throw failure;
        }

        if (_stopRequested)
        {
            _stopRequested = false;
            outcome = RunOutcome.Stopped;
            return true;
        }

        outcome = cancellation.IsCancellationRequested ? RunOutcome.Cancelled : RunOutcome.StepLimit;
        return outcome == RunOutcome.Cancelled || _steps >= _settings.StepLimit || _timersFired >= _settings.StepLimit;
    }

    private void ThrowForeignThread()
    {
        var exception = new ForeignThreadException(_ownerThread, Environment.CurrentManagedThreadId);
        Fail(exception);
        throw exception;
    }
}
