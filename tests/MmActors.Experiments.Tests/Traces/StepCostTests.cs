using MmActors.Experiments.Results;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Events;

namespace MmActors.Experiments.Tests.Traces;

/// <summary>What is made for traces alone: nothing unless somebody asks, and never a change of the run.</summary>
public class StepCostTests
{
    [Fact]
    public void Steps_are_made_only_for_those_who_follow_them_and_change_no_hash()
    {
        var indifferent = new Counting(followsSteps: false);
        var curious = new Counting(followsSteps: true);
        VariantResult without = Run(indifferent);
        VariantResult with = Run(curious);
        VariantResult alone = Run();
        Assert.Equal((alone.Hash, alone.Steps), (without.Hash, without.Steps));
        Assert.Equal((alone.Hash, alone.Steps), (with.Hash, with.Steps));
        Assert.Equal(0, indifferent.Steps);
        Assert.Equal(
            [KernelEventKind.CollapseStep, KernelEventKind.LruIsolate, KernelEventKind.FolioWritten, KernelEventKind.ShrinkSlabBegin,
                KernelEventKind.TaskFigures, KernelEventKind.NodeFigures, KernelEventKind.VisitBegin,
                KernelEventKind.PriorityBegin, KernelEventKind.PriorityEnd], // no kswapd in it
            curious.Kinds);
        Assert.Equal(indifferent.Events, curious.Events);
    }

    /// <summary>Whose context it was is told for every event of reclaim.</summary>
    [Fact]
    public void Every_event_of_reclaim_says_whose_it_is()
    {
        var log = new Counting(followsSteps: true);
        Run(log);
        Assert.Equal(0, log.Unattributed);
        Assert.Contains(KernelThread.Khugepaged, log.Contexts);
        Assert.True(log.Contexts.Count(static by => by > 0) >= 2);
    }

    private static VariantResult Run(params IKernelEventSink[] followers)
    {
        Scenario scenario = ScenarioLoader.Load("mixed-load", ScenarioCatalog.Shipped);
        Variant variant = scenario.Variants.Single(static variant => variant.Name == "baseline");
        var request = new RunRequest(scenario, variant, scenario.Machine, 1, TlbModel.Reach) { Followers = [.. followers] };
        return ExperimentRunner.Run(request, null, CancellationToken.None);
    }

    private sealed class Counting(bool followsSteps) : IKernelEventSink
    {
        public bool FollowsSteps => followsSteps;

        public long Events { get; private set; }

        public long Steps { get; private set; }

        public long Unattributed { get; private set; }

        public SortedSet<KernelEventKind> Kinds { get; } = [];

        public SortedSet<int> Contexts { get; } = [];

        public void Emit(in KernelEvent kernelEvent)
        {
            Events++;
            See(kernelEvent);
        }

        public void EmitStep(in KernelEvent kernelEvent)
        {
            Steps++;
            Kinds.Add(kernelEvent.Kind);
            See(kernelEvent);
        }

        private void See(in KernelEvent entry)
        {
            bool isReclaim = entry.Kind is KernelEventKind.ReclaimBegin or KernelEventKind.ReclaimEnd or KernelEventKind.ShrinkInactive
                or KernelEventKind.ShrinkActive or KernelEventKind.ShrinkSlab or KernelEventKind.DeferredSplit or KernelEventKind.LruIsolate
                or KernelEventKind.FolioWritten or KernelEventKind.ShrinkSlabBegin or (>= KernelEventKind.BalanceBegin and <= KernelEventKind.PriorityEnd);
            if (isReclaim)
            {
                Contexts.Add(entry.By);
                Unattributed += entry.By == 0 ? 1 : 0;
            }
        }
    }
}
