using MmActors.Actors.Operations;
using MmActors.Actors.Protocol;
using MmActors.Model.Events;
using MmActors.Model.Programs;

namespace MmActors.Actors;

/// <content>How long calls and waits took, for those who derive durations.</content>
public sealed partial class AddressSpaceActor
{
    internal void EmitStall(TimeSpan waited, MmOperation waiter)
    {
        if (waited > TimeSpan.Zero)
        {
            Emit(new KernelEvent
            {
                Time = Now,
                Kind = KernelEventKind.Stall,
                Mm = Mm.Id,
                Amount = waited.Ticks / TimeSpan.TicksPerMicrosecond,
                Detail = World.Events.FollowsSteps ? new EventDetail
                {
                    Name = NameOf(waiter),
                    Since = Now - waited,
                    Cause = waiter.WaitedFor,
                } : null,
            });
        }
    }

    internal void EmitMadvise(long address, Advice advice, Errno errno, TimeSpan? since = null, long pages = 0) => Emit(
        new KernelEvent
        {
            Time = Now,
            Kind = KernelEventKind.Madvise,
            Mm = Mm.Id,
            Address = address,
            Amount = (long)errno,
            Extra = (long)advice,
            Detail = World.Events.FollowsSteps ? new EventDetail { Since = since, Pages = pages } : null,
        });

    /// <summary>On whose behalf an operation needs memory: a collapse that asked for it, or the task's own fault or call.</summary>
    internal Origin OriginOf(MmOperation operation) => operation.Origin != default ? operation.Origin
        : World.NewOrigin(operation is TouchOperation ? OriginKind.Fault : OriginKind.Call, Mm.Id);

    /// <summary>Who waits; a collapse that waits for the lock is no task that waits for a collapse.</summary>
    private static string NameOf(MmOperation waiter) => waiter switch
    {
        TouchOperation => "fault",
        PopulateOperation => "populate",
        MapOperation => "mmap",
        UnmapOperation => "munmap",
        AdviseOperation or PageOutOperation => "madvise",
        AreaOperation => "vma",
        ForkOperation => "fork",
        _ => KernelWaiters.Collapse,
    };
}
