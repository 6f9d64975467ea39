using MmActors.Model.AddressSpaces;

namespace MmActors.Actors.Tasks;

/// <summary>What became of one task. Written by its own actor; read by others only while the world stands still.</summary>
public sealed class TaskReport
{
    /// <summary>Task name.</summary>
    public required string Name { get; init; }

    /// <summary>Number of its address space in the event stream.</summary>
    public required int Mm { get; init; }

    /// <summary>Whether its program maps memory; a task that only takes snapshots is not listed among the results.</summary>
    public required bool HasMemory { get; init; }

    /// <summary>Whole 2 MiB ranges its regions have covered.</summary>
    public int Ranges { get; internal set; }

    /// <summary>Simulated time it waited for mmap_lock.</summary>
    public TimeSpan Stalled { get; internal set; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited { get; internal set; }

    /// <summary>Why it ended early, or null.</summary>
    public string? Fault { get; internal set; }

    /// <summary>The OOM killer chose it (RC-70).</summary>
    public bool IsOomKilled { get; internal set; }

    /// <summary>Its last known smaps figures; those just before its exit once it has ended.</summary>
    public SmapsFigures Smaps { get; internal set; }

    /// <summary>Its random-read measurement, when one has finished.</summary>
    public AccessMeasurement? Measured { get; internal set; }

    /// <summary>Sum of the counts its count steps returned; a program that checks its own memory shows it here.</summary>
    public long NonzeroPagesCounted { get; internal set; }
}

/// <summary>The seed benchmark's figures for one task; all simulated.</summary>
/// <param name="Start">When it began.</param>
/// <param name="Elapsed">How long it took, waits included.</param>
/// <param name="Accesses">Reads made.</param>
/// <param name="Cycles">Cycles of the reads alone.</param>
/// <param name="Misses">dTLB misses.</param>
/// <param name="HugeRangesAtStart">Ranges of the region mapped huge at the first batch.</param>
/// <param name="HugeRangesAtEnd">Ranges mapped huge at the last batch.</param>
public sealed record AccessMeasurement(
    TimeSpan Start, TimeSpan Elapsed, long Accesses, double Cycles, double Misses, int HugeRangesAtStart, int HugeRangesAtEnd);
