using BenchmarkDotNet.Attributes;
using MmActors.Benchmarks.Support;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Khugepaged;
using MmActors.Model.Memory;

namespace MmActors.Benchmarks;

/// <summary>khugepaged's look at one 2 MiB range. Target: 300 ns for 512 passing PTEs in cache.</summary>
[MemoryDiagnoser]
public class RangeScanBenchmarks
{
    private const int ManyRanges = 2048;
    private const int Failures = 5;
    private const int HugeRange = 0;

    private readonly ScanLimits _old = Behaviour.Limits(Behaviour.Old);
    private readonly ScanLimits _new = Behaviour.Limits(Behaviour.New);
    private ModelMachine _contiguous = null!;
    private ModelMachine _scattered = null!;
    private ModelMachine _special = null!;
    private PteTable _lazyfree = null!;
    private PteTable _mappedThp = null!;
    private readonly PteTable[] _failing = new PteTable[Failures];

    /// <summary>Populates 4 GiB in order of address and 64 MiB at random, and one range of each special kind.</summary>
    [GlobalSetup]
    public void Populate()
    {
        _contiguous = new ModelMachine(ManyRanges);
        for (int range = 0; range < ManyRanges; range++)
        {
            _contiguous.Populate(range);
        }

        _scattered = new ModelMachine(32);
        _scattered.PopulateScattered(32);
        _special = new ModelMachine(16);
        _special.PopulateHuge(HugeRange);
        _special.PopulateHuge(1);
        _mappedThp = Splitting.SplitPmd(_special.Mm, ref _special.Mm.Directory.Find(ModelMachine.Address(1)));
        _lazyfree = Lazyfree(2);
        for (int index = 0; index < Failures; index++)
        {
            _special.Populate(3 + index);
            _failing[index] = _special.Table(3 + index);
        }

        BreakTables();
    }

    /// <summary>Every PTE passes, pages in order of address.</summary>
    [Benchmark(Baseline = true)]
    public RangeScan Contiguous() => RangeScanner.Scan(_contiguous.Folios, _contiguous.Table(0), _old);

    /// <summary>The same, but every range is looked at once in 2048, so that neither its table nor its folio words are
    /// in the nearer caches.</summary>
    [Benchmark(OperationsPerInvoke = ManyRanges)]
    public int ContiguousOutOfCache()
    {
        int visited = 0;
        for (int range = 0; range < ManyRanges; range++)
        {
            visited += RangeScanner.Scan(_contiguous.Folios, _contiguous.Table(range), _old).VisitedPtes;
        }

        return visited;
    }

    /// <summary>Every PTE passes, each page somewhere else.</summary>
    [Benchmark]
    public RangeScan Scattered() => RangeScanner.Scan(_scattered.Folios, _scattered.Table(0), _old);

    /// <summary>The decision list one PTE at a time, as the kernel runs it; what the vector path is measured against.</summary>
    [Benchmark]
    public RangeScan StepByStep() => RangeScanner.ScanStepByStep(_contiguous.Folios, _contiguous.Table(0), _old);

    /// <summary>Ends at the first PTE.</summary>
    [Benchmark]
    public RangeScan LazyfreeSkip() => RangeScanner.Scan(_special.Folios, _lazyfree, _new);

    /// <summary>A hole too many, a locked page, a page with a reference, a page off the LRU, a shared page: one each.</summary>
    [Benchmark(OperationsPerInvoke = Failures)]
    public int MixedFailures()
    {
        int visited = 0;
        foreach (PteTable table in _failing)
        {
            visited += RangeScanner.Scan(_special.Folios, table, _old).VisitedPtes;
        }

        return visited;
    }

    /// <summary>512 PTEs that map the pages of one order-9 folio.</summary>
    [Benchmark]
    public RangeScan PteMappedThp() => RangeScanner.Scan(_special.Folios, _mappedThp, _old);

    /// <summary>A range that is huge already.</summary>
    [Benchmark]
    public ScanResult Huge() => PmdLookup.Find(_special.Mm, ModelMachine.Address(HugeRange), Behaviour.Old);

    /// <summary>A range that maps nothing.</summary>
    [Benchmark]
    public ScanResult None() => PmdLookup.Find(_special.Mm, ModelMachine.Address(15), Behaviour.Old);

    private PteTable Lazyfree(int range)
    {
        _special.Populate(range);
        var work = new NodeWork();
        MadviseFree.Apply(_special.Mm, ModelMachine.Address(range), Bits512.All, work);
        work.Execute(_special.Node, 0);
        _special.Node.Drain(0);
        return _special.Table(range);
    }

    private void BreakTables()
    {
        FolioTable folios = _special.Folios;
        foreach (int hole in Enumerable.Range(0, 512))
        {
            _failing[0].ClearPte(hole);
        }

        folios.TryLock(_failing[1].Pfns[300]);
        folios.Get(_failing[2].Pfns[400]);
        folios.TestClearLru(_failing[3].Pfns[100]);
        for (int shared = 0; shared < 260; shared++)
        {
            folios.MapSmall(_failing[4].Pfns[shared]);
        }
    }
}
