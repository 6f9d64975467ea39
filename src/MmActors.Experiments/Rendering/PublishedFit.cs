using System.Collections.Immutable;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Rendering;

/// <summary>The constants one obtains by fitting the cost model to a published table (CM-1…3): what a preset's value
/// must be close to before a report may call it fitted.</summary>
internal static class PublishedFit
{
    /// <summary>CM-1: base and penalty through the two points (miss rate, cycles) of one machine.</summary>
    public static (double Base, double Penalty)? Cycles(PublishedMachine machine, long reads)
    {
        var without = MissRate(machine.Without, reads);
        var with = MissRate(machine.With, reads);
        if (without == with)
        {
            return null;
        }

        var penalty = (machine.Without.CyclesPerAccess - machine.With.CyclesPerAccess) / (without - with);
        return (machine.Without.CyclesPerAccess - (penalty * without), penalty);
    }

    /// <summary>CM-2: least squares of elapsed time over cycles through all published points together; the fixed work
    /// in ns per access and the clock in GHz.</summary>
    public static (double FixedNs, double Ghz)? Elapsed(ImmutableArray<PublishedMachine> machines, long reads)
    {
        var points = machines.SelectMany(machine => new[] { machine.Without, machine.With }).ToArray();
        var meanCycles = points.Average(point => point.CyclesPerAccess);
        var meanSeconds = points.Average(point => point.ElapsedSeconds);
        var spread = points.Sum(point => Square(point.CyclesPerAccess - meanCycles));
        if (spread == 0)
        {
            return null;
        }

        var slope = points.Sum(point =>
            (point.CyclesPerAccess - meanCycles) * (point.ElapsedSeconds - meanSeconds)) / spread;
        var fixedSeconds = meanSeconds - (slope * meanCycles);
        return slope <= 0 ? null : (fixedSeconds / reads * 1e9, reads / slope / 1e9);
    }

    /// <summary>CM-3: the reach at which the formula gives the published misses of a column whose buffer is all
    /// 4 KiB pages.</summary>
    public static double Reach(PublishedFigures allSmall, long reads, long pages) =>
        pages * (1 - MissRate(allSmall, reads));

    /// <summary>CM-3 solved for the number of 4 KiB pages: the ranges still unmapped as huge that a miss rate stands
    /// for at a given reach.</summary>
    public static double SmallRanges(double missRate, double reach, long pages, int ranges) =>
        missRate <= 0 ? 0 : Math.Clamp(((missRate * pages) + reach) / pages * ranges, 0, ranges);

    /// <summary>The other reading of CM-3: every access to a 4 KiB page misses as often as in a buffer that is all
    /// 4 KiB pages with 2048 entries.</summary>
    public static double SmallRangesAtDefaultReach(double missRate, long pages, int ranges) =>
        Math.Clamp(missRate / (1 - ((double)DefaultReach / pages)) * ranges, 0, ranges);

    /// <summary>CM-3: entries of the second-level dTLB when nothing is fitted.</summary>
    public const int DefaultReach = 2048;

    /// <summary>Misses per read.</summary>
    public static double MissRate(PublishedFigures figures, long reads) => (double)figures.DtlbLoadMisses / reads;

    /// <summary>Whether a preset's value is the fitted one, rounded.</summary>
    public static bool Agrees(double value, double fit) => Math.Abs(value - fit) <= 0.02 * Math.Abs(fit);

    private static double Square(double x) => x * x;
}
