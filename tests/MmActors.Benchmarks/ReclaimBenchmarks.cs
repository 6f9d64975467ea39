using BenchmarkDotNet.Attributes;
using MmActors.Benchmarks.Support;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Benchmarks;

/// <summary>Reclaim, swap and the shrinker on a whole world, through the actors and their messages. Times are per page, per
/// page that goes out and comes in, and per huge page.</summary>
[MemoryDiagnoser]
public class ReclaimBenchmarks
{
    private const int Mebibytes = 64;
    private const int Pages = Mebibytes * 256;
    private const int HugePages = Mebibytes / 2;

    private static readonly ByteSize Area = ByteSize.FromMebibytes(Mebibytes);
    private ReclaimMachine _lazyfree = null!;
    private ReclaimMachine _swapping = null!;
    private ReclaimMachine _underused = null!;

    /// <summary>Fills the memory.</summary>
    [IterationSetup]
    public void Build()
    {
        _lazyfree = ReclaimMachine.Lazyfree(Area);
        _swapping = ReclaimMachine.Swapping(Area);
        _underused = ReclaimMachine.Underused(Area);
    }

    /// <summary>memory.reclaim of lazyfree pages: isolate, age, unmap, free.</summary>
    [Benchmark(OperationsPerInvoke = Pages)]
    public long Lazyfree() => Run(_lazyfree, VmCounter.PgLazyfreed, Pages);

    /// <summary>MADV_PAGEOUT to a RAM disk and the faults that bring the pages back.</summary>
    [Benchmark(OperationsPerInvoke = Pages)]
    public long SwapOutAndIn() => Run(_swapping, VmCounter.PswpIn, Pages);

    /// <summary>drop_caches: the shrinker looks at huge pages of zeros and splits them.</summary>
    [Benchmark(OperationsPerInvoke = HugePages)]
    public long UnderusedSplit() => Run(_underused, VmCounter.ThpUnderusedSplitPage, HugePages);

    /// <summary>Stops the systems.</summary>
    [IterationCleanup]
    public void Stop()
    {
        _lazyfree.Dispose();
        _swapping.Dispose();
        _underused.Dispose();
    }

    private static long Run(ReclaimMachine machine, VmCounter counter, long expected)
    {
        machine.Run();
        long counted = machine.World.Context.Vmstat[counter];
        return counted == expected ? counted : throw new InvalidOperationException($"{counter} is {counted}, not {expected}");
    }
}
