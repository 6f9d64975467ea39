using MmActors.Actors.Operations;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Injection;

namespace MmActors.Actors;

/// <content>Letting go of mmap_lock.</content>
public sealed partial class AddressSpaceActor
{
    /// <summary>How long a waiter that is granted mmap_lock may be kept from running: a few scheduler ticks.</summary>
    private static readonly TimeSpan GrantDelay = TimeSpan.FromMilliseconds(10);

    /// <summary>Drops one hold of mmap_lock and lets the next waiters in.</summary>
    internal void Release(LockMode mode)
    {
        Lock.Release(mode);
        if (Lock.HasWaiters && World.Strikes(FaultPoint.DelayedGrant))
        {
            After(GrantDelay, new GrantDue());
        }
        else
        {
            GrantWaiters();
        }
    }

    private void GrantWaiters()
    {
        while (Lock.TryGrantNext(out MmOperation operation))
        {
            operation.Granted();
        }
    }

    private sealed record GrantDue;
}
