namespace MmActors.Tracing.Perfetto;

/// <summary>How deep a slice lies. Slices of one track that begin together are nested in this order.</summary>
internal enum Depth
{
    /// <summary>A task's life, a pass, a call of reclaim.</summary>
    Outer,
    /// <summary>What an outer one consists of: a VISIT, a measurement.</summary>
    Middle,
    /// <summary>A scan, a collapse, a round, a wait.</summary>
    Inner,
    /// <summary>A moment.</summary>
    Instant,
}

/// <summary>One stretch of time on a track, in nanoseconds of the trace clock.</summary>
/// <param name="Begin">Its begin.</param>
/// <param name="End">Its end, not before the begin.</param>
/// <param name="Depth">How deep it lies.</param>
/// <param name="Name">What the viewer shows on it.</param>
/// <param name="Flow">Number of the flow that passes through it; 0 for none.</param>
/// <param name="Notes">Arguments: names with a number or a text.</param>
internal sealed record Slice(long Begin, long End, Depth Depth, string Name, ulong Flow, params (string Name, object Value)[] Notes);
