using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Actors.Tests.SelfTest;

/// <summary>Who is to collapse the region (ST-0).</summary>
public enum Procedure
{
    /// <summary>khugepaged, within two full scans.</summary>
    K,
    /// <summary>MADV_COLLAPSE with THP switched off in sysfs.</summary>
    M,
}

/// <summary>The environment of the kernel's khugepaged self-test and its two procedures (selftest-cases.md).</summary>
public abstract class SelfTestStage : KernelStage
{
    /// <summary>Start of the region.</summary>
    protected static readonly long Region = Process.Range(0);

    /// <summary>sysfs as the self-test sets it.</summary>
    protected static readonly ThpSettings Environment = new()
    {
        Enabled = ThpEnabled.Madvise,
        Defrag = ThpDefrag.Always,
        UseZeroPage = false,
        AllocSleepMillisecs = 10,
        ScanSleepMillisecs = 10,
    };

    /// <summary>ST-0 procedures K and M: huge(0) before, huge(ranges) after iff it is expected; the region ends NOHUGEPAGE.
    /// Returns the first scan_pmd line of the process.</summary>
    protected KernelEvent AssertProcedure(Procedure procedure, Process process, int ranges, bool expected)
    {
        Assert.Equal(0, process.Mm.HugeRanges);
        long others = Counters.PagesCollapsed;
        Events.Clear();
        if (procedure == Procedure.K)
        {
            RunKhugepaged(process, ranges);
            Assert.Equal(others + (expected ? ranges : 0), Counters.PagesCollapsed);
        }
        else
        {
            RunMadviseCollapse(process, ranges, expected);
        }

        Assert.Equal(expected ? ranges : 0, process.Mm.HugeRanges);
        AssertSound();
        return Events.Of(KernelEventKind.ScanPmd).FirstOrDefault(line => line.Mm == process.Mm.Id);
    }

    /// <summary>A scan_pmd line as ST-16 lists it. MADV_COLLAPSE never counts references (KH-46a).</summary>
    protected static void AssertLine(KernelEvent line, ScanResult status, int referenced, int noneOrZero, int visited = 512)
    {
        Assert.Equal((status, noneOrZero, visited), (line.Status, line.NoneOrZero, (int)line.Extra));
        Assert.Equal(line.Flag ? referenced : 0, line.Referenced);
    }

    /// <summary>ST-0 helper H: a huge page by MADV_COLLAPSE, advised.</summary>
    protected Process StartWithHugePage(KernelSwitches switches, ThpSettings? thp = null)
    {
        Boot(switches, thp ?? Environment);
        Process task = Start();
        task.MapFilled(1);
        Assert.Equal(Errno.None, Collapse(task));
        Assert.Equal(1, task.Mm.HugeRanges);
        task.Advise(Advice.HugePage, Region);
        FinishPass();
        return task;
    }

    /// <summary>Advice on the first page and then on all splits the area and with it the huge PMD (ST-9).</summary>
    protected static void SplitPmd(Process process)
    {
        process.AdvisePages(Advice.NoHugePage, Region, 0, 1);
        process.Advise(Advice.NoHugePage, Region);
        Assert.Equal((0, 512), (process.Mm.HugeRanges, process.Table(Region).Present.Count()));
    }

    private void RunKhugepaged(Process process, int ranges)
    {
        long scans = Counters.FullScans;
        process.Advise(Advice.HugePage, Region, ranges);
        TimeSpan limit = Now + TimeSpan.FromSeconds(3);
        while (process.Mm.HugeRanges < ranges && Counters.FullScans < scans + 2 && Now < limit)
        {
            AdvanceBy(TimeSpan.FromMilliseconds(1));
        }

        FinishPass();
        process.Advise(Advice.NoHugePage, Region, ranges);
    }

    private void RunMadviseCollapse(Process process, int ranges, bool expected)
    {
        ThpSettings saved = Machine.Thp;
        Machine.Thp = saved with { Enabled = ThpEnabled.Never };
        process.Advise(Advice.HugePage, Region, ranges);
        Errno errno = Collapse(process, ranges);
        Assert.Equal(expected, errno == Errno.None);
        Machine.Thp = saved;
        process.Advise(Advice.NoHugePage, Region, ranges);
    }
}
