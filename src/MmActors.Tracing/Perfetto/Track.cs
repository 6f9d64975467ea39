using MmActors.Tracing.Perfetto.Protos;

namespace MmActors.Tracing.Perfetto;

/// <summary>One line of the viewer: a thread, a part of a process, or a counter. Slices may be added in any order; they are
/// written nested, because the end of most of them is known before that of what contains them.</summary>
internal sealed class Track(ulong uuid, Track? parent, string name)
{
    private readonly List<Slice> _slices = [];
    private readonly List<(long Time, long Value)> _values = [];

    /// <summary>Its number in the trace.</summary>
    public ulong Uuid => uuid;

    /// <summary>The process it stands for; null for any other track.</summary>
    public ProcessDescriptor? Process { get; init; }

    /// <summary>The thread it stands for; null for any other track.</summary>
    public ThreadDescriptor? Thread { get; init; }

    /// <summary>Values instead of slices.</summary>
    public bool IsCounter { get; init; }

    /// <summary>Slices cut short because they reached beyond the one they began in; none unless the projection is wrong.</summary>
    public int Cut { get; private set; }

    public void Add(Slice slice) => _slices.Add(slice);

    /// <summary>The counter has this value from now on; a value that does not change is not repeated.</summary>
    public void Set(long time, long value)
    {
        if (_values.Count == 0 || _values[^1].Value != value)
        {
            _values.Add((time, value));
        }
    }

    /// <summary>The track and all that is on it, in order of time.</summary>
    public IEnumerable<TracePacket> Packets()
    {
        var descriptor = new TrackDescriptor { Uuid = uuid };
        if (parent is not null)
        {
            descriptor.ParentUuid = parent.Uuid;
        }

        if (Process is not null)
        {
            descriptor.Process = Process;
        }
        else if (Thread is not null)
        {
            descriptor.Thread = Thread;
        }
        else
        {
            descriptor.Name = name;
        }

        if (IsCounter)
        {
            descriptor.Counter = new CounterDescriptor { Unit = CounterDescriptor.Types.Unit.Count };
        }

        yield return Of(new TracePacket { TrackDescriptor = descriptor });
        foreach ((long time, long value) in _values)
        {
            yield return At(time, new TrackEvent { Type = TrackEvent.Types.Type.Counter, CounterValue = value });
        }

        foreach (TracePacket packet in Nested())
        {
            yield return packet;
        }
    }

    private IEnumerable<TracePacket> Nested()
    {
        var open = new Stack<Slice>();
        foreach (Slice slice in _slices.OrderBy(static slice => slice.Begin).ThenBy(static slice => slice.Depth))
        {
            while (open.TryPeek(out Slice? top) && !Holds(top, slice))
            {
                yield return End(open.Pop());
            }

            if (slice.Depth == Depth.Instant)
            {
                yield return At(slice.Begin, Event(slice, TrackEvent.Types.Type.Instant));
                continue;
            }

            long end = open.TryPeek(out Slice? outer) && slice.End > outer.End ? outer.End : slice.End;
            Cut += end < slice.End ? 1 : 0;
            yield return At(slice.Begin, Event(slice, TrackEvent.Types.Type.SliceBegin));
            open.Push(slice with { End = end });
        }

        while (open.TryPop(out Slice? last))
        {
            yield return End(last);
        }
    }

    /// <summary>What takes no time may lie at the very end of what it is part of.</summary>
    private static bool Holds(Slice outer, Slice inner) => inner.Begin < outer.End
        || (inner.Begin == outer.End && inner.End == inner.Begin && inner.Depth > outer.Depth);

    private TracePacket End(Slice slice) => At(slice.End, new TrackEvent { Type = TrackEvent.Types.Type.SliceEnd });

    private static TrackEvent Event(Slice slice, TrackEvent.Types.Type type)
    {
        var entry = new TrackEvent { Type = type, Name = slice.Name };
        entry.Categories.Add("mm");
        if (slice.Flow != 0)
        {
            entry.FlowIds.Add(slice.Flow);
        }

        foreach ((string note, object value) in slice.Notes)
        {
            entry.DebugAnnotations.Add(value is string text
                ? new DebugAnnotation { Name = note, StringValue = text }
                : new DebugAnnotation { Name = note, IntValue = Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture) });
        }

        return entry;
    }

    private TracePacket At(long time, TrackEvent entry)
    {
        entry.TrackUuid = uuid;
        TracePacket packet = Of(new TracePacket { TrackEvent = entry });
        packet.Timestamp = (ulong)time;
        return packet;
    }

    /// <summary>Each track is a sequence of its own, for only within one must the times not go back.</summary>
    private TracePacket Of(TracePacket packet)
    {
        packet.TrustedPacketSequenceId = (uint)uuid;
        return packet;
    }
}
