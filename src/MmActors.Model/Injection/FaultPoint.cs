namespace MmActors.Model.Injection;

/// <summary>Places where something may go wrong that the kernel must expect at any time.</summary>
public enum FaultPoint
{
    /// <summary>An allocation of base pages finds none above the watermark (RC-6).</summary>
    AllocatePages,
    /// <summary>An allocation of an order-9 page finds no block (RC-4).</summary>
    AllocateHuge,
    /// <summary>The lock of a folio is just held by somebody else.</summary>
    TryLock,
    /// <summary>A write to the swap device fails: the page stays dirty and in memory (RC-36).</summary>
    SwapWriteError,
    /// <summary>A read from the swap device fails: SIGBUS for the task that faulted (UT-7).</summary>
    SwapReadError,
    /// <summary>The swap device takes much longer than usual.</summary>
    SwapStall,
    /// <summary>mmap_lock is free, but whoever waits for it does not run yet.</summary>
    DelayedGrant,
    /// <summary>A task is killed between two steps, whatever it does.</summary>
    TaskKill,
}

/// <summary>Decides at each fault point whether it goes wrong this time. Asked in the order of the run, so a seeded one makes
/// the same faults in the same schedule.</summary>
public interface IFaultInjector
{
    /// <summary>Whether it goes wrong now.</summary>
    bool Strikes(FaultPoint point);
}
