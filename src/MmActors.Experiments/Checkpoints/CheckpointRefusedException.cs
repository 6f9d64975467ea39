namespace MmActors.Experiments.Checkpoints;

/// <summary>A store of checkpoints cannot be used, or a checkpoint in it: the message is the one line for the user, and what it
/// speaks of has not been touched.</summary>
public sealed class CheckpointRefusedException(string message) : Exception(message);
