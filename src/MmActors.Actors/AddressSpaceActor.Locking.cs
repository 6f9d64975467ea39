using MmActors.Actors.Operations;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Injection;

namespace MmActors.Actors;

/// <content>Letting go of mmap_lock.</content>
public sealed partial class AddressSpaceActor
{
    /// <summary>How long a waiter that is granted mmap_lock may be kept from running: a few scheduler ticks.</summary>
    private static readonly TimeSpan GrantDelay = TimeSpan.FromMilliseconds(10);

    /// <summary>The VISIT or collapse that holds mmap_lock or waits for it.</summary>
    internal Origin LockUser { get; set; }

    /// <summary>Drops one hold of mmap_lock and lets the next waiters in.</summary>
    /// <param name="mode">How it was held.</param>
    /// <param name="by">The VISIT or collapse that is through with it.</param>
    internal void Release(LockMode mode, Origin by = default)
    {
        if (by == LockUser)
        {
            LockUser = default;
        }

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
