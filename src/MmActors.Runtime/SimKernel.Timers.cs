namespace MmActors.Runtime;

/// <content>Timers due at the same time fire in the order they were armed, all before the first of their messages is
/// handled; one armed for the present fires once nothing is runnable.</content>
public sealed partial class SimKernel
{
    private protected override void AddTimer(long delayTicks, in TimerJob job)
    {
        GuardThread();
        _timers.AddAfter(_nowTicks, delayTicks, job);
    }

    private void FireDueTimers()
    {
        while (_timers.TryPeek(out var due) && due <= _nowTicks && _timersFired < _settings.StepLimit)
        {
            FireNextTimer();
        }
    }

    private void FireNextTimer()
    {
        var job = _timers.Take(_nowTicks);
        _timersFired++;
        job.Fire();
    }
}
