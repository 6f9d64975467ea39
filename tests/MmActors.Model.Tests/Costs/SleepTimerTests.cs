using CsCheck;
using MmActors.Model.Costs;

namespace MmActors.Model.Tests.Costs;

public class SleepTimerTests
{
    [Theory] // KH-6a: HZ=250, passes shorter than the slack
    [InlineData(10, 16)]
    [InlineData(500, 512)]
    [InlineData(1000, 1024)]
    [InlineData(10_000, 10_240)]
    public void Short_passes_lock_the_period_to_the_grid(long sleepMs, int periodMs)
    {
        var timer = new SleepTimer(250);
        var wake = timer.WakeTime(TimeSpan.Zero, sleepMs);
        for (var pass = 0; pass < 50; pass++)
        {
            var next = timer.WakeTime(wake + TimeSpan.FromMilliseconds(1), sleepMs);
            Assert.Equal(TimeSpan.FromMilliseconds(periodMs), next - wake);
            wake = next;
        }
    }

    [Theory] // KH-6: granularity of a 10 s sleep in jiffies and in ms (256, 512, 213, 640)
    [InlineData(250, 64, 256.0)]
    [InlineData(1000, 512, 512.0)]
    [InlineData(300, 64, 213.3)]
    [InlineData(100, 64, 640.0)]
    public void Ten_seconds_round_up_to_the_granularity_of_the_frequency(int hz, int jiffies, double granularityMs)
    {
        Assert.Equal(granularityMs, 1000.0 * jiffies / hz, 0.05);
        var sleepJiffies = 10L * hz;
        var expected = (sleepJiffies / jiffies + 1) * jiffies;
        Assert.Equal(JiffyTime(expected, hz), new SleepTimer(hz).WakeTime(TimeSpan.Zero, 10_000));
    }

    [Theory] // KH-6a: T is rounded up: 3, 3, 1, 2 and 4 jiffies; one more for the bucket
    [InlineData(250, 10, 4)]
    [InlineData(300, 10, 4)]
    [InlineData(100, 10, 2)]
    [InlineData(1000, 1, 2)]
    [InlineData(300, 7, 4)]
    [InlineData(300, 11, 5)]
    public void Milliseconds_become_jiffies_rounded_up(int hz, long sleepMs, long wakeJiffy)
    {
        Assert.Equal(JiffyTime(wakeJiffy, hz), new SleepTimer(hz).WakeTime(TimeSpan.Zero, sleepMs));
    }

    [Theory] // KH-6a: alloc_sleep; the start is anywhere inside its jiffy
    [InlineData(2_000, 2_000, 2_032)]
    [InlineData(60_000, 60_000, 62_050)]
    public void Slack_of_the_alloc_sleep_stays_inside_the_rule(long sleepMs, double leastMs, double mostMs)
    {
        var timer = new SleepTimer(250);
        var (least, most) = (double.MaxValue, 0.0);
        for (var start = TimeSpan.Zero; start < TimeSpan.FromSeconds(3); start += TimeSpan.FromMicroseconds(499))
        {
            var sleptMs = (timer.WakeTime(start, sleepMs) - start).TotalMilliseconds;
            (least, most) = (Math.Min(least, sleptMs), Math.Max(most, sleptMs));
        }

        Assert.InRange(least, leastMs, leastMs + 8);
        Assert.InRange(most, mostMs - 8, mostMs);
    }

    [Theory] // KH-6a: thresholds 63, 504, 4032, 32256, 258048; at HZ=1000 a jiffy is 1 ms
    [InlineData(62, 1)]
    [InlineData(63, 8)]
    [InlineData(503, 8)]
    [InlineData(504, 64)]
    [InlineData(4_031, 64)]
    [InlineData(4_032, 512)]
    [InlineData(32_255, 512)]
    [InlineData(32_256, 4_096)]
    [InlineData(258_047, 4_096)]
    [InlineData(258_048, 32_768)]
    [InlineData(1_056_964_607, 16_777_216)]
    public void Granularity_grows_eightfold_at_each_threshold(long sleepMs, long granularityMs)
    {
        Assert.Equal(
            TimeSpan.FromMilliseconds((sleepMs / granularityMs + 1) * granularityMs),
            new SleepTimer(1000).WakeTime(TimeSpan.Zero, sleepMs));
    }

    [Theory] // the kernel's WHEEL_TIMEOUT_MAX: 9 levels above HZ=100, else 8
    [InlineData(1000, 63L << 24)]
    [InlineData(100, 63L << 21)]
    public void A_sleep_beyond_the_last_level_is_cut_to_it(int hz, long wakeJiffy)
    {
        var wake = new SleepTimer(hz).WakeTime(TimeSpan.Zero, uint.MaxValue);
        Assert.Equal(JiffyTime(wakeJiffy, hz), wake);
    }

    [Fact] // KH-6a: every wake is congruent to φ modulo g, and comes T to T+g+1 jiffies after the start
    public void Every_wake_lies_on_the_boot_phase_grid()
    {
        var cases = Gen.Select(Gen.Int[0, 3], Gen.Long[0, 100_000_000_000], Gen.Long[1, 300_000], Gen.Long[-600, 600]);
        cases.Sample((frequency, startTicks, sleepMs, phase) =>
        {
            int[] frequencies = [100, 250, 300, 1000];
            var hz = frequencies[frequency];
            var start = new TimeSpan(startTicks);
            var wakeJiffy = JiffyOf(new SleepTimer(hz, phase).WakeTime(start, sleepMs), hz);
            var sleepJiffies = (sleepMs * hz + 999) / 1000;
            var granularity = sleepJiffies < 63 ? 1 : sleepJiffies < 504 ? 8 : sleepJiffies < 4032 ? 64
                : sleepJiffies < 32256 ? 512 : sleepJiffies < 258048 ? 4096 : 32768;
            var late = wakeJiffy - JiffyOf(start, hz) - sleepJiffies;
            return (wakeJiffy - phase) % granularity == 0 && late >= 1 && late <= granularity;
        });
    }

    [Fact]
    public void A_sleep_of_nothing_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SleepTimer(250).WakeTime(TimeSpan.Zero, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SleepTimer(0));
    }

    private static TimeSpan JiffyTime(long jiffy, int hz) =>
        new((jiffy * TimeSpan.TicksPerSecond + hz - 1) / hz);

    private static long JiffyOf(TimeSpan time, int hz) => time.Ticks * hz / TimeSpan.TicksPerSecond;
}
