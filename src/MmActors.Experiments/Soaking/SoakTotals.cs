using MmActors.Actors;
using MmActors.Model.Memory;

namespace MmActors.Experiments.Soaking;

/// <summary>Everything that is counted, since the world began; simulated and therefore the same in every run of the same
/// seed.</summary>
public readonly record struct SoakTotals
{
    /// <summary>Events of the stream.</summary>
    public long Events { get; init; }

    /// <summary>Messages handled.</summary>
    public long Steps { get; init; }

    /// <summary>Tasks started, fork children included.</summary>
    public long Started { get; init; }

    /// <summary>Fork children among them.</summary>
    public long Forked { get; init; }

    /// <summary>Tasks that have ended.</summary>
    public long Exited { get; init; }

    /// <summary>oom_kill: tasks killed for lack of memory.</summary>
    public long OomKilled { get; init; }

    /// <summary>pgfault.</summary>
    public long Faults { get; init; }

    /// <summary>pgmajfault.</summary>
    public long MajorFaults { get; init; }

    /// <summary>thp_fault_alloc.</summary>
    public long HugeFaults { get; init; }

    /// <summary>Ranges khugepaged collapsed.</summary>
    public long Collapses { get; init; }

    /// <summary>pglazyfree.</summary>
    public long Lazyfree { get; init; }

    /// <summary>pglazyfreed.</summary>
    public long Lazyfreed { get; init; }

    /// <summary>pswpin.</summary>
    public long SwappedIn { get; init; }

    /// <summary>pswpout.</summary>
    public long SwappedOut { get; init; }

    /// <summary>thp_split_page.</summary>
    public long Splits { get; init; }

    /// <summary>thp_underused_split_page.</summary>
    public long UnderusedSplits { get; init; }

    /// <summary>pgscan_anon and pgscan_file: pages looked at on inactive lists by whomever, groups' own reclaim included.</summary>
    public long Scanned { get; init; }

    /// <summary>pageoutrun: runs of kswapd.</summary>
    public long KswapdRuns { get; init; }

    /// <summary>allocstall: passes of direct reclaim.</summary>
    public long DirectReclaims { get; init; }

    /// <summary>Full scans of khugepaged.</summary>
    public long FullScans { get; init; }

    /// <summary>What a world has counted so far.</summary>
    /// <param name="world">The world, at rest.</param>
    /// <param name="steps">Messages handled in it.</param>
    public static SoakTotals Of(World world, long steps)
    {
        VmStat vmstat = world.Context.Vmstat;
        return new SoakTotals
        {
            Events = world.Events.Count,
            Steps = steps,
            Started = world.Report.Started,
            Forked = world.Report.Forked,
            Exited = world.Report.Exited,
            OomKilled = vmstat[VmCounter.OomKill],
            Faults = vmstat[VmCounter.PgFault],
            MajorFaults = vmstat[VmCounter.PgMajFault],
            HugeFaults = vmstat[VmCounter.ThpFaultAlloc],
            Collapses = world.Report.Khugepaged.PagesCollapsed,
            Lazyfree = vmstat[VmCounter.PgLazyfree],
            Lazyfreed = vmstat[VmCounter.PgLazyfreed],
            SwappedIn = vmstat[VmCounter.PswpIn],
            SwappedOut = vmstat[VmCounter.PswpOut],
            Splits = vmstat[VmCounter.ThpSplitPage],
            UnderusedSplits = vmstat[VmCounter.ThpUnderusedSplitPage],
            Scanned = vmstat[VmCounter.PgScanAnon] + vmstat[VmCounter.PgScanFile],
            KswapdRuns = vmstat[VmCounter.PageOutRun],
            DirectReclaims = vmstat[VmCounter.AllocStall],
            FullScans = world.Report.Khugepaged.FullScans,
        };
    }

    /// <summary>What was counted between two moments.</summary>
    public static SoakTotals operator -(SoakTotals later, SoakTotals earlier) => new()
    {
        Events = later.Events - earlier.Events,
        Steps = later.Steps - earlier.Steps,
        Started = later.Started - earlier.Started,
        Forked = later.Forked - earlier.Forked,
        Exited = later.Exited - earlier.Exited,
        OomKilled = later.OomKilled - earlier.OomKilled,
        Faults = later.Faults - earlier.Faults,
        MajorFaults = later.MajorFaults - earlier.MajorFaults,
        HugeFaults = later.HugeFaults - earlier.HugeFaults,
        Collapses = later.Collapses - earlier.Collapses,
        Lazyfree = later.Lazyfree - earlier.Lazyfree,
        Lazyfreed = later.Lazyfreed - earlier.Lazyfreed,
        SwappedIn = later.SwappedIn - earlier.SwappedIn,
        SwappedOut = later.SwappedOut - earlier.SwappedOut,
        Splits = later.Splits - earlier.Splits,
        UnderusedSplits = later.UnderusedSplits - earlier.UnderusedSplits,
        Scanned = later.Scanned - earlier.Scanned,
        KswapdRuns = later.KswapdRuns - earlier.KswapdRuns,
        DirectReclaims = later.DirectReclaims - earlier.DirectReclaims,
        FullScans = later.FullScans - earlier.FullScans,
    };
}
