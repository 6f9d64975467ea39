using BenchmarkDotNet.Attributes;
using MmActors.Benchmarks.Support;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Benchmarks;

/// <summary>khugepaged at work on a whole world, through its actors and their messages; times are per range.</summary>
[MemoryDiagnoser]
public class ProtocolBenchmarks
{
    private const int CollapsedRanges = 128;
    private const int ScannedRanges = 4096;

    private ActorMachine _collapsing = null!;
    private ActorMachine _scanning = null!;

    /// <summary>A small area of young pages and a larger one of old pages.</summary>
    [IterationSetup]
    public void Build()
    {
        _collapsing = New(CollapsedRanges, old: false);
        _scanning = New(ScannedRanges, old: true);
    }

    /// <summary>The whole conversation of a collapse: allocate, recheck, lock, isolate, copy, install.</summary>
    [Benchmark(OperationsPerInvoke = CollapsedRanges)]
    public long Collapse()
    {
        _collapsing.RunFullScan();
        return _collapsing.World.Report.Khugepaged.PagesCollapsed;
    }

    /// <summary>A look at a range that fails after all 512 PTEs: two messages and a timer.</summary>
    [Benchmark(OperationsPerInvoke = ScannedRanges)]
    public long Scan()
    {
        _scanning.RunFullScan();
        return _scanning.World.Report.Khugepaged.FullScans;
    }

    /// <summary>Stops both systems.</summary>
    [IterationCleanup]
    public void Stop()
    {
        _collapsing.Dispose();
        _scanning.Dispose();
    }

    private static ActorMachine New(int ranges, bool old)
    {
        var area = new ByteSize((long)ranges << Geometry.PmdShift);
        var machine = new ActorMachine(area, new ByteSize(2 * area.Bytes), new ThpSettings { PagesToScan = uint.MaxValue });
        machine.Populate(old);
        return machine;
    }
}
