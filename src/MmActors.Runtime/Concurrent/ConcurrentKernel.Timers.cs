using Akka.Actor;
using Akka.Dispatch;

namespace MmActors.Runtime.Concurrent;

/// <content>Akka's scheduler, in virtual time; any thread may arm a timer.</content>
public sealed partial class ConcurrentKernel
{
    /// <inheritdoc/>
    public override TimeSpan MonotonicClock => Now;

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => Now;

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => SimKernel.Epoch + Now;

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
        var job = new TimerJob
        {
            Receiver = receiver,
            Payload = payload,
            Sender = sender,
            Cancelable = cancelable,
            IntervalTicks = interval.Ticks,
        };
        lock (_gate)
        {
            _timers.Add(DueAfter(delay.Ticks), job);
        }
    }

    private long DueAfter(long delayTicks) =>
        delayTicks > long.MaxValue - _nowTicks ? long.MaxValue : _nowTicks + delayTicks;

    /// <summary>Takes the first timer from the heap, to be fired; one that repeats is armed again. The gate is held.</summary>
    private void TakeTimer()
    {
        var job = _timers.RemoveFirst();
        _timersFired++;
        if (job.IntervalTicks > 0)
        {
            _timers.Add(DueAfter(job.IntervalTicks), job);
        }

        _firing.Add(job);
    }
}
