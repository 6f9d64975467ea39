using BenchmarkDotNet.Attributes;
using MmActors.Model.Swap;
using MmActors.Model.Units;

namespace MmActors.Benchmarks;

/// <summary>Slots of a swap device that was used before: charged and freed again, a million of them. Times are per slot.
/// </summary>
[MemoryDiagnoser]
public class SwapDeviceBenchmarks
{
    private const int UsedSlots = 1 << 20;
    private const int Memcg = 1;

    private readonly SwapDevice _device = new(2 * UsedSlots, isSynchronous: true);

    /// <summary>Uses as many clusters as the measured bodies do.</summary>
    [GlobalSetup]
    public void Touch() => Huge();

    /// <summary>Slot by slot.</summary>
    [Benchmark(OperationsPerInvoke = UsedSlots)]
    public int Small()
    {
        int last = -1;
        for (int slot = 0; slot < UsedSlots; slot++)
        {
            _device.TryAllocate(Memcg, out last);
        }

        FreeAll();
        return last;
    }

    /// <summary>512 at a time for order-9 folios; freed slot by slot, as faults do.</summary>
    [Benchmark(OperationsPerInvoke = UsedSlots)]
    public int Huge()
    {
        int last = -1;
        for (int slot = 0; slot < UsedSlots; slot += Geometry.PtesPerTable)
        {
            _device.TryAllocateHuge(Memcg, out last);
        }

        FreeAll();
        return last;
    }

    private void FreeAll()
    {
        for (int slot = 0; slot < UsedSlots; slot++)
        {
            _device.Free(slot);
        }

        if (_device.UsedSlots != 0)
        {
            throw new InvalidOperationException($"{_device.UsedSlots} slots left");
        }
    }
}
