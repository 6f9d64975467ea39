namespace MmActors.Model.Memory;

/// <summary>The model contradicted itself (architecture.md section 5): a bug of the simulator, never of its input.
/// The run stops, the command exits with 3 and prints the line that replays it.</summary>
public sealed class InvariantException(string message) : Exception(message);
