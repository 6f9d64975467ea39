using System.Collections.Immutable;
using MmActors.Actors;
using MmActors.Actors.Protocol;
using MmActors.Actors.Tasks;
using MmActors.Experiments.Results;
using MmActors.Model;
using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Model.Units;
using MmActors.Runtime;
using MmActors.Tracing;

namespace MmActors.Experiments.Running;

/// <summary>Turns a world at rest into the result that is reported.</summary>
internal static class VariantResults
{
    /// <summary>Status under which VISITs and stepped-over VMAs are filed in the budget.</summary>
    private const string VisitsAndVmas = "visit_and_vmas";

    private const long KilobytesPerPage = Geometry.PageSize / 1024;

    /// <summary>Collects everything.</summary>
    public static VariantResult From(
        RunRequest request, World world, ScanBudget budget, ReclaimTally reclaim, IRunKernel kernel, bool complete, TimeSpan wall) => new()
        {
            Name = request.Variant.Name,
            Hash = world.Events.Hash,
            Switches = request.Variant.Switches,
            Preset = request.Variant.Preset,
            SimulatedSeconds = (complete ? request.Scenario.Duration : kernel.Now).TotalSeconds,
            WallSeconds = wall.TotalSeconds,
            Partial = !complete,
            Steps = kernel.Steps,
            Tasks = [.. world.Report.Tasks.Where(static task => task.HasMemory).Select(ToTask)],
            Khugepaged = Khugepaged(world.Report, budget),
            Vmstat = Counters(world.Context.Vmstat),
            OomKills = (int)world.Context.Vmstat[VmCounter.OomKill],
            Reclaim = Reclaim(reclaim, world.Context.Vmstat, world.Context.Thp.MaxPtesNone),
            CgroupWrites = [.. world.Report.CgroupWrites.Select(ToWrite)],
            Snaps = [.. world.Report.Snaps.Select(ToSnap)],
            Timeline = Timeline(world.Report, budget),
        };

    private static TaskResult ToTask(TaskReport task) => new()
    {
        Name = task.Name,
        HugeRanges = task.Smaps.HugeRanges,
        Ranges = task.Ranges,
        RssPages = task.Smaps.RssPages,
        SwapPages = task.Smaps.SwapPages,
        LazyfreePages = task.Smaps.LazyfreePages,
        Measured = task.Measured is { } measured ? ToMeasured(measured) : null,
        StalledSeconds = task.Stalled.TotalSeconds,
        Fault = task.Fault,
    };

    private static MeasuredAccess ToMeasured(AccessMeasurement measured) => new(
        measured.Elapsed.TotalSeconds,
        measured.Cycles / measured.Accesses,
        measured.Accesses / measured.Elapsed.TotalSeconds / 1e6,
        (long)Math.Round(measured.Misses),
        measured.Start.TotalSeconds,
        measured.HugeRangesAtStart,
        measured.HugeRangesAtEnd);

    private static KhugepagedResult Khugepaged(WorldReport report, ScanBudget budget)
    {
        List<TaskStatuses> charges = [];
        List<TaskStatuses> counts = [];
        foreach (TaskReport task in report.Tasks)
        {
            if (budget[task.Mm] is { } tally)
            {
                counts.Add(new TaskStatuses(task.Name, [.. tally.Statuses.Select(static entry =>
                    new StatusAmount(entry.Status.Text(), entry.Ranges))]));
                charges.Add(new TaskStatuses(task.Name, [
                    .. tally.Statuses.Select(static entry => new StatusAmount(entry.Status.Text(), entry.Charge)),
                    new StatusAmount(VisitsAndVmas, tally.VisitsAndVmas)]));
            }
        }

        return new KhugepagedResult
        {
            PagesCollapsed = report.Khugepaged.PagesCollapsed,
            FullScans = report.Khugepaged.FullScans,
            Passes = budget.Passes,
            Budget = [.. charges],
            Statuses = [.. counts],
            Scans = [.. budget.Traversals.Select(static scan => new FullScan(
                scan.Start.TotalSeconds, scan.End.TotalSeconds, scan.Progress, scan.Passes, scan.Visits))],
        };
    }

