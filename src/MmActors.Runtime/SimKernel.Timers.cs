using Akka.Actor;
using Akka.Dispatch;

namespace MmActors.Runtime;

/// <content>Akka's scheduler, in virtual time. Timers due at the same time fire in the order they were armed, all before
/// the first of their messages is handled; one armed for the present fires once nothing is runnable.</content>
public sealed partial class SimKernel
{
    /// <summary>The date that every simulation starts on, so that no result carries a real one.</summary>
    public static readonly DateTimeOffset Epoch = DateTimeOffset.UnixEpoch;

    /// <inheritdoc/>
    public override TimeSpan MonotonicClock => Now;

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => Now;

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => Epoch + Now;

    /// <inheritdoc/>
    protected override void InternalScheduleTellOnce(
        TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable? cancelable) =>
        Arm(delay, TimeSpan.Zero, receiver, message, sender, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable? cancelable) =>
        Arm(initialDelay, interval, receiver, message, sender, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable) =>
        Arm(delay, TimeSpan.Zero, null, action, null, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable? cancelable) =>
        Arm(delay, TimeSpan.Zero, null, action, null, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable) =>
        Arm(initialDelay, interval, null, action, null, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable? cancelable) =>
        Arm(initialDelay, interval, null, action, null, cancelable);

    private void Arm(
        TimeSpan delay, TimeSpan interval, ICanTell? receiver, object payload, IActorRef? sender, ICancelable? cancelable)
    {
        GuardThread();
        var job = new TimerJob
        {
            Receiver = receiver,
            Payload = payload,
            Sender = sender,
            Cancelable = cancelable,
            IntervalTicks = interval.Ticks,
        };
        _timers.Add(DueAfter(delay.Ticks), job);
    }

    /// <summary>A delay beyond the end of time means never, which is the end of time.</summary>
    private long DueAfter(long delayTicks) =>
        delayTicks > long.MaxValue - _nowTicks ? long.MaxValue : _nowTicks + delayTicks;

    private void FireDueTimers()
    {
        while (_timers.TryPeek(out var due) && due <= _nowTicks && _timersFired < _settings.StepLimit)
        {
            FireNextTimer();
        }
    }

    private void FireNextTimer()
    {
        var job = _timers.RemoveFirst();
        _timersFired++;
        if (job.IntervalTicks > 0)
        {
            _timers.Add(DueAfter(job.IntervalTicks), job);
        }

        Fire(job);
    }

    internal static void Fire(in TimerJob job)
    {
        if (job.Receiver is not null)
        {
            job.Receiver.Tell(job.Payload, job.Sender);
        }
        else if (job.Payload is Action action)
        {
            action();
        }
        else
        {
            ((IRunnable)job.Payload).Run();
        }
    }
}
