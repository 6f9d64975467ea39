namespace MmActors.Model.Costs;

/// <summary>When the kernel flushes the statistics of its memory cgroups: a worker that sleeps 2 s from boot on (RC-16g), on
/// the timer wheel, which rounds each sleep up: 2.016 s at 250 Hz (KH-6a).</summary>
public sealed class StatisticsWorker
{
    private const int SleepMs = 2000;

    private readonly TimeSpan _first;
    private readonly TimeSpan _period;
    private readonly TimeSpan _uptime;

    /// <summary>The worker of a machine that has run for some time.</summary>
    /// <param name="hz">Jiffies per second.</param>
    /// <param name="uptime">How long ago the worker began its first sleep, at simulated time 0.</param>
    public StatisticsWorker(int hz, TimeSpan uptime)
    {
        var timer = new SleepTimer(hz);
        _first = timer.WakeTime(TimeSpan.Zero, SleepMs);
        _period = timer.WakeTime(_first, SleepMs) - _first;
        _uptime = uptime;
    }

    /// <summary>The first flush later than this simulated time.</summary>
    public TimeSpan After(TimeSpan time)
    {
        TimeSpan since = time + _uptime - _first;
        long periods = since < TimeSpan.Zero ? 0 : (since.Ticks / _period.Ticks) + 1;
        return _first + (_period * periods) - _uptime;
    }
}
