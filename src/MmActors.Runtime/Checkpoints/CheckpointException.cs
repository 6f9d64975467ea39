namespace MmActors.Runtime.Checkpoints;

/// <summary>The state of a run cannot be captured, or bytes are not the state of a run: says which field or what part is to
/// blame.</summary>
public sealed class CheckpointException(string message) : Exception(message);
