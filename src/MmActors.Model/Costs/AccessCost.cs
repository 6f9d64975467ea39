using MmActors.Model.Settings;
using MmActors.Model.Tlb;

namespace MmActors.Model.Costs;

/// <summary>What a batch of random reads costs (CM-1, CM-2). All figures are totals of the batch, so batches of one
/// measurement add up.</summary>
/// <param name="Accesses">Reads of the batch.</param>
/// <param name="Misses">Expected page walks; fractional because CM-3 is an expectation.</param>
/// <param name="Cycles">Cycles of the reads alone, as the benchmark's counter brackets them.</param>
/// <param name="Nanoseconds">Elapsed time, generation of the random offsets included.</param>
public readonly record struct AccessBatchCost(long Accesses, double Misses, double Cycles, double Nanoseconds)
{
    /// <summary>The figure the published table gives as cycles/access; 0 for an empty batch.</summary>
    public double CyclesPerAccess => Accesses == 0 ? 0 : Cycles / Accesses;

    /// <summary>r of CM-1, 0…1; 0 for an empty batch.</summary>
    public double MissRate => Accesses == 0 ? 0 : Misses / Accesses;

    /// <summary>The cost of both batches, one after the other.</summary>
    public static AccessBatchCost operator +(AccessBatchCost left, AccessBatchCost right) => new(
        left.Accesses + right.Accesses,
        left.Misses + right.Misses,
        left.Cycles + right.Cycles,
        left.Nanoseconds + right.Nanoseconds);
}

/// <summary>Prices random reads on a machine: each read costs the base cycles, each page walk the penalty on top (CM-1);
/// the elapsed time adds the non-memory work of every access (CM-2).</summary>
public static class AccessCost
{
    /// <summary>The cost of a batch whose number of page walks is known, from CM-3 or from a simulated TLB.</summary>
    /// <param name="machine">Costs per access and per miss, clock and fixed work.</param>
    /// <param name="accesses">Reads of the batch.</param>
    /// <param name="misses">Page walks among them.</param>
    public static AccessBatchCost OfBatch(MachinePreset machine, long accesses, double misses)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(accesses);
        ArgumentOutOfRangeException.ThrowIfNegative(misses);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(misses, accesses);
        var cycles = accesses * machine.BaseCycles + misses * machine.MissPenaltyCycles;
        var elapsedNs = accesses * machine.FixedNsPerAccess + cycles / machine.ClockGhz;
        return new AccessBatchCost(accesses, misses, cycles, elapsedNs);
    }

    /// <summary>The cost of uniform random reads over a region, with the page walks CM-3 expects.</summary>
    /// <param name="machine">Costs per access and per miss, clock, fixed work and TLB reach.</param>
    /// <param name="accesses">Reads of the batch.</param>
    /// <param name="hugePages">Pages of the region that are mapped by a PMD.</param>
    /// <param name="basePages">Pages of the region that are mapped by PTEs.</param>
    public static AccessBatchCost OfUniformReads(
        MachinePreset machine, long accesses, long hugePages, long basePages) =>
        OfBatch(machine, accesses, TlbReach.ExpectedMisses(accesses, hugePages, basePages, machine.TlbReachEntries));
}
