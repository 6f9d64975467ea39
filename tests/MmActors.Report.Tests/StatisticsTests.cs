using MmActors.Experiments.Rendering;

namespace MmActors.Report.Tests;

/// <summary>Means and intervals against tables of Student's t: 4.302653 for two degrees of freedom, 12.706205 for one.</summary>
public class StatisticsTests
{
    [Fact]
    public void The_interval_is_students_of_the_mean()
    {
        var statistics = SeedStatistics.Of([1, 2, 3])!.Value;
        Assert.Equal((3, 2.0), (statistics.Count, statistics.Mean));
        Assert.Equal(4.302653 / Math.Sqrt(3), statistics.HalfWidth!.Value, 5);
        Assert.Equal(12.706205 * 0.5, SeedStatistics.Of([4, 5])!.Value.HalfWidth!.Value, 5);
    }

    [Fact]
    public void One_value_has_no_interval_and_none_no_mean()
    {
        Assert.Null(SeedStatistics.Of([7])!.Value.HalfWidth);
        Assert.Null(SeedStatistics.Of([]));
    }

    [Theory] // half widths 2.484 each: apart by more than 4.968 or not
    [InlineData(new double[] { 1, 2, 3 }, new double[] { 6, 7, 8 }, true)]
    [InlineData(new double[] { 1, 2, 3 }, new double[] { 5.9, 6.9, 7.9 }, false)]
    [InlineData(new double[] { 4 }, new double[] { 9 }, false)]
    [InlineData(new double[] { 4, 4 }, new double[] { 9, 9 }, true)]
    public void Intervals_separate_when_they_share_no_point(double[] one, double[] other, bool separate)
    {
        Assert.Equal(separate, SeedStatistics.Of(one)!.Value.IsSeparateFrom(SeedStatistics.Of(other)!.Value));
        Assert.Equal(separate, SeedStatistics.Of(other)!.Value.IsSeparateFrom(SeedStatistics.Of(one)!.Value));
    }
}
