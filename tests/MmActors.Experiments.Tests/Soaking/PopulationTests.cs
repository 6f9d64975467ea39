using MmActors.Experiments.Populations;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Experiments.Tests.Soaking;

/// <summary>Who comes when, and with what program.</summary>
public class PopulationTests
{
    private static readonly ByteSize Memory = ByteSize.FromMebibytes(64 * 1024);

    [Theory]
    [InlineData(64, new[] { 12, 12, 6, 14, 8, 12 })] // the weights add up to 64
    [InlineData(32, new[] { 6, 6, 3, 7, 4, 6 })]
    [InlineData(1, new[] { 0, 0, 0, 1, 0, 0 })] // the largest remainder: 14 of 64
    [InlineData(3, new[] { 1, 1, 0, 1, 0, 0 })] // exactly 0.5625, 0.5625, 0.28, 0.66, 0.375, 0.5625; of equals the first
    public void Places_are_shared_out_by_weight_with_the_largest_remainders(int tasks, int[] shares) =>
        Assert.Equal(shares, Population.Shares(PopulationSpec.Default with { Tasks = tasks }));

    [Fact]
    public void A_task_is_drawn_from_the_seed_by_its_name()
    {
        Population one = new(PopulationSpec.Default, Memory, seed: 1);
        Population same = new(PopulationSpec.Default, Memory, seed: 1);
        Population other = new(PopulationSpec.Default, Memory, seed: 2);
        string first = Told(one.Begin());
        Assert.Equal(first, Told(same.Begin()));
        Assert.NotEqual(first, Told(other.Begin()));

        // Who follows in one place does not depend on what happened in the others.
        one.Follow(5);
        one.Follow(5);
        Assert.Equal(Told([one.Follow(0)!]), Told([same.Follow(0)!]));
    }

    [Fact]
    public void A_place_is_empty_for_an_exponential_time()
    {
        // Mean and standard deviation of an exponential distribution are equal. Its largest values, above six means (one in
        // 403), are cut: that takes 0.25 % off the mean and 1.5 % off the deviation. 4 000 draws: 1.6 % standard error.
        var population = new Population(PopulationSpec.Default, Memory, seed: 7);
        double[] gaps = [.. Enumerable.Range(0, 4000).Select(_ => population.Follow(0)!.Delay / PopulationSpec.Default.Gap)];
        double mean = gaps.Average();
        double deviation = Math.Sqrt(gaps.Average(gap => (gap - mean) * (gap - mean)));
        Assert.InRange(mean, 0.95, 1.05);
        Assert.InRange(deviation, 0.92, 1.05);
        Assert.InRange(gaps.Max(), 5, 6);
        Assert.InRange(gaps.Count(static gap => gap < Math.Log(2)), 1900, 2100); // the median
    }

    [Fact]
    public void Tasks_of_a_class_want_its_share_of_the_memory_together()
    {
        // 36 % of 64 GiB for 12 servers: 983 ranges of 2 MiB each, drawn between half and one and a half of that.
        var population = new Population(PopulationSpec.Default, Memory, seed: 3);
        double[] ranges = [.. Enumerable.Range(0, 2000).Select(_ => (double)Mapped(population.Follow(0)!))];
        Assert.InRange(ranges.Min(), 491, 540);
        Assert.InRange(ranges.Max(), 1430, 1475);
        Assert.InRange(ranges.Average(), 970, 996);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    [InlineData(24)]
    [InlineData(30)]
    [InlineData(44)]
    [InlineData(52)]
    public void A_program_ends_when_its_time_is_over_and_stays_within_its_memory(int slot)
    {
        var population = new Population(PopulationSpec.Default, ByteSize.FromMebibytes(4096), seed: 11);
        IStepSource program = population.Follow(slot)!.Program;
        TimeSpan now = TimeSpan.FromHours(5);
        long bytes = 0;
        int steps = 0;
        for (; program.Next(now) is { } step; steps++)
        {
            now += step is SleepStep sleep ? sleep.Duration : TimeSpan.FromMilliseconds(1);
            bytes = step is MapStep map ? map.Size.Bytes : bytes;
            foreach (RegionSpan span in Spans(step))
            {
                Assert.InRange(span.Offset.Bytes + (span.Length?.Bytes ?? 1), 1, bytes);
            }
        }

        Assert.True(steps > 10);
        Assert.Null(program.Next(now));
    }

    private static IEnumerable<RegionSpan> Spans(Step step) => step switch
    {
        AccessStep access => [access.Span],
        MadviseStep { Advice: not Advice.HugePage } madvise => [madvise.Span],
        ForkStep fork => fork.Body.SelectMany(Spans),
        _ => [],
    };

    private static long Mapped(Arrival arrival) =>
        Assert.IsType<MapStep>(arrival.Program.Next(TimeSpan.Zero)).Size.Bytes / Geometry.PmdSize;

    private static string Told(IReadOnlyList<Arrival> arrivals) =>
        string.Join('\n', arrivals.Select(static arrival => $"{arrival.Task.Name} {arrival.Delay.Ticks} {Mapped(arrival)}"));
}
