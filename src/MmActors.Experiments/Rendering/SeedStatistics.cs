using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace MmActors.Experiments.Rendering;

/// <summary>One figure over several seeds.</summary>
/// <param name="Count">Seeds that have it.</param>
/// <param name="Mean">Arithmetic mean.</param>
/// <param name="HalfWidth">Half of the confidence interval of the mean; null for a single seed.</param>
internal readonly record struct SeedStatistics(int Count, double Mean, double? HalfWidth)
{
    /// <summary>Share of such intervals that hold the true mean.</summary>
    public const double Confidence = 0.95;

    /// <summary>Student's interval of the values; null when there are none.</summary>
    public static SeedStatistics? Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
        {
            return null;
        }

        double mean = values.Mean();
        if (values.Count == 1)
        {
            return new SeedStatistics(1, mean, null);
        }

        double quantile = StudentT.InvCDF(0, 1, values.Count - 1, (1 + Confidence) / 2);
        return new SeedStatistics(values.Count, mean, quantile * values.StandardDeviation() / Math.Sqrt(values.Count));
    }

    /// <summary>Whether both have an interval and the two have no point in common.</summary>
    public bool IsSeparateFrom(SeedStatistics other) =>
        HalfWidth is { } mine && other.HalfWidth is { } theirs && Math.Abs(Mean - other.Mean) > mine + theirs;
}
