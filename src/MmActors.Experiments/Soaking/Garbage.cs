namespace MmActors.Experiments.Soaking;

/// <summary>What a long run leaves behind in the oldest generation, where the runtime lets it lie for as long as the machine has
/// memory.</summary>
internal static class Garbage
{
    /// <summary>Collects all of it now; to be called while the simulation stands still.</summary>
    public static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
}
