using MmActors.Tracing.Perfetto.Protos;

namespace MmActors.Tracing.Perfetto;

/// <summary>Puts the packets of a run in order, however many there are, with a memory that is bounded: an external merge sort
/// (Knuth, The Art of Computer Programming 3, 5.4.1). What has come is sorted and written out as a run whenever the buffer is
/// full; so many runs of a level become one of the next, so that a packet is written once per level.</summary>
internal sealed class PacketSpool : IDisposable
{
    private readonly string _path;
    private readonly SpoolLimits _limits;
    private readonly List<PacketRuns> _levels = [];
    private readonly PacketEncoder _encoder = new();
    private byte[] _bytes = new byte[1 << 15];
    private (PacketHead Head, int Offset)[] _packets = new (PacketHead, int)[1 << 8];
    private int _length;
    private int _count;
    private long _number;

    /// <summary>Opens the first file, so that a folder nothing can be written to is noticed before a long run.</summary>
    /// <param name="path">What the passing files are called; the number of the level is added.</param>
    /// <param name="limits">How much is kept in memory.</param>
    public PacketSpool(string path, SpoolLimits limits)
    {
        (_path, _limits) = (path, limits);
        Level(0);
    }

    /// <summary>Why packets were lost: the first fault of the disk. Nothing is kept from then on.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Takes a packet.</summary>
    /// <param name="track">Number of its track.</param>
    /// <param name="begin">Where it lies on it; zero for what stays in the order in which it comes.</param>
    /// <param name="depth">How deep it lies there.</param>
    /// <param name="end">When the slice that it begins ends.</param>
    /// <param name="packet">The packet.</param>
    public void Add(ulong track, long begin, Depth depth, long end, TracePacket packet)
    {
        if (Fault is not null)
        {
            return;
        }

        ReadOnlySpan<byte> bytes = _encoder.Encode(packet);
        if (_count == _limits.Packets || (_length + bytes.Length > _limits.Bytes && _count > 0))
        {
            Try(Spill);
        }

        if (_count == _packets.Length)
        {
            Array.Resize(ref _packets, 2 * _count);
        }

        if (_length + bytes.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + bytes.Length));
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _packets[_count++] = (new PacketHead(new PacketKey(track, begin, depth, _number++), end, bytes.Length), _length);
        _length += bytes.Length;
    }

    /// <summary>All packets in order. Each is to be looked at before the next one is asked for.</summary>
    /// <exception cref="IOException">The disk failed, now or while the packets came.</exception>
    public IEnumerable<PacketRunReader> InOrder()
    {
        Try(Spill);
        return Fault is null ? Merge(_levels) : throw new IOException(Fault.Message, Fault);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _levels.ForEach(static level => level.Dispose());
        _levels.Clear();
    }

    private PacketRuns Level(int number)
    {
        if (number == _levels.Count)
        {
            _levels.Add(new PacketRuns($"{_path}{number}"));
        }

        return _levels[number];
    }

    /// <summary>A fault of the disk is no fault of the simulator, in whose midst it happens: it is kept until the trace is asked for,
    /// and the space is given back at once.</summary>
    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Fault = fault;
            Dispose();
            (_count, _length) = (0, 0);
        }
    }

    private void Spill()
    {
        if (_count == 0)
        {
            return;
        }

        _packets.AsSpan(0, _count).Sort(static (a, b) => a.Head.Key.CompareTo(b.Head.Key));
        PacketRuns first = Level(0);
        foreach ((PacketHead head, int offset) in _packets.AsSpan(0, _count))
        {
            first.Append(head, _bytes.AsSpan(offset, head.Length));
        }

        first.EndRun();
        (_count, _length) = (0, 0);
        for (int full = 0; _levels[full].Count == _limits.Runs; full++)
        {
            PacketRuns next = Level(full + 1);
            foreach (PacketRunReader packet in Merge([_levels[full]]))
            {
                next.Append(packet.Head, packet.Bytes);
            }

            next.EndRun();
            _levels[full].Clear();
        }
    }

    private static IEnumerable<PacketRunReader> Merge(IReadOnlyList<PacketRuns> levels)
    {
        var first = new PriorityQueue<PacketRunReader, PacketKey>();
        foreach (PacketRunReader run in levels.SelectMany(static level => level.Readers()))
        {
            if (run.Read())
            {
                first.Enqueue(run, run.Head.Key);
            }
        }

        while (first.TryPeek(out PacketRunReader? run, out _))
        {
            yield return run;
            if (run.Read())
            {
                first.DequeueEnqueue(run, run.Head.Key);
            }
            else
            {
                first.Dequeue();
            }
        }
    }
}
