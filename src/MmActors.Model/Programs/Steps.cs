using System.Collections.Immutable;
using MmActors.Model.Units;

namespace MmActors.Model.Programs;

/// <summary>One step of a user task's program, already validated: the operations a scripted workload of the
/// ground truth can do, in the same meaning (recorder-notes.md 10.2).</summary>
public abstract record Step;

/// <summary>A window of a mapped region: offset and length in bytes, both relative to the region start.
/// A null length means "to the end of the region".</summary>
public readonly record struct RegionSpan(ByteSize Offset, ByteSize? Length)
{
    /// <summary>The whole region.</summary>
    public static readonly RegionSpan All = new(default, null);
}

/// <summary>mmap of private anonymous memory (UT-12, UT-13).</summary>
/// <param name="Region">Name by which later steps refer to the area.</param>
/// <param name="Size">Length of the area.</param>
/// <param name="Populate">MAP_POPULATE: every page is write-faulted inside the call.</param>
/// <param name="Droppable">Map with VM_DROPPABLE.</param>
/// <param name="FixedOffset">When set, the area sits at 0x100000000000 + n × 1 GiB + this offset, n counting the
/// task's fixed maps (RN-2); otherwise the kernel places it top-down, 2 MiB aligned.</param>
public sealed record MapStep(string Region, ByteSize Size, bool Populate, bool Droppable, ByteSize? FixedOffset) : Step;

/// <summary>madvise on a window of a region (user-tasks.md 5.4).</summary>
public sealed record MadviseStep(string Region, RegionSpan Span, Advice Advice) : Step;

/// <summary>The advice values the simulator knows.</summary>
public enum Advice
{
    /// <summary>MADV_FREE: the pages become lazyfree (T8, T10, T11).</summary>
    Free,
    /// <summary>MADV_DONTNEED: the pages are zapped (T12, T13).</summary>
    DontNeed,
    /// <summary>MADV_HUGEPAGE: sets VM_HUGEPAGE (UT-25).</summary>
    HugePage,
    /// <summary>MADV_NOHUGEPAGE: sets VM_NOHUGEPAGE (UT-25).</summary>
    NoHugePage,
    /// <summary>MADV_COLLAPSE: synchronous collapse (KH-43…46).</summary>
    Collapse,
    /// <summary>MADV_POPULATE_WRITE: write-faults every page (UT-13).</summary>
    PopulateWrite,
    /// <summary>MADV_COLD: clears young and referenced, active pages go to the inactive list (T25, UT-24).</summary>
    Cold,
    /// <summary>MADV_PAGEOUT: reclaims the pages now, whatever their age (T26, RC-41).</summary>
    PageOut,
}

/// <summary>A walk over a window with loads or stores (RN-8, RN-9). A stride of 0 or 1 touches every byte (memset);
/// a larger stride touches one byte at Offset, Offset+Stride, … .</summary>
/// <param name="Region">The mapped region.</param>
/// <param name="Span">The window walked over.</param>
/// <param name="Stride">Distance between touched bytes.</param>
/// <param name="Value">The byte stored; null for loads.</param>
public sealed record AccessStep(string Region, RegionSpan Span, ByteSize Stride, FillByte? Value) : Step
{
    /// <summary>When the last range is to be touched, the others evenly before it, as a slower machine did; null: as fast as
    /// it goes. A walk that is late does not wait.</summary>
    public TimeSpan? PacedTo { get; init; }
}

/// <summary>The byte a write stores: a constant, or the index of the innermost loop (the driver's <c>i</c>).</summary>
public readonly record struct FillByte(byte Constant, bool IsLoopIndex)
{
    /// <summary>The loop index, truncated to a byte.</summary>
    public static readonly FillByte LoopIndex = new(0, true);

    /// <summary>The byte stored in iteration <paramref name="loopIndex"/>.</summary>
    public byte At(int loopIndex) => IsLoopIndex ? (byte)loopIndex : Constant;
}

/// <summary>Loads the first byte of every page of the window and reports how many were nonzero (RN-9).</summary>
public sealed record CountStep(string Region, RegionSpan Span) : Step
{
    /// <summary>As <see cref="AccessStep.PacedTo"/>.</summary>
    public TimeSpan? PacedTo { get; init; }
}

/// <summary>Random single-byte reads over a whole region in batches, timed as the patch author's benchmark does
/// (cost-model.md 9.1): cycles bracket only the reads, elapsed also holds the generation of the offsets.</summary>
/// <param name="Region">The region read.</param>
/// <param name="Batches">Number of batches, 10 000 in the seed experiment.</param>
/// <param name="AccessesPerBatch">Reads per batch, 32 768 in the seed experiment.</param>
public sealed record RandomReadsStep(string Region, int Batches, int AccessesPerBatch) : Step;

/// <summary>Sleep for a span of simulated time.</summary>
public sealed record SleepStep(TimeSpan Duration) : Step;

/// <summary>Sleep until a point of simulated time counted from the start of the run; in the past: no wait.</summary>
public sealed record UntilStep(TimeSpan Time) : Step;

/// <summary>sched_setaffinity to one CPU: the task goes on there, with that CPU's LRU batches (SM-16).</summary>
/// <param name="Cpu">Number of the CPU; beyond the machine's CPUs it counts from 0 again.</param>
public sealed record RunOnStep(int Cpu) : Step;

/// <summary>Runs the body <paramref name="Count"/> times; the innermost index is visible to <see cref="FillByte"/>.</summary>
public sealed record LoopStep(int Count, ImmutableArray<Step> Body) : Step;

/// <summary>fork: a child task named <paramref name="Child"/> runs the body and exits; the parent goes on (UT-14).</summary>
public sealed record ForkStep(string Child, ImmutableArray<Step> Body) : Step;

/// <summary>munmap of a window (UT-30).</summary>
public sealed record MunmapStep(string Region, RegionSpan Span) : Step;

/// <summary>mprotect of a window to read-only or back to read-write.</summary>
public sealed record MprotectStep(string Region, RegionSpan Span, bool Writable) : Step;

/// <summary>Makes every second page of the first 2×<paramref name="Stripes"/> pages read-only: 2×N VMAs (RN-3).</summary>
public sealed record StripeStep(string Region, int Stripes) : Step;

/// <summary>prctl(PR_SET_THP_DISABLE) for the whole mm.</summary>
public sealed record ThpDisableStep(bool Disabled) : Step;

/// <summary>Writes a sysfs knob, e.g. <c>khugepaged/pages_to_scan</c> (KH-1). The value was validated by the loader.</summary>
public sealed record SetKnobStep(string Knob, string Value) : Step;

/// <summary>Writes a file of a memory cgroup: a limit, or memory.reclaim (RC-40, RC-62).</summary>
/// <param name="Group">Path of the group below /sys/fs/cgroup; empty for the root.</param>
/// <param name="File">The file.</param>
/// <param name="Pages">The amount in pages; <see cref="Settings.MemcgLimits.Unlimited"/> for "max".</param>
/// <param name="Swappiness">The optional swappiness= of memory.reclaim.</param>
public sealed record CgroupWriteStep(string Group, Settings.MemcgFile File, long Pages, int? Swappiness) : Step;

/// <summary>Writes a file below /proc/sys/vm. The value was validated by the loader.</summary>
public sealed record VmWriteStep(Settings.VmFile File, int Value) : Step;

/// <summary>Takes a named snapshot of all tasks' smaps figures (RN-11).</summary>
public sealed record SnapStep(string Name) : Step;

/// <summary>Ends the task; also implied at the end of a program.</summary>
public sealed record ExitStep : Step;
