using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using MmActors.Runtime.Dispatch;

namespace MmActors.Runtime;

/// <summary>What the two kernels have in common: Akka's scheduler in virtual time, what the dispatcher and the mailboxes of
/// <see cref="SimConfig"/> ask of it, and what counts as a failure of the run.</summary>
public abstract class RunKernel : SchedulerBase, IRunKernel
{
    /// <summary>The date that every simulation starts on, so that no result carries a real one.</summary>
    public static readonly DateTimeOffset Epoch = DateTimeOffset.UnixEpoch;

    private SimulationFailedException? _failure;

    private protected RunKernel(Config config, ILoggingAdapter log)
        : base(config, log)
    {
    }

    /// <inheritdoc/>
    public abstract TimeSpan Now { get; }

    /// <inheritdoc/>
    public abstract long Steps { get; }

    /// <summary>Timers fired in this run.</summary>
    public abstract long TimersFired { get; }

    /// <inheritdoc/>
    public override TimeSpan MonotonicClock => Now;

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => Now;

    /// <summary>What broke the run, or null while it is sound.</summary>
    public SimulationFailedException? Failure => Volatile.Read(ref _failure);

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => Epoch + Now;

    /// <inheritdoc/>
    public abstract RunOutcome RunUntil(TimeSpan horizon, CancellationToken cancellation = default);

    /// <summary>Declares the run broken: the current or next run call throws. The first cause is kept, later ones are
    /// consequences.</summary>
    public void Fail(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        FailIn(null, cause);
    }

    /// <summary>For Akka's limit on the time of one mailbox run, in ticks; null for none.</summary>
    internal virtual long? MailboxDeadline => null;

    /// <summary>A mailbox, or a task for the dispatcher's threads, has something to do.</summary>
    internal abstract void MakeRunnable(IRunnable work);

    /// <summary>The queue of a new actor.</summary>
    internal abstract IKernelQueue CreateQueue(IActorRef owner);

    /// <summary>An exception left an actor's handler; its supervisor is about to hear of it.</summary>
    internal void ActorFailed(IActorRef actor, Exception cause)
    {
        if (FailurePolicy == ActorFailurePolicy.FailRun && IsFailure(cause))
        {
            FailIn(actor, cause);
        }
    }

    /// <summary>A supervisor that was the last resort had to decide.</summary>
    internal void SupervisorGaveUp(Exception cause)
    {
        if (IsFailure(cause))
        {
            Fail(cause);
        }
    }

    private protected virtual ActorFailurePolicy FailurePolicy => ActorFailurePolicy.FailRun;

    /// <summary>Whether the actors are being stopped, so that what fails no longer matters.</summary>
    private protected abstract bool IsEnding { get; }

    /// <summary>What chose the order of the run, and from which seed.</summary>
    private protected abstract string Origin { get; }

    /// <summary>Arms a timer that is due when the delay has passed.</summary>
    private protected abstract void AddTimer(long delayTicks, in TimerJob job);

    private protected void FailIn(IActorRef? actor, Exception cause)
    {
        if (IsEnding || Failure is not null)
        {
            return;
        }

        var where = actor is null ? string.Empty : $" in {actor.Path.ToStringWithoutAddress()}";
        Interlocked.CompareExchange(ref _failure, new SimulationFailedException(Steps, Now, Origin + where, cause), null);
    }

    /// <summary>A new run is sound.</summary>
    private protected void ForgetFailure() => _failure = null;

    /// <inheritdoc/>
    protected sealed override void InternalScheduleTellOnce(
        TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable? cancelable) =>
        Arm(delay, TimeSpan.Zero, receiver, message, sender, cancelable);

    /// <inheritdoc/>
    protected sealed override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable? cancelable) =>
        Arm(initialDelay, interval, receiver, message, sender, cancelable);

    /// <inheritdoc/>
    protected sealed override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable) =>
        Arm(delay, TimeSpan.Zero, null, action, null, cancelable);

    /// <inheritdoc/>
    protected sealed override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable? cancelable) =>
        Arm(delay, TimeSpan.Zero, null, action, null, cancelable);

    /// <inheritdoc/>
    protected sealed override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable) =>
        Arm(initialDelay, interval, null, action, null, cancelable);

    /// <inheritdoc/>
    protected sealed override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable? cancelable) =>
        Arm(initialDelay, interval, null, action, null, cancelable);

    private void Arm(
        TimeSpan delay, TimeSpan interval, ICanTell? receiver, object payload, IActorRef? sender, ICancelable? cancelable) =>
        AddTimer(delay.Ticks, new TimerJob
        {
            Receiver = receiver,
            Payload = payload,
            Sender = sender,
            Cancelable = cancelable,
            IntervalTicks = interval.Ticks,
        });

    /// <summary>An actor that was sent Akka's Kill was meant to die.</summary>
    private static bool IsFailure(Exception cause) => cause is not ActorKilledException;
}
