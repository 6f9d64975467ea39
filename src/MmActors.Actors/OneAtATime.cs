using MmActors.Model.Events;

namespace MmActors.Actors;

/// <summary>The event stream of a world whose actors are at work at the same time: each event is told whole before the next,
/// so whoever listens needs no lock. Which of two simultaneous ones comes first is the machine's choice.</summary>
internal sealed class OneAtATime(KernelEventStream stream) : IKernelEventSink
{
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public bool FollowsSteps => stream.FollowsSteps; // who listens is settled before anybody runs

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent)
    {
        lock (_gate)
        {
            stream.Emit(kernelEvent);
        }
    }

    /// <inheritdoc/>
    public void EmitStep(in KernelEvent kernelEvent)
    {
        lock (_gate)
        {
            stream.EmitStep(kernelEvent);
        }
    }

    /// <inheritdoc/>
    public void EmitDetail(in KernelEvent kernelEvent)
    {
        lock (_gate)
        {
            stream.EmitDetail(kernelEvent);
        }
    }

    /// <inheritdoc/>
    public bool Follows(int mm, long start, long end)
    {
        lock (_gate)
        {
            return stream.Follows(mm, start, end); // a follower learns from events what it follows
        }
    }
}
