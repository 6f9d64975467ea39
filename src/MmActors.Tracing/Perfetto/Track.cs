using MmActors.Tracing.Perfetto.Protos;

namespace MmActors.Tracing.Perfetto;

/// <summary>One line of the viewer: a thread, a part of a process, or a counter. Slices may be added in any order, because the
/// end of most of them is known before that of what contains them; <see cref="NestedSlices"/> writes them nested.</summary>
internal sealed class Track(PacketSpool spool, ulong uuid, Track? parent, string name)
{
    private long? _value;

    /// <summary>Its number in the trace.</summary>
    public ulong Uuid => uuid;

    /// <summary>The process it stands for; null for any other track.</summary>
    public ProcessDescriptor? Process { get; init; }

    /// <summary>The thread it stands for; null for any other track.</summary>
    public ThreadDescriptor? Thread { get; init; }

    /// <summary>Values instead of slices.</summary>
    public bool IsCounter { get; init; }

    /// <summary>Takes a slice, or a moment.</summary>
    public void Add(Slice slice) => spool.Add(
        uuid, slice.Begin, slice.Depth, slice.End,
        At(slice.Begin, Event(slice, slice.Depth == Depth.Instant ? TrackEvent.Types.Type.Instant : TrackEvent.Types.Type.SliceBegin)));

    /// <summary>The counter has this value from now on; a value that does not change is not repeated.</summary>
    public void Set(long time, long value)
    {
        if (_value != value)
        {
            _value = value;
            spool.Add(uuid, 0, Depth.Instant, time, At(time, new TrackEvent { Type = TrackEvent.Types.Type.Counter, CounterValue = value }));
        }
    }

    /// <summary>What the track is, once all names are known: the packet in front of those that lie on it.</summary>
    public TracePacket Descriptor()
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

        return Of(new TracePacket { TrackDescriptor = descriptor });
    }

    /// <summary>The end of the slice that was begun last.</summary>
    public TracePacket End(long time) => At(time, new TrackEvent { Type = TrackEvent.Types.Type.SliceEnd });

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
