using MmActors.Model.Costs;

namespace MmActors.Model.Tests.Costs;

public class StatisticsWorkerTests
{
    [Theory] // RC-16g on the wheel of KH-6a: 500 jiffies become 504 at 250 Hz, 2000 become 2048 at 1000 Hz
    [InlineData(250, 0, 0, 2016)]
    [InlineData(250, 0, 2015, 2016)]
    [InlineData(250, 0, 2016, 4032)]
    [InlineData(250, 0, 20_000, 20_160)]
    [InlineData(1000, 0, 0, 2048)]
    [InlineData(1000, 0, 10_000, 10_240)]
    public void A_flush_follows_every_sleep_rounded_up_to_the_wheel(int hz, int uptimeMs, int afterMs, int expectedMs) =>
        Assert.Equal(Milliseconds(expectedMs), new StatisticsWorker(hz, Milliseconds(uptimeMs)).After(Milliseconds(afterMs)));

    [Theory] // the phase is that of the boot
    [InlineData(1000, 0, 1016)]
    [InlineData(2016, 0, 2016)]
    [InlineData(2738, 0, 1294)]
    [InlineData(2738, 1294, 3310)]
    public void The_worker_has_run_since_boot(int uptimeMs, int afterMs, int expectedMs) =>
        Assert.Equal(Milliseconds(expectedMs), new StatisticsWorker(250, Milliseconds(uptimeMs)).After(Milliseconds(afterMs)));

    private static TimeSpan Milliseconds(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
