using BenchmarkDotNet.Attributes;
using MmActors.Benchmarks.Support;

namespace MmActors.Benchmarks;

/// <summary>Population and removal of a 2 MiB range without actors; times are per range.</summary>
[MemoryDiagnoser]
public class FaultBenchmarks
{
    private const int Ranges = 128;

    private ModelMachine _machine = null!;
    private ModelMachine _full = null!;

    /// <summary>One machine with all memory free, one with all ranges populated.</summary>
    [IterationSetup]
    public void Build()
    {
        _machine = new ModelMachine(Ranges);
        _full = new ModelMachine(Ranges);
        for (int range = 0; range < Ranges; range++)
        {
            _full.Populate(range);
        }
    }

    /// <summary>512 write faults: allocation, mapping, LRU.</summary>
    [Benchmark(OperationsPerInvoke = Ranges)]
    public long Populate512()
    {
        for (int range = 0; range < Ranges; range++)
        {
            _machine.Populate(range);
        }

        return _machine.Mm.RssPages;
    }

    /// <summary>One PMD-order fault.</summary>
    [Benchmark(OperationsPerInvoke = Ranges)]
    public long PopulateHuge()
    {
        for (int range = 0; range < Ranges; range++)
        {
            _machine.PopulateHuge(range);
        }

        return _machine.Mm.RssPages;
    }

    /// <summary>munmap of 512 pages: unmapping, LRU, buddy.</summary>
    [Benchmark(OperationsPerInvoke = Ranges)]
    public int Zap512()
    {
        for (int range = 0; range < Ranges; range++)
        {
            _full.Zap(range);
        }

        return _full.Node.FreePages;
    }
}
