using MmActors.Actors;

namespace MmActors.Experiments.Running;

/// <summary>Full audits of a world at intervals of simulated time, while nobody is at work. Without an interval there are
/// none.</summary>
internal sealed class Audits(World world, TimeSpan? interval)
{
    /// <summary>When the next one is due; null for never.</summary>
    public TimeSpan? Due => interval * (Count + 1);

    /// <summary>Audits made.</summary>
    public int Count { get; private set; }

    /// <summary>The world stands still at the time that was due.</summary>
    /// <exception cref="Model.Memory.InvariantException">An invariant does not hold.</exception>
    public void Check()
    {
        world.Audit();
        Count++;
    }
}
