using MmActors.Tracing.Perfetto.Protos;

namespace MmActors.Tracing.Perfetto;

/// <summary>Writes the tracks of a trace with what lies on them. The packets come in order of their begins; the ends are put
/// between them here, so that slices lie within each other.</summary>
internal sealed class NestedSlices(Stream stream)
{
    private readonly PacketEncoder _encoder = new();
    private readonly Stack<(Depth Depth, long End)> _open = [];
    private int _cut;

    /// <summary>Writes all tracks.</summary>
    /// <param name="tracks">In order of their numbers.</param>
    /// <param name="packets">In order of their keys.</param>
    /// <returns>Slices cut short because they reached beyond the one they began in.</returns>
    public int Write(IReadOnlyList<Track> tracks, IEnumerable<PacketRunReader> packets)
    {
        using IEnumerator<PacketRunReader> packet = packets.GetEnumerator();
        bool hasMore = packet.MoveNext();
        foreach (Track track in tracks)
        {
            Write(track.Descriptor());
            for (; hasMore && packet.Current.Head.Key.Track == track.Uuid; hasMore = packet.MoveNext())
            {
                Begin(track, packet.Current);
            }

            while (_open.TryPop(out (Depth Depth, long End) last))
            {
                Write(track.End(last.End));
            }
        }

        return _cut;
    }

    private void Begin(Track track, PacketRunReader packet)
    {
        PacketHead head = packet.Head;
        while (_open.TryPeek(out (Depth Depth, long End) outer) && !Holds(outer, head))
        {
            Write(track.End(_open.Pop().End));
        }

        stream.Write(packet.Bytes);
        if (head.Key.Depth == Depth.Instant)
        {
            return;
        }

        long end = _open.TryPeek(out (Depth Depth, long End) around) && head.End > around.End ? around.End : head.End;
        _cut += end < head.End ? 1 : 0;
        _open.Push((head.Key.Depth, end));
    }

    /// <summary>What takes no time may lie at the very end of what it is part of.</summary>
    private static bool Holds((Depth Depth, long End) outer, in PacketHead inner) => inner.Key.Begin < outer.End
        || (inner.Key.Begin == outer.End && inner.End == inner.Key.Begin && inner.Key.Depth > outer.Depth);

    private void Write(TracePacket packet) => stream.Write(_encoder.Encode(packet));
}