    private static ReclaimResult Reclaim(ReclaimTally tally, VmStat vmstat, int maxPtesNone) => new()
    {
        PressureSeconds = tally.PressureBegan?.TotalSeconds,
        CollapsedBefore = tally.CollapsedBefore,
        CollapsedAfter = tally.CollapsedAfter,
        LazyCollapsedBefore = tally.LazyCollapsedBefore,
        HollowCollapsedAfter = tally.HollowCollapsedAfter,
        LazyfreedPages = vmstat[VmCounter.PgLazyfreed],
        SwappedOutPages = vmstat[VmCounter.PswpOut],
        SwappedInPages = vmstat[VmCounter.PswpIn],
        MajorFaults = vmstat[VmCounter.PgMajFault],
        ThpsSwapped = vmstat[VmCounter.ThpSwpOut],
        ThpsWalked = tally.Walked,
        ThpsSplit = tally.Split,
        UnderusedSplit = vmstat[VmCounter.ThpUnderusedSplitPage],
        SplitFreedKb = tally.PagesRegained * KilobytesPerPage,
        MaxPtesNone = maxPtesNone,
    };

    private static CgroupWriteResult ToWrite(CgroupWriteReport write) => new(
        write.Time.TotalSeconds, write.Task, write.Group, MemcgFiles.NameOf(write.File),
        write.Pages == MemcgLimits.Unlimited ? null : write.Pages * KilobytesPerPage,
        Name(write.Errno), write.ReclaimedPages * KilobytesPerPage);

    private static string? Name(Errno errno) => errno switch
    {
        Errno.None => null,
        Errno.Again => "EAGAIN",
        Errno.NoMemory => "ENOMEM",
        Errno.Busy => "EBUSY",
        Errno.Invalid => "EINVAL",
        _ => throw new ArgumentOutOfRangeException(nameof(errno), errno, "not an errno of the protocol"),
    };

    private static ImmutableArray<CounterDelta> Counters(VmStat vmstat) =>
        [.. Enum.GetValues<VmCounter>()
            .Select(counter => new CounterDelta(VmStat.Name(counter), vmstat[counter]))];

    private static SnapResult ToSnap(SurveyResult survey) => new(
        survey.Name!,
        survey.Time.TotalSeconds,
        [.. survey.Tasks.Where(static task => task.IsAlive && task.HasMemory).Select(static task => new SnapTask(
            task.Task,
            task.Figures.RssPages * KilobytesPerPage,
            (long)task.Figures.HugeRanges * Geometry.PtesPerTable * KilobytesPerPage,
            task.Figures.LazyfreePages * KilobytesPerPage,
            task.Figures.SwapPages * KilobytesPerPage))])
    {
        Groups = [.. survey.Groups.Select(static group => new SnapGroup(group.Path, group.UsagePages * KilobytesPerPage))],
    };

    private static ImmutableArray<TimelinePoint> Timeline(WorldReport report, ScanBudget budget)
    {
        ILookup<long, IntervalCount> counts = budget.Intervals().ToLookup(static count => count.Interval);
        return [.. report.Timeline.Select((survey, index) => new TimelinePoint(
            survey.Time.TotalSeconds,
            [.. survey.Tasks.Where(static task => task.HasMemory).Select(static task =>
                new TaskHugeRanges(task.Task, task.Figures.HugeRanges))],
            [.. counts[index].GroupBy(static count => count.Mm).Select(task => new TaskStatuses(
                report.Tasks[task.Key - 1].Name,
                [.. task.Select(static count => new StatusAmount(count.Status.Text(), count.Ranges))]))]))];
    }
}
