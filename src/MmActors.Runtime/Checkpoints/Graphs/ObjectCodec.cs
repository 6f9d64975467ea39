using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MmActors.Runtime.Checkpoints.Graphs;

/// <summary>Writes and fills the objects of one type.</summary>
internal abstract class ObjectCodec
{
    /// <summary>Writes what the object holds.</summary>
    public abstract void Write(object target, GraphWriter writer);

    /// <summary>Fills a new object.</summary>
    public abstract void Read(object target, GraphReader reader);

    /// <summary>The codec for a type.</summary>
    public static ObjectCodec For(Type type)
    {
        if (type == typeof(string) || type == typeof(Lock) || type.IsAssignableTo(typeof(Delegate)))
        {
            return new EmptyCodec();
        }

        if (type.IsArray)
        {
            return Make(typeof(ArrayCodec<>).MakeGenericType(type.GetElementType()!));
        }

        if (type.IsValueType)
        {
            return Make(typeof(BoxCodec<>).MakeGenericType(type));
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        return definition == typeof(Dictionary<,>) || definition == typeof(HashSet<>) ? HashedCodec.For(type) : new FieldCodec(type);
    }

    protected static ObjectCodec Make(Type codec) => (ObjectCodec)Activator.CreateInstance(codec, nonPublic: true)!;
}

/// <summary>Objects that are complete when they are made.</summary>
internal sealed class EmptyCodec : ObjectCodec
{
    public override void Write(object target, GraphWriter writer)
    {
        // Everything was said where it is described.
    }

    public override void Read(object target, GraphReader reader)
    {
        // As above.
    }
}

/// <summary>Most objects: what their own fields and those of their bases hold, one after the other.</summary>
internal sealed class FieldCodec(Type type) : ObjectCodec
{
    private readonly ObjectWriter _write = FieldCode.ObjectWriter(type);
    private readonly ObjectReader _read = FieldCode.ObjectReader(type);

    public override void Write(object target, GraphWriter writer) => _write(target, writer);

    public override void Read(object target, GraphReader reader) => _read(target, reader);
}

/// <summary>Structures and plain values that are referred to as objects.</summary>
internal sealed class BoxCodec<T> : ObjectCodec
    where T : struct
{
    public override void Write(object target, GraphWriter writer) => Items<T>.Write(ref Unsafe.Unbox<T>(target), writer);

    public override void Read(object target, GraphReader reader) => Items<T>.Read(ref Unsafe.Unbox<T>(target), reader);
}

/// <summary>Arrays of any rank: plain values as bytes, without the many that are zero.</summary>
internal sealed class ArrayCodec<T> : ObjectCodec
{
    public override void Write(object target, GraphWriter writer)
    {
        var elements = Elements(target);
        if (ValueCode<T>.IsRaw)
        {
            writer.Body.WriteSparse(Bytes(elements));
        }
        else if (ValueCode<T>.Write is { } write)
        {
            foreach (ref var element in elements)
            {
                write(ref element, writer);
            }
        }
        else
        {
            foreach (ref var element in elements)
            {
                writer.Reference(ref Unsafe.As<T, object?>(ref element), "[]");
            }
        }
    }

    public override void Read(object target, GraphReader reader)
    {
        var elements = Elements(target);
        if (ValueCode<T>.IsRaw)
        {
            reader.Body.ReadSparse(Bytes(elements));
        }
        else if (ValueCode<T>.Read is { } read)
        {
            foreach (ref var element in elements)
            {
                read(ref element, reader);
            }
        }
        else
        {
            foreach (ref var element in elements)
            {
                element = (T)reader.NextObject()!;
            }
        }
    }

    private static Span<T> Elements(object array) => MemoryMarshal.CreateSpan(
        ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference((Array)array)), ((Array)array).Length);

    private static Span<byte> Bytes(Span<T> elements) => elements.IsEmpty ? [] : MemoryMarshal.CreateSpan(
        ref Unsafe.As<T, byte>(ref elements[0]), checked(elements.Length * Unsafe.SizeOf<T>()));
}
