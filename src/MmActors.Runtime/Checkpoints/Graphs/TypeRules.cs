using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MmActors.Runtime.Checkpoints.Graphs;

/// <summary>Which objects may be stored field by field. The product's own may; of the framework's, those that are nothing but
/// their fields. Everything else - threads, streams, handles, other libraries' objects - is refused, not guessed at.</summary>
internal static class TypeRules
{
    private const string OwnPrefix = "MmActors.";

    private const BindingFlags OwnFields =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly string[] PlainNamespaces =
    [
        "System.Collections.Generic", "System.Collections.Immutable", "System.IO.Hashing", "System.Linq", "System.Numerics",
        "System.Runtime.Intrinsics", "System.Text",
    ];

    /// <summary>Whether the type belongs to the product or its tests.</summary>
    public static bool IsOwn(Type type) => type.Assembly.GetName().Name is { } name
        && (name.StartsWith(OwnPrefix, StringComparison.Ordinal) || name == "mmactors");

    /// <summary>Why objects of the type cannot be stored; null if they can.</summary>
    public static string? Objection(Type type)
    {
        if (type.IsArray)
        {
            var element = type.GetElementType()!;
            return element.IsPointer || element.IsFunctionPointer ? "addresses mean nothing in another process" : null;
        }

        if (type.IsValueType || IsOwn(type))
        {
            return null; // what a structure holds is judged by itself
        }

        if (type == typeof(object) || type == typeof(Lock) || IsTupleOrComparer(type)) // nobody holds a lock at rest
        {
            return null;
        }

        if (type.IsGenericType && IsHashed(type.GetGenericTypeDefinition())
            && !IsStableKey(type.GetGenericArguments()[0]))
        {
            return "its order is that of hash codes, which differ from process to process";
        }

        return type.Namespace is { } space && Array.IndexOf(PlainNamespaces, space) >= 0 && !HasFinalizer(type)
            ? null
            : "objects of this type belong to the process";
    }

    /// <summary>The fields that make up an object: of the type and its bases, as far as these are to be stored.</summary>
    public static ImmutableArray<FieldInfo> FieldsOf(Type type)
    {
        var levels = new Stack<Type>();
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            if (typeof(Akka.Actor.ActorBase).IsAssignableFrom(type) && !IsOwn(level))
            {
                break; // Akka's part of an actor is made anew
            }

            levels.Push(level);
        }

        return [.. levels.SelectMany(static level => level.GetFields(OwnFields).Where(static field => !field.IsDefined(typeof(NotInCheckpointAttribute))))];
    }

    /// <summary>Whether the bytes of a value are the value: no references, no addresses, and no padding between the fields,
    /// whose bytes may be anything.</summary>
    public static bool IsRaw(Type type)
    {
        if (type.IsEnum)
        {
            return true;
        }

        if (type.IsPrimitive)
        {
            return type != typeof(nint) && type != typeof(nuint);
        }

        if (!type.IsValueType || type.IsPointer || IsReferenceOrContains(type))
        {
            return false;
        }

        if (type.IsDefined(typeof(UnsafeValueTypeAttribute)))
        {
            return true; // a fixed buffer
        }

        var fields = type.GetFields(OwnFields);
        if (!fields.All(static field => IsRaw(field.FieldType)))
        {
            return false;
        }

        var repeated = type.GetCustomAttribute<InlineArrayAttribute>()?.Length ?? 1;
        return type.StructLayoutAttribute?.Value == LayoutKind.Explicit
            || fields.Sum(static field => SizeOf(field.FieldType)) * repeated == SizeOf(type);
    }

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private static bool IsReferenceOrContains(Type type) =>
        (bool)typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.IsReferenceOrContainsReferences))!
            .MakeGenericMethod(type).Invoke(null, null)!;

    private static bool IsTupleOrComparer(Type type) => type.Namespace == "System"
        && (typeof(ITuple).IsAssignableFrom(type) || typeof(StringComparer).IsAssignableFrom(type));

    private static bool IsHashed(Type definition) =>
        definition == typeof(ImmutableDictionary<,>) || definition == typeof(ImmutableHashSet<>);

    private static bool IsStableKey(Type key) =>
        key.IsEnum || key == typeof(int) || key == typeof(long) || key == typeof(uint) || key == typeof(ulong);

    private static bool HasFinalizer(Type type) =>
        type.GetMethod("Finalize", BindingFlags.Instance | BindingFlags.NonPublic)?.DeclaringType != typeof(object);
}
