using BenchmarkDotNet.Attributes;
using MmActors.Model.Reclaim;
using MmActors.Model.Units;

namespace MmActors.Benchmarks;

/// <summary>The underused test alone (DS-16), without actors. Times are per huge page.</summary>
[MemoryDiagnoser]
public class UnderusedTestBenchmarks
{
    private const int Rounds = 1024;
    private const int MaxPtesNone = 409;

    private readonly byte[] _contents = new byte[Geometry.PtesPerTable];

    /// <summary>How many of the 512 pages hold something, spread evenly: nothing, the last that is underused, all.</summary>
    [Params(0, 102, 512)]
    public int Filled { get; set; }

    /// <summary>Fills the pages.</summary>
    [GlobalSetup]
    public void Fill()
    {
        for (int page = 0; page < Filled; page++)
        {
            _contents[page * Geometry.PtesPerTable / Filled] = 7;
        }
    }

    /// <summary>Walks until the answer is certain.</summary>
    [Benchmark(OperationsPerInvoke = Rounds)]
    public int Test()
    {
        int examined = 0;
        for (int round = 0; round < Rounds; round++)
        {
            UnderusedTest.IsUnderused(_contents, MaxPtesNone, out int pages);
            examined += pages;
        }

        return examined;
    }
}
