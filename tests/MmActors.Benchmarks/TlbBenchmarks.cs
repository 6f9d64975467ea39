using BenchmarkDotNet.Attributes;
using MmActors.Model.Costs;
using MmActors.Model.Tlb;

namespace MmActors.Benchmarks;

/// <summary>Time of one simulated access of <see cref="ExactTlb"/>: uniform random pages of 128 MiB, as the seed
/// experiment reads them.</summary>
public class TlbBenchmarks
{
    private const int AccessesPerRun = 1 << 20;
    private const long FirstPage = 0x1000_0000;

    private readonly RandomStream _random = new(1, "benchmark");
    private ExactTlb _tlb = null!;

    /// <summary>Vector width of the simulation.</summary>
    [Params(LruKernel.Scalar, LruKernel.Vector128, LruKernel.Vector256, LruKernel.Vector512)]
    public LruKernel Kernel { get; set; }

    /// <summary>A warm TLB per measured case.</summary>
    [GlobalSetup]
    public void Warm()
    {
        _tlb = new ExactTlb(TlbGeometry.Second1536, Kernel);
        _tlb.AccessUniformly(FirstPage, 32_768, [0], AccessesPerRun, _random);
    }

    /// <summary>Every access ends in the second level, 95 % of them walk.</summary>
    [Benchmark(OperationsPerInvoke = AccessesPerRun)]
    public TlbCounts AllSmall() => _tlb.AccessUniformly(FirstPage, 32_768, [0], AccessesPerRun, _random);

    /// <summary>64 ranges over 32 first-level entries: every second access asks the second level.</summary>
    [Benchmark(OperationsPerInvoke = AccessesPerRun)]
    public TlbCounts AllHuge() => _tlb.AccessUniformly(FirstPage, 32_768, [ulong.MaxValue], AccessesPerRun, _random);

    /// <summary>Every second range huge.</summary>
    [Benchmark(OperationsPerInvoke = AccessesPerRun)]
    public TlbCounts HalfHuge() =>
        _tlb.AccessUniformly(FirstPage, 32_768, [0xaaaa_aaaa_aaaa_aaaa], AccessesPerRun, _random);
}
