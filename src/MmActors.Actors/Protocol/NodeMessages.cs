using MmActors.Model.Memory;

namespace MmActors.Actors.Protocol;

/// <summary>Asks the node for base pages. Reply: <see cref="PagesAllocated"/> with the same operation number.</summary>
public sealed record AllocatePages(int Operation, int Count);

/// <summary>The pages, or null when the watermark forbids it.</summary>
public sealed record PagesAllocated(int Operation, PageBuffer? Pages);

/// <summary>Asks the node for an order-9 page. Reply: <see cref="HugeAllocated"/>.</summary>
public sealed record AllocateHuge(int Operation);

/// <summary>The head page, or −1 when there is none.</summary>
public sealed record HugeAllocated(int Operation, int Head);

/// <summary>Work on lists and free blocks that follows a change of mappings. The work object changes hands. When
/// <paramref name="Operation"/> is not 0 the node answers <see cref="WorkDone"/>.</summary>
public sealed record DoWork(NodeWork Work, int Cpu, int Operation);

/// <summary>The work of this operation is done.</summary>
public sealed record WorkDone(int Operation);

/// <summary>Returns pages that were allocated but never mapped.</summary>
public sealed record ReturnPages(PageBuffer Pages);

/// <summary>Returns an order-9 page that was allocated but never mapped (KH-31).</summary>
public sealed record ReturnHuge(int Head);

/// <summary>lru_add_drain_all (SM-16). Reply: <see cref="AllDrained"/>.</summary>
public sealed record DrainAll;

/// <summary>Every CPU's LRU batches are empty.</summary>
public sealed record AllDrained;

/// <summary>Order-9 folios for the deferred split queue (DS-3, DS-4), in order.</summary>
public sealed record QueueForSplit(PageBuffer? Tracked, PageBuffer? PartiallyMapped);

/// <summary>A queued folio was freed or split and leaves the queue (DS-6).</summary>
public sealed record LeaveSplitQueue(int Head);
