using Akka.TestKit;
using MmActors.Actors.Protocol;
using MmActors.Actors.Tests.Harness;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;

namespace MmActors.Actors.Tests.Locking;

/// <summary>Who waited for whom comes with the requests: it is not worked out from times afterwards.</summary>
public class OriginTests : KernelStage
{
    private static readonly long First = Process.Range(0);

    [Fact] // two collapses at once, as khugepaged's and a task's MADV_COLLAPSE may be
    public void Each_of_two_waits_names_the_collapse_it_waited_for()
    {
        Events.FollowsSteps = true;
        Boot(Kernels.Old, thread: false);
        Process[] tasks = [Start("first"), Start("second")];
        Origin[] collapses = [new(OriginKind.Collapse, KernelThread.Khugepaged, 701), new(OriginKind.Collapse, 9, 702)];
        TestProbe[] holders = [.. tasks.Zip(collapses, LockForWrite)];
        foreach (Process task in tasks)
        {
            task.Post(new UnmapArea(First, Process.Range(1), 0));
            Assert.True(task.IsWaiting);
        }

        AdvanceBy(TimeSpan.FromMilliseconds(3));
        foreach ((Process task, TestProbe holder, Origin collapse) in tasks.Zip(holders, collapses))
        {
            int pfn = task.Pfn(First, 0);
            Assert.True(Folios.TryLock(pfn));
            holder.Send(task.Space, new IsolateRange(First, false, collapse));
            Assert.Equal(ScanResult.PageLock, holder.ExpectMsg<RangeIsolated>().Outcome.Result);
            Folios.Unlock(pfn);
        }

        AdvanceBy(TimeSpan.FromMilliseconds(1));
        Assert.All(tasks, static task => Assert.Equal(TimeSpan.FromMilliseconds(3), task.Answer().Stalled));
        Assert.Equal(
            [(1, collapses[0]), (2, collapses[1])],
            Events.Of(KernelEventKind.Stall).Select(static stall => (stall.Mm, stall.Detail!.Cause)));
        Assert.Equal(collapses, Events.Of(KernelEventKind.CollapseIsolate).Select(static isolated => isolated.Origin));
    }

    [Fact] // a writer waits for the scan of a range that is not collapsed; what comes after the VISIT is none of its doing
    public void A_wait_for_a_visit_names_the_visit()
    {
        Events.FollowsSteps = true;
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(1);
        task.Table(First).Young = Bits512.None;
        AdviseHuge(task, First);
        AdvanceInPass(RoundMachine.Drain + TimeSpan.FromMilliseconds(1));
        task.Post(new UnmapArea(First, Process.Range(1), 0));
        Assert.True(task.IsWaiting);
        FinishPass();
        KernelEvent visit = Assert.Single(Events.Steps, static step => step.Kind == KernelEventKind.VisitBegin);
        Assert.Equal((OriginKind.Visit, KernelThread.Khugepaged), (visit.Origin.Kind, visit.Origin.By));
        Assert.Equal(visit.Origin, Assert.Single(Events.Of(KernelEventKind.Stall)).Detail!.Cause);
        Assert.Equal(visit.Origin, Events.Last(KernelEventKind.ScanPmd).Origin);
    }

    [Fact]
    public void Nobody_is_named_where_nobody_asks()
    {
        Boot(Kernels.Old);
        Process task = Start();
        task.MapFilled(1);
        AdviseHuge(task, First);
        FinishPass();
        Assert.Equal(ScanResult.Succeed, Events.Last(KernelEventKind.CollapseHugePage).Status);
        Assert.All(Events.All, static line => Assert.Equal(default, line.Origin));
        Assert.Empty(Events.Steps);
    }

    private TestProbe LockForWrite(Process process, Origin collapse)
    {
        process.MapFilled(1);
        TestProbe holder = CreateTestProbe();
        holder.Send(process.Space, new RecheckRange(First, false, collapse));
        int pmdPage = holder.ExpectMsg<CollapseChecked>().PmdPage;
        holder.Send(process.Space, new LockRangeForWrite(First, false, pmdPage, collapse));
        Assert.Equal(ScanResult.Succeed, holder.ExpectMsg<CollapseChecked>().Result);
        return holder;
    }
}
