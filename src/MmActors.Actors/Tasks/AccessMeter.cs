using MmActors.Actors.Protocol;
using MmActors.Model.Costs;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Tlb;
using MmActors.Model.Units;

namespace MmActors.Actors.Tasks;

/// <summary>Prices the batches of one random-read measurement with the task's TLB: the reach model, or an exact TLB that
/// sees every access.</summary>
internal sealed class AccessMeter(MachinePreset machine, RandomReadsStep step, long start, int pages, TimeSpan begin, ExactTlb? tlb, RandomStream random)
{
    private AccessBatchCost _total;
    private ulong[] _map = [];
    private int _hugeAtStart = -1;
    private int _hugeAtEnd;

    /// <summary>Batches priced so far.</summary>
    public int Batches { get; private set; }

    /// <summary>Whether every batch of the step was priced.</summary>
    public bool IsComplete => Batches == step.Batches;

    /// <summary>The request for the next batch.</summary>
    public RandomReads Request(int cpu) => new(start, pages, step.AccessesPerBatch, tlb is not null, cpu);

    /// <summary>Prices a batch that met these mappings; returns its simulated duration.</summary>
    public TimeSpan Add(RandomReadsDone done)
    {
        Batches++;
        _hugeAtEnd = (done.HugePages + Geometry.PtesPerTable - 1) / Geometry.PtesPerTable;
        _hugeAtStart = _hugeAtStart < 0 ? _hugeAtEnd : _hugeAtStart;
        AccessBatchCost cost = tlb is null
            ? AccessCost.OfUniformReads(machine, step.AccessesPerBatch, done.HugePages, done.SmallPages)
            : AccessCost.OfBatch(machine, step.AccessesPerBatch, SimulateMisses(tlb, done.HugeMap!));
        _total += cost;
        return WorldContext.Nanoseconds(cost.Nanoseconds);
    }

    /// <summary>The figures of the whole measurement.</summary>
    public AccessMeasurement Result(TimeSpan now) =>
        new(begin, now - begin, _total.Accesses, _total.Cycles, _total.Misses, _hugeAtStart, _hugeAtEnd);

    private long SimulateMisses(ExactTlb exact, ulong[] map)
    {
        for (int word = 0; word < map.Length && _map.Length == map.Length; word++)
        {
            for (ulong changed = map[word] ^ _map[word]; changed != 0; changed &= changed - 1)
            {
                long range = Geometry.PmdFloor(start) + ((((long)word << 6) + System.Numerics.BitOperations.TrailingZeroCount(changed)) << Geometry.PmdShift);
                exact.FlushRange(range >> Geometry.PageShift);
            }
        }

        _map = map;
        return exact.AccessUniformly(start >> Geometry.PageShift, pages, map, step.AccessesPerBatch, random).Misses;
    }
}
