using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;

namespace MmActors.Actors.Operations;

/// <summary>Faults of a list of accesses, one range after the other, under mmap_lock for read; then the answer.</summary>
internal sealed class TouchOperation(
    AddressSpaceActor space, IActorRef replyTo, int cpu, IReadOnlyList<Access> accesses, Func<TimeSpan, TimeSpan, object> answer)
    : FaultingOperation(space, replyTo, cpu)
{
    private int _next;
    private double _costNs;

    /// <summary>When a huge page is to be zeroed; null: after the machine's own time.</summary>
    public TimeSpan? HugePageAt { get; init; }

    /// <inheritdoc/>
    public override TimeSpan ZeroingTime => HugePageAt is { } at ? at - Space.Time : base.ZeroingTime;

    /// <inheritdoc/>
    protected override void Start() => Continue(FaultProgress.Done);

    /// <inheritdoc/>
    protected override void Continue(FaultProgress progress)
    {
        while (progress == FaultProgress.Done)
        {
            _costNs += Current?.CostNs ?? 0;
            if (_next == accesses.Count)
            {
                Cost = WorldContext.Nanoseconds(_costNs);
                object reply = answer(Cost, Stalled);
                Finish(reply is MmDone done ? done with { AboveHigh = AboveHigh } : reply);
                return;
            }

            Current = new RangeFaults(Space, this, accesses[_next++], populate: false);
            progress = Current.Advance();
        }

        if (progress != FaultProgress.Waiting)
        {
            Finish(Killed(progress, accesses[_next - 1].Range));
        }
    }

    /// <summary>What ends a task whose fault cannot be served.</summary>
    public static TaskKilled Killed(FaultProgress progress, long range) => progress switch
    {
        FaultProgress.Segfault => new TaskKilled(11, $"SIGSEGV in the range at 0x{range:x}: not mapped, or not writable"),
        FaultProgress.ReadError => new TaskKilled(7, $"SIGBUS in the range at 0x{range:x}: the swap device cannot be read"),
        _ => new TaskKilled(9, "killed for lack of memory (OOM)"),
    };
}
