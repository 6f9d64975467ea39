using Akka.Actor;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Programs;

namespace MmActors.Actors.Protocol;

/// <summary>Requests of a user task to its address space. Each is answered by exactly one <see cref="MmReply"/>.</summary>
/// <param name="Cpu">CPU the task runs on.</param>
public abstract record MmRequest(int Cpu);

/// <summary>Loads or stores within one 2 MiB range. Reply: <see cref="MmDone"/> or <see cref="TaskKilled"/>.</summary>
public sealed record Touch(Access Access, int Cpu) : MmRequest(Cpu)
{
    /// <summary>When a huge page that a fault takes is zeroed and mapped, if the walk is paced
    /// (<see cref="AccessStep.PacedTo"/>); null: after the machine's own time.</summary>
    public TimeSpan? HugePageAt { get; init; }
}

/// <summary>Loads the first byte of every page of a range and counts the nonzero ones (RN-9).</summary>
public sealed record CountPages(Access Access, int Cpu) : MmRequest(Cpu);

/// <summary>mmap. Reply: <see cref="MmDone"/> with the address as value.</summary>
public sealed record MapArea(MapStep Step, int Cpu) : MmRequest(Cpu);

/// <summary>madvise, except MADV_COLLAPSE, which the task drives itself (KH-43).</summary>
public sealed record AdviseArea(long Start, long End, Advice Advice, int Cpu) : MmRequest(Cpu);

/// <summary>munmap.</summary>
public sealed record UnmapArea(long Start, long End, int Cpu) : MmRequest(Cpu);

/// <summary>mprotect of several windows at once (RN-3: stripes), each to read-only or back.</summary>
public sealed record ProtectAreas(IReadOnlyList<(long Start, long End)> Windows, bool Writable, int Cpu) : MmRequest(Cpu);

/// <summary>prctl(PR_SET_THP_DISABLE).</summary>
public sealed record DisableThp(bool Disabled, int Cpu) : MmRequest(Cpu);

/// <summary>fork: fills the child's address space (UT-14, UT-15).</summary>
public sealed record ForkInto(Mm Child, IActorRef ChildSpace, int Cpu) : MmRequest(Cpu)
{
    /// <summary>The child's task name; only those who follow a range are told.</summary>
    public string Name { get; init; } = "";
}

/// <summary>A batch of uniform random reads over a region. Reply: <see cref="RandomReadsDone"/>.</summary>
/// <param name="Start">Region start, 2 MiB aligned or not.</param>
/// <param name="Pages">Pages of the region.</param>
/// <param name="Accesses">Reads in the batch.</param>
/// <param name="WantsHugeMap">Whether the reply must say which ranges are huge (exact TLB).</param>
/// <param name="Cpu">CPU the task runs on.</param>
public sealed record RandomReads(long Start, int Pages, int Accesses, bool WantsHugeMap, int Cpu) : MmRequest(Cpu);

/// <summary>exit: tears the address space down.</summary>
public sealed record ExitMm(int Cpu) : MmRequest(Cpu);

/// <summary>To a fork child's address space: the parent's has copied everything; the child's page tables are there.</summary>
public sealed record FilledByFork(int Cpu);

/// <summary>Answers of an address space to its task.</summary>
public abstract record MmReply;

/// <summary>The request is done.</summary>
/// <param name="Errno">0, or the errno the call returns.</param>
/// <param name="Value">What the call returns besides.</param>
/// <param name="Cost">Simulated CPU time still to be spent by the task.</param>
/// <param name="Stalled">Simulated time it waited for mmap_lock.</param>
public sealed record MmDone(Errno Errno, long Value, TimeSpan Cost, TimeSpan Stalled) : MmReply
{
    /// <summary>A group above its memory.high that was charged for this call: the task reclaims before it goes on (RC-61).</summary>
    public int AboveHigh { get; init; }
}

/// <summary>The access ended the task.</summary>
/// <param name="Signal">SIGSEGV (11) or SIGKILL (9).</param>
/// <param name="Reason">One sentence for the report.</param>
public sealed record TaskKilled(int Signal, string Reason) : MmReply;

/// <summary>The mappings a batch of random reads met.</summary>
/// <param name="HugePages">Pages of the region mapped huge.</param>
/// <param name="SmallPages">Pages of the region mapped by PTEs, zero pages included.</param>
/// <param name="HugeMap">One bit per 2 MiB range from the region's first range, when asked for.</param>
/// <param name="Cost">Simulated time of the faults taken.</param>
/// <param name="Stalled">Simulated time waited for mmap_lock.</param>
public sealed record RandomReadsDone(int HugePages, int SmallPages, ulong[]? HugeMap, TimeSpan Cost, TimeSpan Stalled) : MmReply;

/// <summary>errno values the simulated calls return.</summary>
public enum Errno
{
    /// <summary>Success.</summary>
    None = 0,
    /// <summary>EAGAIN.</summary>
    Again = 11,
    /// <summary>ENOMEM.</summary>
    NoMemory = 12,
    /// <summary>EBUSY.</summary>
    Busy = 16,
    /// <summary>EINVAL.</summary>
    Invalid = 22,
}
