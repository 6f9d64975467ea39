using Akka.Actor;

namespace MmActors.Runtime.Checkpoints;

/// <summary>An actor whose whole state is its fields: with these filled in, a new instance goes on where the old one stood. What
/// Akka would keep for it besides - stashed messages, timers by name, other behaviours, watched actors - it does not use.</summary>
public abstract class RestorableActor : UntypedActor
{
    [NotInCheckpoint]
    private bool _isRestored;

    /// <summary>The actor was started long ago, in the run that the checkpoint was taken of.</summary>
    public sealed override void AroundPreStart()
    {
        if (!_isRestored)
        {
            base.AroundPreStart();
        }
    }

    internal void MarkRestored() => _isRestored = true;
}
