using Akka.Actor;

namespace MmActors.Runtime.Tracing;

/// <summary>The schedule of a run as canonical bytes: who handled what from whom, when. Two runs with equal
/// <see cref="HashHex"/> made the same deliveries in the same order. Contains nothing that differs between processes: no
/// actor uid, no address, no hash code.</summary>
/// <remarks>Format 1. A header byte, then records that begin with their kind: actor created (1: id, path), outside party
/// (2: id, path), message type (3: id, name), delivery (4: ticks, receiver, sender, type), step without a delivery,
/// spent on Akka's system messages (5: ticks, receiver). Definitions precede first use. Ticks take eight bytes, ids
/// four.</remarks>
public sealed class TraceLog
{
    private const byte FormatVersion = 1;
    private const byte ActorRecord = 1;
    private const byte OutsiderRecord = 2;
    private const byte TypeRecord = 3;
    private const byte DeliveryRecord = 4;
    private const byte SystemStepRecord = 5;
    private const int NoSender = -1;

    private readonly CanonicalHasher _bytes;
    private readonly Dictionary<IActorRef, int> _parties = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Type, int> _types = [];
    private int _nextOutsider = NoSender - 1;

    internal TraceLog(Stream? copy)
    {
        _bytes = new CanonicalHasher(copy);
        _bytes.AppendByte(FormatVersion);
    }

    /// <summary>Messages delivered since the start of the run; Akka's system messages are not counted.</summary>
    public long Deliveries { get; private set; }

    /// <summary>Length of the trace in bytes.</summary>
    public long Length => _bytes.Length;

    /// <summary>Hash of the trace so far, 32 hexadecimal digits.</summary>
    public string HashHex => _bytes.Finish();

    internal void ActorCreated(int id, IActorRef actor)
    {
        _parties[actor] = id;
        _bytes.AppendByte(ActorRecord);
        _bytes.AppendInt32(id);
        _bytes.AppendString(CanonicalPath(actor));
    }

    internal void Delivery(long ticks, int receiver, IActorRef? sender, object message)
    {
        var senderId = sender is null || ReferenceEquals(sender, ActorRefs.Nobody) ? NoSender : PartyId(sender);
        var typeId = TypeId(message.GetType());
        Deliveries++;
        _bytes.AppendByte(DeliveryRecord);
        _bytes.AppendInt64(ticks);
        _bytes.AppendInt32(receiver);
        _bytes.AppendInt32(senderId);
        _bytes.AppendInt32(typeId);
    }

    internal void SystemStep(long ticks, int receiver)
    {
        _bytes.AppendByte(SystemStepRecord);
        _bytes.AppendInt64(ticks);
        _bytes.AppendInt32(receiver);
    }

    private int PartyId(IActorRef sender)
    {
        if (_parties.TryGetValue(sender, out var id))
        {
            return id;
        }

        id = _nextOutsider--;
        _parties[sender] = id;
        _bytes.AppendByte(OutsiderRecord);
        _bytes.AppendInt32(id);
        _bytes.AppendString(CanonicalPath(sender));
        return id;
    }

    private int TypeId(Type type)
    {
        if (_types.TryGetValue(type, out var id))
        {
            return id;
        }

        id = _types.Count;
        _types[type] = id;
        _bytes.AppendByte(TypeRecord);
        _bytes.AppendInt32(id);
        _bytes.AppendString(type.ToString()); // unlike FullName, names no assembly version inside generic arguments
        return id;
    }

    private static string CanonicalPath(IActorRef actor)
    {
        var path = actor.Path.ToStringWithoutAddress();
        return path.StartsWith("/temp/", StringComparison.Ordinal) ? "/temp/$x" : path;
    }
}
