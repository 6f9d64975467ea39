using MmActors.Model.AddressSpaces;

namespace MmActors.Conformance.Tests;

/// <summary>The benchmark that started it all on a stock Linux 6.18, while a physical-address monitor moved accessed bits into
/// the folios' Y. Which pages it had marked is chance; that the ranges are collapsed, which and when, is not (RN-25).</summary>
public class SeedRunTests
{
    private const string Name = "real-6.18-seed";
    private const int Passes = 16;
    private const int PerPass = 8;

    /// <summary>Ranges of cold that were scanned before it read them again.</summary>
    private static readonly Range Untouched = 64..120;

    [Fact]
    public void KH_29_lazyfree_ranges_with_residual_young_pages_are_collapsed_as_recorded()
    {
        var recording = new Recording(Name);
        SimulatedRun run = recording.Simulate();
        string[][] recorded = [.. recording.Scans.Select(static line => line.Split(','))];
        string[][] simulated = [.. run.Ranges.Select(static line => line.Split(','))];
        Assert.Equal(Passes * PerPass, recorded.Length);
        Assert.Equal(
            recorded.Select(static row => (row[1], row[2], row[4], row[5])),
            simulated.Select(static row => (row[1], row[3], row[5], row[6])));
        Assert.Equal(recorded[..64].Select(static row => row[3]), simulated[..64].Select(static row => row[4]));
        double recordedMean = recorded[Untouched].Average(static row => double.Parse(row[3]));
        double simulatedMean = simulated[Untouched].Average(static row => double.Parse(row[4]));
        Assert.InRange(simulatedMean, recordedMean * 0.9, recordedMean * 1.1);
        Assert.All(simulated[Untouched], static row => Assert.InRange(int.Parse(row[4]), 20, 80));
    }

    /// <summary>The last page freed waits in the batch of its CPU for the next drain (SM-17); the recording's sampler, which
    /// is not in the script, brought one early.</summary>
    [Fact]
    public void RN_25_memory_is_huge_and_lazyfree_as_recorded()
    {
        var recording = new Recording(Name);
        SimulatedRun run = recording.Simulate();
        foreach (string[] row in recording.Snaps.Select(static line => line.Split(',')))
        {
            SmapsFigures smaps = run.Smaps(row[0], row[1]);
            Assert.Equal((row[0], row[1], long.Parse(row[3])), (row[0], row[1], smaps.HugeRanges * 2048L));
            long pending = row[0] == "t016" && row[1] == "cold" ? 1 : 0;
            Assert.Equal((row[0], row[1], long.Parse(row[4])), (row[0], row[1], (smaps.LazyfreePages + pending) * 4));
        }

        Assert.Equal((32_768L, 128L), (run.Counter("(end)", "pglazyfree"), run.Counter("(end)", "thp_collapse_alloc")));
    }

    /// <summary>KH-6a: 10.24 s. The first sleep began off the grid, and ends on it; where the grid lies is a matter of the
    /// boot.</summary>
    [Fact]
    public void KH_6a_passes_of_eight_follow_each_other_by_the_recorded_period()
    {
        var recording = new Recording(Name);
        double[] recorded = Begins([.. recording.Scans.Select(static line => double.Parse(line.Split(',')[0]))]);
        double[] simulated = Begins([.. recording.Simulate().RangeTimes.Select(static time => time.TotalMilliseconds)]);
        Assert.Equal((Passes, Passes), (recorded.Length, simulated.Length));
        for (int pass = 2; pass < Passes; pass++)
        {
            double period = recorded[pass] - recorded[pass - 1];
            Assert.InRange(simulated[pass] - simulated[pass - 1], period * 0.997, period * 1.003);
        }

        Assert.InRange(recorded[1] - recorded[0], 10_000, 10_260);
        Assert.InRange(simulated[1] - simulated[0], 10_000, 10_260);
    }

    [Fact]
    public void KH_29_the_seed_decides_which_pages_stay_young()
    {
        var recording = new Recording(Name);
        List<string> first = recording.Simulate().Ranges;
        Assert.Equal(first, recording.Simulate().Ranges);
        Assert.NotEqual(first, recording.Simulate(seed: 2).Ranges);
    }

    /// <summary>Times of the first range of every pass; each pass has eight.</summary>
    private static double[] Begins(double[] times)
    {
        const double Pause = 5000;
        double[] begins = [.. times.Where((time, index) => index == 0 || time - times[index - 1] > Pause)];
        Assert.All(begins, begin => Assert.Equal(PerPass, times.Count(time => time >= begin && time < begin + Pause)));
        return begins;
    }
}
