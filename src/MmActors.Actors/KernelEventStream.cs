using MmActors.Model.Events;
using MmActors.Runtime.Tracing;

namespace MmActors.Actors;

/// <summary>The event stream of one run: hashed as it is written, and handed to whoever derives something from it.</summary>
public sealed class KernelEventStream : IKernelEventSink
{
    private readonly CanonicalHasher _hasher = new();
    private readonly List<IKernelEventSink> _observers = [];
    private readonly List<IKernelEventSink> _followers = [];
    private readonly List<IKernelEventSink> _stepFollowers = [];

    /// <summary>Events so far.</summary>
    public long Count { get; private set; }

    /// <summary>What stands for the hash of a run that has none: one whose events come in an order of the machine's.</summary>
    public const string NoHash = "–";

    /// <summary>Whether the same run would give the same events in the same order again.</summary>
    public bool IsOrdered { get; init; } = true;

    /// <summary>Identity of the run: 32 hex digits over the canonical bytes of every event; <see cref="NoHash"/> for a run
    /// that cannot be repeated.</summary>
    public string Hash => IsOrdered ? _hasher.Finish() : NoHash;

    /// <summary>Hands every further event to an observer as well.</summary>
    public void Attach(IKernelEventSink observer)
    {
        _observers.Add(observer);
        if (observer.FollowsSteps)
        {
            _stepFollowers.Add(observer);
        }
    }

    /// <inheritdoc/>
    public bool FollowsSteps => _stepFollowers.Count > 0;

    /// <inheritdoc/>
    public void EmitStep(in KernelEvent kernelEvent)
    {
        foreach (IKernelEventSink follower in _stepFollowers)
        {
            follower.EmitStep(kernelEvent);
        }
    }

    /// <summary>Hands every further event to an observer as well, and the details of the ranges it follows.</summary>
    public void AttachFollower(IKernelEventSink observer)
    {
        Attach(observer);
        _followers.Add(observer);
    }

    /// <inheritdoc/>
    public bool Follows(int mm, long start, long end)
    {
        foreach (IKernelEventSink follower in _followers)
        {
            if (follower.Follows(mm, start, end))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void EmitDetail(in KernelEvent kernelEvent)
    {
        foreach (IKernelEventSink follower in _followers)
        {
            follower.EmitDetail(kernelEvent);
        }
    }

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent)
    {
        Count++;
        _hasher.AppendInt64(kernelEvent.Time.Ticks);
        _hasher.AppendByte((byte)kernelEvent.Kind);
        _hasher.AppendByte((byte)kernelEvent.Status);
        _hasher.AppendByte((byte)((kernelEvent.Flag ? 1 : 0) | (kernelEvent.Writable ? 2 : 0)));
        _hasher.AppendInt32(kernelEvent.Mm);
        _hasher.AppendInt64(kernelEvent.Address);
        _hasher.AppendInt32(kernelEvent.Pfn);
        _hasher.AppendInt32(kernelEvent.Referenced);
        _hasher.AppendInt32(kernelEvent.NoneOrZero);
        _hasher.AppendInt32(kernelEvent.Unmapped);
        _hasher.AppendInt64(kernelEvent.Amount);
        _hasher.AppendInt64(kernelEvent.Extra);
        foreach (IKernelEventSink observer in _observers)
        {
            observer.Emit(kernelEvent);
        }
    }
}
