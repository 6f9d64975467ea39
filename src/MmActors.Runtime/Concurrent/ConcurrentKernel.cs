using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using MmActors.Runtime.Dispatch;

namespace MmActors.Runtime.Concurrent;

/// <summary>Runs the actors of a system on the threads of the pool, as many at the same time as there are processors, under a
/// virtual clock. Counts the mailboxes at work: when the last one is done, time moves to the next timer, and all timers due at
/// that moment fire together.</summary>
/// <remarks>Nothing runs outside <see cref="RunUntil"/>: what becomes runnable then is held back, so a world can be set up, read
/// and audited between two calls. The thread that ends the last mailbox run moves the clock itself; the caller of RunUntil only
/// waits, and watches cancellation and the pace.</remarks>
public sealed partial class ConcurrentKernel : RunKernel
{
    /// <summary>How often a waiting caller looks whether the run is cancelled or endless, if nothing wakes it.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly TimerHeap _timers = new();
    private readonly List<IRunnable> _held = [];
    private readonly List<TimerJob> _firing = [];
    private readonly object _halting = new();
    private ConcurrentSettings _settings = new();
    private CancellationToken _cancellation;
    private WallClock? _wall;
    private long _nowTicks;
    private long _horizonTicks;
    private long _timersFired;
    private int _atWork;
    private bool _isOpen;
    private bool _hasHalted = true;
    private bool _isUnattended;

    /// <summary>Called by Akka.</summary>
    public ConcurrentKernel(Config config, ILoggingAdapter log)
        : base(config, log)
    {
    }

    /// <summary>Virtual time since the start of the run; moves only while no actor is at work.</summary>
    public override TimeSpan Now => new(Volatile.Read(ref _nowTicks));

    /// <inheritdoc/>
    public override long Steps => Deliveries.Total;

    /// <inheritdoc/>
    public override long TimersFired => Volatile.Read(ref _timersFired);

    internal Deliveries Deliveries { get; } = new();

    /// <summary>Without one, Akka runs two messages although the dispatcher says one.</summary>
    internal override long? MailboxDeadline => 0;

    private protected override bool IsEnding => Volatile.Read(ref _isUnattended);

    private protected override string Origin => $"mode concurrent, seed {_settings.Seed}";

    /// <summary>Runs everything due up to and including the horizon. On <see cref="RunOutcome.Quiescent"/> the clock stays at
    /// the last event. A cancelled run ends as soon as nobody is at work any more.</summary>
    /// <exception cref="SimulationFailedException">An actor failed; also on every later call.</exception>
    public override RunOutcome RunUntil(TimeSpan horizon, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, Now);
        _horizonTicks = horizon.Ticks;
        _cancellation = cancellation;
        _wall?.Start(Now);
        while (true)
        {
            LetRun();
            WaitForHalt();
            if (Failure is { } failure)
            {
                throw failure;
            }

            if (cancellation.IsCancellationRequested)
            {
                return RunOutcome.Cancelled;
            }

            if (IsBeyondLimit)
            {
                return RunOutcome.StepLimit;
            }

            if (!TryPeek(out var due))
            {
                return RunOutcome.Quiescent;
            }

            var isBeyond = due > _horizonTicks;
            AwaitPace(isBeyond ? horizon : new TimeSpan(due));
            if (isBeyond && !cancellation.IsCancellationRequested)
            {
                Volatile.Write(ref _nowTicks, _horizonTicks);
                return RunOutcome.HorizonReached;
            }
        }
    }

    /// <summary>Any actor of any thread may ask.</summary>
    internal override IKernelQueue CreateQueue(IActorRef owner) => Deliveries.NewQueue();

    /// <summary>Any thread may arm a timer.</summary>
    private protected override void AddTimer(long delayTicks, in TimerJob job)
    {
        lock (_gate)
        {
            _timers.AddAfter(_nowTicks, delayTicks, job);
        }
    }

    internal void Begin(ConcurrentSettings settings)
    {
        _settings = settings;
        _wall = settings.Pace is { } pace ? new WallClock(pace) : null;
    }

    /// <summary>From now on everything runs at once and no timer fires, so that the system can be stopped.</summary>
    internal void LeaveUnattended()
    {
        lock (_gate)
        {
            _isUnattended = true;
            _timers.Clear();
        }

        _cancellation = default;
        LetRun();
    }

    private bool IsBeyondLimit => _timersFired >= _settings.StepLimit || Steps >= _settings.StepLimit;

    private bool TryPeek(out long due)
    {
        lock (_gate)
        {
            return _timers.TryPeek(out due);
        }
    }

    private void WaitForHalt()
    {
        lock (_halting)
        {
            while (!_hasHalted)
            {
                if (!Monitor.Wait(_halting, Glance) && IsBeyondLimit)
                {
                    FailIn(null, new InvalidOperationException($"step limit {_settings.StepLimit} reached, and still nobody rests"));
                    throw Failure!;
                }
            }
        }
    }

    /// <summary>Sleeps until the wall clock allows this simulated time, or the run is cancelled.</summary>
    private void AwaitPace(TimeSpan simulated)
    {
        while (_wall?.Until(simulated) is { } left && left > TimeSpan.Zero)
        {
            var longest = TimeSpan.FromMinutes(1);
            if (_cancellation.WaitHandle.WaitOne(left < longest ? left + TimeSpan.FromTicks(TimeSpan.TicksPerMillisecond - 1) : longest))
            {
                return;
            }
        }
    }
}
