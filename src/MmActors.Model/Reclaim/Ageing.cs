namespace MmActors.Model.Reclaim;

/// <summary>When a pair of lists has too few inactive pages (RC-18). All sizes are the flushed ones (RC-16g).</summary>
public static class Ageing
{
    /// <summary>log2 of the pages of 1 GiB.</summary>
    private const int GigabyteShift = 18;

    /// <summary>How many active pages one inactive page stands for: 1 below 1 GiB of the pair, else
    /// floor(sqrt(10 × GiB)).</summary>
    public static int InactiveRatio(long inactive, long active)
    {
        long gigabytes = (inactive + active) >> GigabyteShift;
        return gigabytes == 0 ? 1 : FloorSqrt(10 * gigabytes);
    }

    /// <summary>Whether the active list must give pages: inactive × ratio &lt; active.</summary>
    public static bool InactiveIsLow(long inactive, long active) => inactive * InactiveRatio(inactive, active) < active;

    /// <summary>The floating-point root is at most one off for any memory size; the integers decide.</summary>
    private static int FloorSqrt(long value)
    {
        int root = (int)Math.Sqrt(value);
        while ((long)root * root > value)
        {
            root--;
        }

        while ((root + 1L) * (root + 1L) <= value)
        {
            root++;
        }

        return root;
    }
}
