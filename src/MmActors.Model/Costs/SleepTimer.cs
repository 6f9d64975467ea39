namespace MmActors.Model.Costs;

/// <summary>When a kernel thread that sleeps on the timer wheel wakes up (KH-6a). The wheel keeps far timers in coarser
/// levels and rounds them up, so every sleep ends on a grid: a multiple of the level's granularity after the boot phase.
/// A pass shorter than the slack therefore does not shift the period.</summary>
public sealed record SleepTimer
{
    /// <summary>Buckets of one level less one: a timer nearer than this stays in the finest level (KH-6a).</summary>
    private const long FirstLevelJiffies = 63;

    /// <summary>log2 of the ratio between the granularities of neighbouring levels.</summary>
    private const int LevelShift = 3;

    /// <summary>A timer of a machine with <paramref name="hz"/> jiffies per second.</summary>
    /// <param name="hz">CONFIG_HZ: 100, 250, 300 or 1000 in practice.</param>
    /// <param name="bootPhaseJiffies">φ of KH-6a: where the wheel's grid lies against the simulated time 0. All wakes of
    /// granularity g happen at jiffies congruent to φ modulo g.</param>
    public SleepTimer(int hz, long bootPhaseJiffies = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hz);
        Hz = hz;
        BootPhaseJiffies = bootPhaseJiffies;
    }

    /// <summary>Jiffies per second.</summary>
    public int Hz { get; }

    /// <summary>φ of KH-6a in jiffies.</summary>
    public long BootPhaseJiffies { get; }

    /// <summary>The coarsest level of the wheel, counted from 0: the kernel has 9 levels above HZ=100, else 8.</summary>
    private int LastLevel => Hz > 100 ? 8 : 7;

    /// <summary>The time since boot at which the thread runs again. Queue wakes (KH-1, KH-7) are not known here, and a
    /// sleep of 0 ms means "no sleep": the caller must not ask.</summary>
    /// <param name="sleepStart">Time since boot at which the pass ended.</param>
    /// <param name="sleepMs">The tunable's value in milliseconds, above 0.</param>
    public TimeSpan WakeTime(TimeSpan sleepStart, long sleepMs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sleepStart, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sleepMs);
        var timeoutJiffies = TimeoutJiffies(sleepMs);
        var granularity = GranularityJiffies(timeoutJiffies);
        var expiry = JiffyAt(sleepStart) + timeoutJiffies - BootPhaseJiffies;
        return TimeOfJiffy((FloorDivide(expiry, granularity) + 1) * granularity + BootPhaseJiffies);
    }

    /// <summary>T of KH-6a: the sleep in jiffies, rounded up. A sleep beyond the wheel's last level (months) is cut to what
    /// that level can hold, as the kernel does.</summary>
    private long TimeoutJiffies(long sleepMs)
    {
        var jiffies = (long)(((Int128)sleepMs * Hz + 999) / 1000);
        var cutoff = FirstLevelJiffies << (LevelShift * LastLevel);
        return jiffies < cutoff ? jiffies : cutoff - (1L << (LevelShift * LastLevel));
    }

    /// <summary>g of KH-6a: 1 below 63 jiffies, 8 below 504, 64 below 4032 … .</summary>
    private long GranularityJiffies(long timeoutJiffies)
    {
        var level = 0;
        while (level < LastLevel && timeoutJiffies >= FirstLevelJiffies << (LevelShift * level))
        {
            level++;
        }

        return 1L << (LevelShift * level);
    }

    private long JiffyAt(TimeSpan time) => (long)((Int128)time.Ticks * Hz / TimeSpan.TicksPerSecond);

    /// <summary>The first 100 ns tick that belongs to the jiffy; exact unless HZ does not divide 10 MHz (HZ=300).</summary>
    private TimeSpan TimeOfJiffy(long jiffy) =>
        new((long)(((Int128)jiffy * TimeSpan.TicksPerSecond + Hz - 1) / Hz));

    private static long FloorDivide(long value, long positiveDivisor) =>
        (value - (value % positiveDivisor + positiveDivisor) % positiveDivisor) / positiveDivisor;
}
