using System.Reflection;

namespace MmActors.Runtime.Checkpoints.Graphs;

/// <summary>Dictionaries and hash sets. Hash codes differ from process to process, so they are left out and computed again when
/// the keys are complete; entries keep their places, empty ones included, and with them the order in which the container is
/// walked now and after further changes.</summary>
internal abstract class HashedCodec : ObjectCodec
{
    /// <summary>Computes the hash codes again.</summary>
    public abstract void Rehash(object target);

    public static new ObjectCodec For(Type type)
    {
        var arguments = type.GetGenericArguments();
        return Make(arguments.Length == 2
            ? typeof(HashedCodec<,>).MakeGenericType(arguments)
            : typeof(HashedCodec<,>).MakeGenericType(arguments[0], typeof(byte)));
    }
}

/// <summary>Dictionaries of these keys and values; sets of these keys if the value is a byte.</summary>
internal sealed class HashedCodec<TKey, TValue> : HashedCodec
    where TKey : notnull
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.NonPublic;

    private readonly Kind _dictionaries = new(typeof(Dictionary<TKey, TValue>), "hashCode", "next", "key", "value");
    private readonly Kind _sets = new(typeof(HashSet<TKey>), "HashCode", "Next", "Value", null);

    public override void Write(object target, GraphWriter writer)
    {
        var kind = KindOf(target);
        var entries = (Array?)kind.Entries.GetValue(target);
        var count = (int)kind.Count.GetValue(target)!;
        writer.Body.WriteNumber(entries?.Length ?? 0);
        writer.Body.WriteNumber(count);
        writer.Body.WriteNumber((int)kind.FreeList.GetValue(target)!);
        writer.Body.WriteNumber((int)kind.FreeCount.GetValue(target)!);
        writer.Body.WriteNumber((int)kind.Version.GetValue(target)!);
        var comparer = kind.Comparer.GetValue(target);
        writer.Reference(ref comparer, "comparer");
        for (var index = 0; index < count; index++)
        {
            var next = kind.Next(entries!, index);
            writer.Body.WriteNumber(next >= -1 ? 0 : -1 - next);
            if (next >= -1)
            {
                Items<TKey>.Write(ref kind.Key(entries!, index), writer);
                if (kind.Value is { } value)
                {
                    Items<TValue>.Write(ref value(entries!, index), writer);
                }
            }
        }
    }

    public override void Read(object target, GraphReader reader)
    {
        var kind = KindOf(target);
        var length = reader.Body.ReadNumber();
        var entries = length == 0 ? null : Array.CreateInstance(kind.Entry, length);
        var count = reader.Body.ReadNumber();
        kind.Entries.SetValue(target, entries);
        kind.Count.SetValue(target, count);
        kind.FreeList.SetValue(target, reader.Body.ReadNumber());
        kind.FreeCount.SetValue(target, reader.Body.ReadNumber());
        kind.Version.SetValue(target, reader.Body.ReadNumber());
        kind.Comparer.SetValue(target, reader.NextObject());
        for (var index = 0; index < count; index++)
        {
            var free = reader.Body.ReadNumber();
            kind.Next(entries!, index) = -1 - free; // below −1 in a free entry, which names the next free one
            if (free == 0)
            {
                Items<TKey>.Read(ref kind.Key(entries!, index), reader);
                if (kind.Value is { } value)
                {
                    Items<TValue>.Read(ref value(entries!, index), reader);
                }
            }
        }

        reader.RehashLater(this, target);
    }

    public override void Rehash(object target)
    {
        var kind = KindOf(target);
        if (kind.Entries.GetValue(target) is not Array entries)
        {
            return;
        }

        var comparer = (IEqualityComparer<TKey>?)kind.Comparer.GetValue(target) ?? EqualityComparer<TKey>.Default;
        var buckets = new int[entries.Length];
        var count = (int)kind.Count.GetValue(target)!;
        for (var index = 0; index < count; index++)
        {
            ref var next = ref kind.Next(entries, index);
            if (next < -1)
            {
                continue;
            }

            var key = kind.Key(entries, index);
            var hash = key is null ? 0 : comparer.GetHashCode(key);
            kind.Hash(entries, index) = hash;
            ref var bucket = ref buckets[(int)((uint)hash % (uint)buckets.Length)];
            next = bucket - 1;
            bucket = index + 1;
        }

        kind.Buckets.SetValue(target, buckets);
        kind.Multiplier.SetValue(target, (ulong.MaxValue / (uint)buckets.Length) + 1);
    }

    private Kind KindOf(object target) => target is HashSet<TKey> ? _sets : _dictionaries;

    private static FieldInfo FieldOf(Type type, string name) => type.GetField(name, Fields)
        ?? throw new CheckpointException($"this runtime's {type.Name} has no field {name}");

    private sealed class Kind
    {
        private readonly ElementField<int>? _signed;
        private readonly ElementField<uint>? _unsigned;

        public Kind(Type type, string hash, string next, string key, string? value)
        {
            Entries = FieldOf(type, "_entries");
            Buckets = FieldOf(type, "_buckets");
            Multiplier = FieldOf(type, "_fastModMultiplier");
            Count = FieldOf(type, "_count");
            FreeList = FieldOf(type, "_freeList");
            FreeCount = FieldOf(type, "_freeCount");
            Version = FieldOf(type, "_version");
            Comparer = FieldOf(type, "_comparer");
            Entry = Entries.FieldType.GetElementType()!;
            Next = FieldCode.ElementField<int>(Entry, next);
            Key = FieldCode.ElementField<TKey>(Entry, key);
            Value = value is null ? null : FieldCode.ElementField<TValue>(Entry, value);
            if (Entry.GetField(hash, BindingFlags.Instance | BindingFlags.Public)!.FieldType == typeof(uint))
            {
                _unsigned = FieldCode.ElementField<uint>(Entry, hash);
            }
            else
            {
                _signed = FieldCode.ElementField<int>(Entry, hash);
            }
        }

        public FieldInfo Entries { get; }

        public FieldInfo Buckets { get; }

        public FieldInfo Multiplier { get; }

        public FieldInfo Count { get; }

        public FieldInfo FreeList { get; }

        public FieldInfo FreeCount { get; }

        public FieldInfo Version { get; }

        public FieldInfo Comparer { get; }

        public Type Entry { get; }

        public ElementField<int> Next { get; }

        public ElementField<TKey> Key { get; }

        public ElementField<TValue>? Value { get; }

        public ref int Hash(object entries, int index) => ref _signed is not null
            ? ref _signed(entries, index)
            : ref System.Runtime.CompilerServices.Unsafe.As<uint, int>(ref _unsigned!(entries, index));
    }
}

/// <summary>Single keys and values of containers.</summary>
internal static class Items<T>
{
    public static void Write(ref T item, GraphWriter writer)
    {
        if (ValueCode<T>.IsRaw)
        {
            writer.Body.WriteBytes(Bytes(ref item));
        }
        else if (ValueCode<T>.Write is { } write)
        {
            write(ref item, writer);
        }
        else
        {
            writer.Reference(ref System.Runtime.CompilerServices.Unsafe.As<T, object?>(ref item), "[]");
        }
    }

    public static void Read(ref T item, GraphReader reader)
    {
        if (ValueCode<T>.IsRaw)
        {
            reader.Body.ReadBytes(Bytes(ref item));
        }
        else if (ValueCode<T>.Read is { } read)
        {
            read(ref item, reader);
        }
        else
        {
            item = (T)reader.NextObject()!;
        }
    }

    private static Span<byte> Bytes(ref T item) => System.Runtime.InteropServices.MemoryMarshal.CreateSpan(
        ref System.Runtime.CompilerServices.Unsafe.As<T, byte>(ref item), System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
}
