using BenchmarkDotNet.Attributes;
using MmActors.Benchmarks.Support;
using MmActors.Model;
using MmActors.Model.Khugepaged;
using MmActors.Model.Memory;

namespace MmActors.Benchmarks;

/// <summary>Collapse of one range of 512 base pages without actors, the node's part included; times are per range.</summary>
[MemoryDiagnoser]
public class CollapseBenchmarks
{
    private const int Ranges = 128;

    private readonly ScanLimits _limits = Behaviour.Limits(Behaviour.Old);
    private ModelMachine _machine = null!;

    /// <summary>Twice the memory the ranges need, half of it populated.</summary>
    [IterationSetup]
    public void Build()
    {
        _machine = new ModelMachine(2 * Ranges);
        for (int range = 0; range < Ranges; range++)
        {
            _machine.Populate(range);
        }
    }

    /// <summary>C5…C10: detach, isolate 512 folios, copy, install, free the sources.</summary>
    [Benchmark(OperationsPerInvoke = Ranges)]
    public int Collapse512()
    {
        for (int range = 0; range < Ranges; range++)
        {
            Collapse collapse = Isolate(range);
            collapse.CheckCopy();
            var work = new NodeWork();
            collapse.Install(_machine.Vma, _machine.AllocateHuge(), _machine.Thp, work);
            work.Execute(_machine.Node, 0);
        }

        return _machine.Mm.HugeRanges;
    }

    /// <summary>C5…C7 and back: all sources return to their lists.</summary>
    [Benchmark(OperationsPerInvoke = Ranges)]
    public long RollBack512()
    {
        for (int range = 0; range < Ranges; range++)
        {
            Collapse collapse = Isolate(range);
            var work = new NodeWork();
            collapse.RollBack(work);
            work.Execute(_machine.Node, 0);
        }

        return _machine.Node.IsolatedPages;
    }

    private Collapse Isolate(int range)
    {
        Collapse collapse = Collapse.Detach(_machine.Mm, ModelMachine.Address(range));
        var work = new NodeWork();
        IsolateOutcome outcome = collapse.Isolate(_limits, work);
        work.Execute(_machine.Node, 0);
        return outcome.Result == ScanResult.Succeed
            ? collapse : throw new InvalidOperationException($"isolation failed: {outcome.Result}");
    }
}
