namespace MmActors.Tracing.Perfetto;

/// <summary>What lies in front of a packet while it waits on disk.</summary>
/// <param name="Key">Where it lies in the end.</param>
/// <param name="End">When the slice that it begins ends.</param>
/// <param name="Length">Bytes of the packet that follow.</param>
internal readonly record struct PacketHead(PacketKey Key, long End, int Length);
