using MmActors.Model.Coverage;

namespace MmActors.Model.Reclaim;

/// <summary>The balance between the lists in one visit: get_scan_count (RC-15, RC-16).</summary>
public static class ScanBalance
{
    private const int MaxSwappiness = 200;

    /// <summary>The first of RC-16 (a)…(f) that holds.</summary>
    public static ScanFocus FocusOf(in BalanceInput input)
    {
        if (!input.CanSwap || (input.IsMemcgReclaim && input.Swappiness == 0))
        {
            return ScanFocus.FileOnly;
        }

        if (input.Priority == 0 && input.Swappiness > 0)
        {
            return ScanFocus.Equal;
        }

        if (!input.IsMemcgReclaim && input.FileIsTiny && !input.MayDeactivateAnon
            && (input.NodeInactiveAnon ?? input.Sizes.InactiveAnon) >> input.Priority > 0)
        {
            return ScanFocus.AnonOnly;
        }

        return FileCanBeTrimmed(input) ? ScanFocus.FileOnly : ScanFocus.Proportional;
    }

    /// <summary>Whether anon is spared because of RC-16e and nothing above it: "cache trim", which kswapd gives up when
    /// it frees nothing (RC-11).</summary>
    public static bool IsCacheTrim(in BalanceInput input) =>
        FileCanBeTrimmed(input) && input.CanSwap && FocusOf(input) == ScanFocus.FileOnly
        && !(input.IsMemcgReclaim && input.Swappiness == 0);

    /// <summary>RC-15, RC-16: pages to scan of each list in this visit.</summary>
    public static LruPages Amounts(in BalanceInput input)
    {
        int priority = input.Priority;
        LruPages sizes = input.Sizes;
        var amounts = new LruPages(sizes.InactiveAnon >> priority, sizes.ActiveAnon >> priority,
            sizes.InactiveFile >> priority, sizes.ActiveFile >> priority);
        ScanFocus focus = FocusOf(input);
        CoverageMarks.Hit(MarkOf(input, focus));
        switch (focus)
        {
            case ScanFocus.FileOnly:
                return amounts with { InactiveAnon = 0, ActiveAnon = 0 };
            case ScanFocus.AnonOnly:
                return amounts with { InactiveFile = 0, ActiveFile = 0 };
            case ScanFocus.Equal:
                return amounts;
            default:
                (long anon, long file) = Shares(input.Swappiness, input.AnonCost, input.FileCost);
                long all = anon + file;
                return new LruPages(amounts.InactiveAnon * anon / all, amounts.ActiveAnon * anon / all,
                    amounts.InactiveFile * file / all, amounts.ActiveFile * file / all);
        }
    }

    /// <summary>RC-16f: ap and fp. An anon list is scanned with ap / (ap + fp) of its amount, a file list with the
    /// rest.</summary>
    public static (long Anon, long File) Shares(int swappiness, long anonCost, long fileCost)
    {
        long total = anonCost + fileCost;
        long anon = total + anonCost;
        long file = total + fileCost;
        long both = anon + file + 1;
        return (swappiness * both / (anon + 1), (MaxSwappiness - swappiness) * both / (file + 1));
    }

    /// <summary>RC-15: what memory.min or memory.low leaves of the lists to be scanned, at least 32 pages each.</summary>
    /// <param name="sizes">Exact list lengths of the memcg.</param>
    /// <param name="protectedPages">Effective protection; 0 leaves the sizes alone.</param>
    /// <param name="usage">Pages charged to the memcg.</param>
    public static LruPages Unprotected(in LruPages sizes, long protectedPages, long usage)
    {
        if (protectedPages <= 0)
        {
            return sizes;
        }

        long share = Math.Min(protectedPages, usage);
        return new LruPages(Rest(sizes.InactiveAnon, share, usage), Rest(sizes.ActiveAnon, share, usage),
            Rest(sizes.InactiveFile, share, usage), Rest(sizes.ActiveFile, share, usage));
    }

    private static ReclaimMark MarkOf(in BalanceInput input, ScanFocus focus) => focus switch
    {
        ScanFocus.FileOnly when !input.CanSwap => ReclaimMark.BalanceNoSwap,
        ScanFocus.FileOnly when input.IsMemcgReclaim && input.Swappiness == 0 => ReclaimMark.BalanceSwappinessZero,
        ScanFocus.FileOnly => ReclaimMark.BalanceCacheTrim,
        ScanFocus.AnonOnly => ReclaimMark.BalanceAnonOnly,
        ScanFocus.Equal => ReclaimMark.BalanceEqual,
        _ => ReclaimMark.BalanceProportional,
    };

    private static long Rest(long size, long share, long usage) =>
        Math.Max(size - (size * share / (usage + 1)), ReclaimLimits.SwapClusterMax);

    private static bool FileCanBeTrimmed(in BalanceInput input) =>
        !input.CacheTrimOff && !input.MayDeactivateFile && input.Stale.InactiveFile >> input.Priority > 0;
}
