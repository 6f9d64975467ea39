using BenchmarkDotNet.Attributes;
using MmActors.Benchmarks.Support;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Benchmarks;

/// <summary>LRU lists and per-CPU batches. Times are per batch of 31 or 32 pages or per range of 512.</summary>
[MemoryDiagnoser]
public class LruBatchBenchmarks
{
    private const int Rounds = 256;
    private const int AddedPages = Rounds * LruBatch.Capacity;

    private const int Cluster = 32;

    private readonly FolioBatch _cluster = new();
    private readonly int[] _clusterHeads = new int[Cluster];
    private readonly int[] _new = new int[AddedPages];
    private readonly int[] _present = new int[Geometry.PtesPerTable];
    private ModelMachine _machine = null!;

    /// <summary>Allocates pages that are on no list yet, and one range that is.</summary>
    [IterationSetup]
    public void Allocate()
    {
        _machine = new ModelMachine(64);
        _machine.Node.TryAllocatePages(_new);
        foreach (int pfn in _new)
        {
            _machine.Folios.InitSmall(pfn, FolioFlags.SwapBacked, ContentTag.Zero);
            _machine.Folios.MapSmall(pfn);
            _machine.Folios.Get(pfn); // the batch's reference, taken where a page is mapped
        }

        _machine.Populate(0);
        ((ReadOnlySpan<int>)_machine.Table(0).Pfns).CopyTo(_present);
    }

    /// <summary>folio_add_lru of 31 pages: the last one executes the batch.</summary>
    [Benchmark(OperationsPerInvoke = Rounds)]
    public long Add31()
    {
        for (int round = 0; round < Rounds; round++)
        {
            _machine.Node.LruAdd(0, _new.AsSpan(round * LruBatch.Capacity, LruBatch.Capacity));
        }

        return _machine.Node.Lru.Pages(LruKind.InactiveAnon);
    }

    /// <summary>folio_mark_lazyfree of 512 pages, the rest of the batch drained: 512 moves to inactive_file.</summary>
    [Benchmark(OperationsPerInvoke = Rounds)]
    public long LazyfreeMove512()
    {
        for (int round = 0; round < Rounds; round++)
        {
            _machine.Node.MarkLazyfree(0, _present);
            _machine.Node.Drain(0);
            foreach (int pfn in _present)
            {
                _machine.Folios.SetFlags(pfn, FolioFlags.SwapBacked); // so that the next round moves them again
            }
        }

        return _machine.Node.Lru.Pages(LruKind.InactiveFile);
    }

    /// <summary>lru_add_drain of a batch with one page in it.</summary>
    [Benchmark(OperationsPerInvoke = Rounds)]
    public int DrainOne()
    {
        for (int round = 0; round < Rounds; round++)
        {
            _machine.Node.LruAdd(0, _new.AsSpan(round, 1));
            _machine.Node.Drain(0);
        }

        return _machine.Node.PagesInAddBatches;
    }

    /// <summary>RC-21: a cluster of 32 from the tail of the list and back to its head.</summary>
    [Benchmark(OperationsPerInvoke = Rounds)]
    public long IsolateAndPutBack32()
    {
        MemoryNode node = _machine.Node;
        Memcg root = node.Memcgs[0];
        for (int round = 0; round < Rounds; round++)
        {
            _cluster.Clear();
            node.Isolate(root, LruKind.InactiveAnon, Cluster, _cluster);
            for (int index = 0; index < Cluster; index++)
            {
                _clusterHeads[index] = _cluster[index].Head;
            }

            node.PutBack(_clusterHeads);
        }

        return node.IsolatedPages;
    }

    /// <summary>Isolation of 512 pages and their return to the list.</summary>
    [Benchmark(OperationsPerInvoke = Rounds)]
    public long IsolateAndPutBack512()
    {
        FolioTable folios = _machine.Folios;
        for (int round = 0; round < Rounds; round++)
        {
            foreach (int pfn in _present)
            {
                folios.TestClearLru(pfn);
                folios.Get(pfn);
            }

            _machine.Node.FinishIsolation(_present);
            _machine.Node.PutBack(_present);
        }

        return _machine.Node.IsolatedPages;
    }
}
