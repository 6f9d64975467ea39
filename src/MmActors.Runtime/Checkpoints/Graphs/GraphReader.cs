using System.Reflection;
using System.Runtime.CompilerServices;

namespace MmActors.Runtime.Checkpoints.Graphs;

/// <summary>Reads what <see cref="GraphWriter"/> wrote: first makes every object, empty, then fills them, then sets up what depends
/// on complete keys.</summary>
internal sealed class GraphReader(PayloadReader body, IReferenceBinder binder)
{
    private const BindingFlags Statics = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly List<(HashedCodec Codec, object Target)> _toRehash = [];
    private readonly Dictionary<int, DelegateParts.Parts> _delegates = [];
    private Type[] _types = [];
    private ObjectCodec?[] _codecs = [];
    private object?[] _objects = [];

    /// <summary>Where the fields come from.</summary>
    public PayloadReader Body => body;

    /// <summary>Reads a graph.</summary>
    /// <returns>Its root.</returns>
    public object Read()
    {
        _types = new Type[body.ReadNumber()];
        foreach (ref var type in _types.AsSpan())
        {
            type = TypeNames.Find(body.ReadText());
        }

        _codecs = new ObjectCodec?[_types.Length];
        _objects = new object?[body.ReadNumber()];
        var toFill = new int[_objects.Length];
        var delegates = new List<(int Number, Type Type)>();
        for (var number = 0; number < _objects.Length; number++)
        {
            toFill[number] = Make(number, delegates);
        }

        foreach (var (number, type) in delegates)
        {
            _delegates.Add(number, DelegateParts.Read(type, body));
        }

        foreach (var (number, _) in delegates)
        {
            MakeDelegate(number);
        }

        for (var number = 0; number < _objects.Length; number++)
        {
            if (toFill[number] >= 0)
            {
                CodecOf(toFill[number]).Read(_objects[number]!, this);
            }
        }

        foreach (var (codec, target) in _toRehash)
        {
            codec.Rehash(target);
        }

        return _objects[0]!;
    }

    /// <summary>Reads a reference.</summary>
    public void Reference<T>(ref T? value, string label)
        where T : class
        => value = (T?)NextObject();

    /// <summary>Reads a value.</summary>
    public void Value<T>(ref T value, string label) => Items<T>.Read(ref value, this);

    /// <summary>An address is never stored.</summary>
    public void Address(ref nint value, string label) => value = 0;

    /// <summary>The object that is referred to next.</summary>
    public object? NextObject()
    {
        var number = body.ReadNumber();
        return number == 0 ? null : _objects[number - 1];
    }

    /// <summary>Once all keys are complete.</summary>
    public void RehashLater(HashedCodec codec, object target) => _toRehash.Add((codec, target));

    /// <summary>Makes an object as it is described.</summary>
    /// <returns>Number of the type whose fields are to be filled in; −1 for none.</returns>
    private int Make(int number, List<(int Number, Type Type)> delegates)
    {
        switch ((ObjectKind)body.ReadByte())
        {
            case ObjectKind.Text:
                _objects[number] = body.ReadText();
                return -1;
            case ObjectKind.Type:
                _objects[number] = TypeNames.Find(body.ReadText());
                return -1;
            case ObjectKind.Bound:
                _objects[number] = binder.Find(body.ReadText());
                return -1;
            case ObjectKind.BoundWithFields:
                _objects[number] = binder.Find(body.ReadText());
                return TypeNumberOf(_objects[number]!.GetType());
            case ObjectKind.Singleton:
                var holder = TypeNames.Find(body.ReadText());
                _objects[number] = holder.GetField(body.ReadText(), Statics)?.GetValue(null)
                    ?? throw new CheckpointException($"{holder} holds nothing under the stored name");
                return -1;
            case ObjectKind.Delegate:
                delegates.Add((number, _types[body.ReadNumber()]));
                return -1;
            case ObjectKind.Array:
                var array = body.ReadNumber();
                _objects[number] = MakeArray(_types[array]);
                return array;
            case ObjectKind.Plain:
                var plain = body.ReadNumber();
                _objects[number] = _types[plain] == typeof(Lock)
                    ? Activator.CreateInstance(_types[plain]) : RuntimeHelpers.GetUninitializedObject(_types[plain]);
                return plain;
            default:
                throw new CheckpointException("the checkpoint holds an object of no known kind");
        }
    }

    private Array MakeArray(Type type)
    {
        var lengths = new int[type.GetArrayRank()];
        foreach (ref var length in lengths.AsSpan())
        {
            length = body.ReadNumber();
        }

        return Array.CreateInstance(type.GetElementType()!, lengths);
    }

    private int TypeNumberOf(Type type)
    {
        var number = Array.IndexOf(_types, type);
        return number >= 0 ? number : throw new CheckpointException($"a {type} is bound, but was not stored");
    }

    private object MakeDelegate(int number)
    {
        if (_objects[number] is { } made)
        {
            return made;
        }

        var parts = _delegates[number];
        if (parts.Method is null)
        {
            return _objects[number] = Delegate.Combine([.. parts.Objects.Select(part => (Delegate)MakeDelegate(part))])!;
        }

        var owner = parts.Objects[0];
        var target = owner < 0 ? null : _delegates.ContainsKey(owner) ? MakeDelegate(owner) : _objects[owner];
        return _objects[number] = parts.Method.CreateDelegate(parts.Type, target);
    }

    private ObjectCodec CodecOf(int type) => _codecs[type] ??= ObjectCodec.For(_types[type]);
}
