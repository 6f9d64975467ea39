using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Programs;

namespace MmActors.Actors.Tasks;

/// <summary>What became of one task. Written by its own actor; read by others only while the world stands still.</summary>
public sealed class TaskReport
{
    private static readonly Known Nothing = new(default);

    private readonly List<StepResult> _results = [];
    private readonly List<MappedRegion> _regions = [];
    private Known _smaps = Nothing;

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
    public SmapsFigures Smaps
    {
        get => Volatile.Read(ref _smaps).Figures;
        internal set => Volatile.Write(ref _smaps, new Known(value)); // by its task or the simulation, whoever asked
    }

    /// <summary>Its random-read measurement, when one has finished.</summary>
    public AccessMeasurement? Measured { get; internal set; }

    /// <summary>What each step returned, loops and forks included, sleeps left out; empty unless
    /// <see cref="WorldSpec.KeepsResults"/>. A step that was under way when the task was killed has none.</summary>
    public IReadOnlyList<StepResult> Results => _results;

    /// <summary>Where its regions lie, in order of mapping; a name mapped again has the last place.</summary>
    public IReadOnlyList<MappedRegion> Regions => _regions;

    /// <summary>Sum of the counts its count steps returned; a program that checks its own memory shows it here.</summary>
    public long NonzeroPagesCounted { get; internal set; }

    internal void Add(StepResult result) => _results.Add(result);

    internal void SetRegion(string name, long start, long bytes)
    {
        _regions.RemoveAll(region => region.Name == name);
        _regions.Add(new MappedRegion(name, start, bytes));
    }

    private sealed record Known(SmapsFigures Figures);
}

/// <summary>What one step returned to the program.</summary>
/// <param name="Time">Simulated time at which it returned.</param>
/// <param name="Step">The step.</param>
/// <param name="Errno">0 or why it failed.</param>
/// <param name="Value">Pages found nonzero by a count; otherwise meaningless.</param>
public readonly record struct StepResult(TimeSpan Time, Step Step, Errno Errno, long Value);

/// <summary>A mapped region of a task.</summary>
/// <param name="Name">Its name in the program.</param>
/// <param name="Start">Address of its first byte.</param>
/// <param name="Bytes">Its length, whole pages.</param>
public readonly record struct MappedRegion(string Name, long Start, long Bytes);

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
