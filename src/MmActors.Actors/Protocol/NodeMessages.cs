using MmActors.Model.Memory;

namespace MmActors.Actors.Protocol;

/// <summary>Why the node refused an allocation.</summary>
public enum Refusal
{
    /// <summary>It did not.</summary>
    None,
    /// <summary>Too few free pages, or no free block (RC-4).</summary>
    Watermark,
    /// <summary>A memory.max on the way up (RC-60).</summary>
    Limit,
    /// <summary>Final: reclaim could not make room.</summary>
    NoMemory,
    /// <summary>Final: a limit stood in the way, and no reclaim of its group helped.</summary>
    NoCharge,
    /// <summary>Final: the OOM killer chose the asking task itself.</summary>
    Killed,
}

/// <summary>Asks the node for base pages. Reply: <see cref="PagesAllocated"/> with the same operation number.</summary>
/// <param name="Operation">Number by which the answer finds its way back.</param>
/// <param name="Count">Pages wanted; fewer may come when a limit or the watermark is near.</param>
/// <param name="Memcg">Group to charge.</param>
/// <param name="Cpu">CPU of who asks.</param>
public sealed record AllocatePages(int Operation, int Count, int Memcg, int Cpu);

/// <summary>The pages, or null and the reason.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Pages">At least one page, or null.</param>
/// <param name="Refusal">Why there is none.</param>
/// <param name="Group">The group whose limit it is, or, with pages, a group above its memory.high (RC-61).</param>
public sealed record PagesAllocated(int Operation, PageBuffer? Pages, Refusal Refusal = Refusal.None, int Group = 0);

/// <summary>Asks the node for an order-9 page. Reply: <see cref="HugeAllocated"/>.</summary>
public sealed record AllocateHuge(int Operation, int Memcg, int Cpu);

/// <summary>The head page, or −1 and the reason.</summary>
public sealed record HugeAllocated(int Operation, int Head, Refusal Refusal = Refusal.None, int Group = 0);

/// <summary>Work on lists and free blocks that follows a change of mappings. The work object changes hands. When
/// <paramref name="Operation"/> is not 0 the node answers <see cref="WorkDone"/>.</summary>
public sealed record DoWork(NodeWork Work, int Cpu, int Operation);

/// <summary>The work of this operation is done.</summary>
public sealed record WorkDone(int Operation);

/// <summary>Returns pages that were allocated but never mapped.</summary>
public sealed record ReturnPages(PageBuffer Pages, int Cpu);

/// <summary>Returns an order-9 page that was allocated but never mapped (KH-31).</summary>
public sealed record ReturnHuge(int Head, int Cpu);

/// <summary>lru_add_drain_all (SM-16). Reply: <see cref="AllDrained"/>.</summary>
public sealed record DrainAll;

/// <summary>Every CPU's LRU batches are empty.</summary>
public sealed record AllDrained;

/// <summary>Order-9 folios for the deferred split queue (DS-3, DS-4), in order.</summary>
public sealed record QueueForSplit(PageBuffer? Tracked, PageBuffer? PartiallyMapped);

/// <summary>A queued folio was freed or split and leaves the queue (DS-6).</summary>
public sealed record LeaveSplitQueue(int Head);
