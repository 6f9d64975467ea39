using MmActors.Actors;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Conformance.Tests.SelfTest;

/// <summary>What became of a script.</summary>
/// <param name="World">The machine at the end of the script.</param>
/// <param name="Events">Everything that happened.</param>
internal sealed record SelfTestRun(World World, IReadOnlyList<KernelEvent> Events)
{
    /// <summary>Nonzero pages that the tasks counted in all, children included.</summary>
    public long Counted => World.Report.Tasks.Sum(static task => task.NonzeroPagesCounted);

    /// <summary>smaps of a task at a snapshot.</summary>
    public SmapsFigures At(string snap, string task = SelfTestMachine.Task) =>
        World.Report.Snaps.Single(survey => survey.Name == snap).Tasks.Single(entry => entry.Task == task).Figures;

    /// <summary>Growth of a vmstat counter between two snapshots.</summary>
    public long Grown(VmCounter counter, string from, string to) => Stat(counter, to) - Stat(counter, from);

    /// <summary>A vmstat counter at a snapshot.</summary>
    public long Stat(VmCounter counter, string snap) =>
        World.Report.Snaps.Single(survey => survey.Name == snap).Vmstat[(int)counter];

    /// <summary>The events between two snapshots; a name nobody took stands for the start.</summary>
    public IEnumerable<KernelEvent> Between(string from, string to) =>
        (World.Report.Snaps.Any(snap => snap.Name == from) ? Events.SkipWhile(line => !IsSnap(line, from)) : Events).TakeWhile(line => !IsSnap(line, to));

    /// <summary>scan_pmd lines of a task between two snapshots.</summary>
    public KernelEvent[] Lines(string from, string to, string task = SelfTestMachine.Task) =>
        [.. Between(from, to).Where(line => line.Kind == KernelEventKind.ScanPmd && NameOf(line.Mm) == task)];

    /// <summary>scan_pmd lines of a task.</summary>
    public KernelEvent[] Lines(string task = SelfTestMachine.Task) =>
        [.. Events.Where(line => line.Kind == KernelEventKind.ScanPmd && NameOf(line.Mm) == task)];

    /// <summary>Progress of the VISITs of every pass.</summary>
    public long[][] Passes()
    {
        List<List<long>> passes = [];
        foreach (KernelEvent line in Events)
        {
            if (line.Kind == KernelEventKind.PassBegin)
            {
                passes.Add([]);
            }
            else if (line.Kind == KernelEventKind.Visit)
            {
                passes[^1].Add(line.Amount);
            }
        }

        return [.. passes.Select(static visits => visits.ToArray())];
    }

    /// <summary>The page table of a range of the first task's region, at the end.</summary>
    public PteTable Table(int range = 0) => Entry(range).Table!;

    /// <summary>Head of the huge page of a range of a task's region, at the end.</summary>
    public int HugeHead(int range = 0, int task = 0) => Entry(range, task).Huge!.Head;

    private PmdEntry Entry(int range, int task = 0) =>
        World.Report.Spaces[task].Directory.Find(0x1000_0000_0000 + ((long)range << Geometry.PmdShift));

    /// <summary>Name of the task an event belongs to.</summary>
    public string NameOf(int mm) => World.Report.Tasks.First(task => task.Mm == mm).Name;

    /// <summary>ST-0: huge(0) before the procedure, huge(ranges) after it iff that is expected. khugepaged had its two full
    /// scans before "no" is believed, unless no mm is on its list; MADV_COLLAPSE returned 0 iff it was to.</summary>
    public void RequireOutcome(Procedure procedure, string phase, bool expected, int ranges = 1, string task = SelfTestMachine.Task)
    {
        (string begin, string end) = (phase + ":begin", phase + ":end");
        Assert.Equal(0, At(begin, task).HugeRanges);
        Assert.Equal(expected ? ranges : 0, At(end, task).HugeRanges);
        if (procedure == Procedure.K)
        {
            int fullScans = Between(begin, end).Count(static line => line is { Kind: KernelEventKind.Visit, Writable: true });
            Assert.True(expected || fullScans >= 2 || Events.All(static line => line.Kind != KernelEventKind.Register), $"{phase}: {fullScans} full scans");
        }
        else
        {
            KernelEvent returned = Between(begin, end).Single(static line => IsCollapse(line));
            Assert.Equal(expected, returned.Amount == 0);
        }
    }

    /// <summary>ST-16: the first attempt of the procedure on every range ends so; MADV_COLLAPSE counts no references
    /// (KH-46a). What khugepaged says of the range later follows from that. A pass under way when the child copied its pages
    /// may come first: it finds them in the add batch, once (page_not_in_lru, as in the recording).</summary>
    public void RequireLines(
        Procedure procedure, string phase, ScanResult status, (int Referenced, int NoneOrZero, int Unmapped, int Visited) numbers,
        int ranges = 1, string task = SelfTestMachine.Task)
    {
        KernelEvent[] all = [.. Lines(phase + ":begin", phase + ":end", task).Where(line => line.Flag == (procedure == Procedure.K))];
        bool early = task != SelfTestMachine.Task && procedure == Procedure.K && all[0].Status == ScanResult.PageLru;
        KernelEvent[] lines = early ? all[1..] : all;
        int referenced = procedure == Procedure.K ? numbers.Referenced : 0;
        Assert.Equal(
            Enumerable.Repeat((status, referenced, numbers.NoneOrZero, numbers.Unmapped, (long)numbers.Visited), ranges),
            lines.Take(ranges).Select(static line => (line.Status, line.Referenced, line.NoneOrZero, line.Unmapped, line.Extra)));
        ScanResult later = status == ScanResult.Succeed ? ScanResult.PmdMapped : status;
        Assert.All(lines.Skip(ranges), line => Assert.Equal(later, line.Status));
        RequireFailuresInTheScan(phase + ":begin", phase + ":end");
        Assert.True(procedure == Procedure.M ? lines.Length == ranges : lines.Length > 20 * ranges, $"{phase}: {lines.Length} lines");
    }

    /// <summary>KH-32: whatever did not succeed failed in the scan loop already, with a scan_pmd line alone and without a huge
    /// page (KH-31).</summary>
    public void RequireFailuresInTheScan(string from, string to)
    {
        KernelEvent[] events = [.. Between(from, to)];
        int succeeded = events.Count(static line => line is { Kind: KernelEventKind.ScanPmd, Status: ScanResult.Succeed });
        Assert.Equal(succeeded, events.Count(static line => line.Kind == KernelEventKind.CollapseIsolate));
        Assert.Equal(succeeded, events.Count(static line => line.Kind == KernelEventKind.CollapseHugePage));
        Assert.Equal(succeeded, Grown(VmCounter.ThpCollapseAlloc, from, to));
    }

    private bool IsSnap(in KernelEvent line, string name) =>
        line.Kind == KernelEventKind.Snap && World.Report.Snaps[(int)line.Amount - 1].Name == name;

    private static bool IsCollapse(in KernelEvent line) =>
        line.Kind == KernelEventKind.Madvise && line.Extra == (long)Advice.Collapse;
}
