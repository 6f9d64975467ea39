using Google.Protobuf;
using MmActors.Tracing.Perfetto.Protos;

namespace MmActors.Tracing.Perfetto;

/// <summary>Packets as they lie in the file: a trace is its packets one behind the other, each with its tag and length.</summary>
internal sealed class PacketEncoder
{
    private readonly Trace _trace = new();
    private byte[] _bytes = new byte[512];

    /// <summary>The bytes of a packet, until the next one is encoded.</summary>
    public ReadOnlySpan<byte> Encode(TracePacket packet)
    {
        _trace.Packet.Clear();
        _trace.Packet.Add(packet);
        int length = _trace.CalculateSize();
        if (length > _bytes.Length)
        {
            _bytes = new byte[2 * length];
        }

        _trace.WriteTo(_bytes.AsSpan(0, length));
        return _bytes.AsSpan(0, length);
    }
}
