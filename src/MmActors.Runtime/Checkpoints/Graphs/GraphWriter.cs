using System.Runtime.InteropServices;

namespace MmActors.Runtime.Checkpoints.Graphs;

/// <summary>Writes everything that can be reached from one object: objects are numbered as they are met and written in that
/// order, from a list of what is still to do, so depth is no matter. The same graph gives the same bytes.</summary>
/// <remarks>Four parts, each complete when the last object is written: the types; what each object is, enough to make it; the
/// methods of delegates; and the fields. An instance is used again and again, to keep its memory.</remarks>
internal sealed class GraphWriter
{
    private readonly Dictionary<object, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private readonly List<object> _objects = [];
    private readonly List<(int Parent, string Label)> _origins = [];
    private readonly Dictionary<Type, (int Number, ObjectCodec Codec)> _types = [];
    private readonly List<Type> _typeList = [];
    private readonly Singletons _singletons = new();
    private readonly PayloadBuffer _typePart = new();
    private readonly PayloadBuffer _objectPart = new();
    private readonly PayloadBuffer _delegatePart = new();
    private IReferenceBinder? _binder;
    private int _writing;

    /// <summary>Where the fields go.</summary>
    public PayloadBuffer Body { get; } = new();

    /// <summary>Objects written.</summary>
    public int Count => _objects.Count;

    /// <summary>Types of the objects written.</summary>
    public IReadOnlyList<Type> Types => _typeList;

    /// <summary>Writes a graph.</summary>
    /// <returns>All parts in order; valid until the next graph.</returns>
    public IEnumerable<ReadOnlyMemory<byte>> Write(object root, IReferenceBinder binder)
    {
        Clear();
        _binder = binder;
        _writing = -1;
        NumberOf(root, "");
        for (_writing = 0; _writing < _objects.Count; _writing++)
        {
            var target = _objects[_writing];
            if (target is Nothing)
            {
                continue;
            }

            if (target is Delegate function)
            {
                DelegateParts.Write(function, this, _delegatePart);
            }
            else
            {
                CodecOf(target.GetType()).Codec.Write(target, this);
            }
        }

        foreach (var type in _typeList)
        {
            _typePart.WriteText(TypeNames.NameOf(type));
        }

        var counts = new PayloadBuffer();
        counts.WriteNumber(_typeList.Count);
        var objects = new PayloadBuffer();
        objects.WriteNumber(_objects.Count);
        return [.. counts.Blocks, .. _typePart.Blocks, .. objects.Blocks, .. _objectPart.Blocks, .. _delegatePart.Blocks, .. Body.Blocks];
    }

    /// <summary>Lets go of the objects; the bytes stay.</summary>
    public void Forget()
    {
        _numbers.Clear();
        _objects.Clear();
        _origins.Clear();
        _binder = null;
    }

    /// <summary>Writes a reference.</summary>
    public void Reference<T>(ref T? value, string label)
        where T : class
        => Body.WriteNumber(value is null ? 0 : NumberOf(value, label) + 1);

    /// <summary>Writes a value.</summary>
    public void Value<T>(ref T value, string label) => Items<T>.Write(ref value, this);

    /// <summary>Refuses an address, unless there is none.</summary>
    public void Address(ref nint value, string label)
    {
        if (value != 0)
        {
            throw Refusal(_writing, label, typeof(nint), "addresses mean nothing in another process");
        }
    }

    /// <summary>Number of an object, given now if it is new.</summary>
    public int NumberOf(object value, string label)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, value, out var known);
        if (known)
        {
            return number;
        }

        number = _objects.Count;
        var mine = number;
        _origins.Add((_writing, label));
        Describe(value, label);
        return mine;
    }

    /// <summary>Number of a type in this graph.</summary>
    public int TypeNumber(Type type) => CodecOf(type).Number;

    private void Describe(object value, string label)
    {
        if (_binder!.NameOf(value, out var hasFields) is { } name)
        {
            Start(hasFields ? ObjectKind.BoundWithFields : ObjectKind.Bound, hasFields ? value : Nothing.Instance);
            _objectPart.WriteText(name);
            return;
        }

        if (value is string text)
        {
            Start(ObjectKind.Text, Nothing.Instance);
            _objectPart.WriteText(text);
            return;
        }

        if (value is Type type)
        {
            Start(ObjectKind.Type, Nothing.Instance);
            _objectPart.WriteText(TypeNames.NameOf(type));
            return;
        }

        if (_singletons.Find(value) is { } field)
        {
            Start(ObjectKind.Singleton, Nothing.Instance);
            _objectPart.WriteText(TypeNames.NameOf(field.DeclaringType!));
            _objectPart.WriteText(field.Name);
            return;
        }

        if (value is not Delegate && TypeRules.Objection(value.GetType()) is { } objection)
        {
            throw Refusal(_writing, label, value.GetType(), objection);
        }

        Start(value is Delegate ? ObjectKind.Delegate : value is Array ? ObjectKind.Array : ObjectKind.Plain, value);
        _objectPart.WriteNumber(TypeNumber(value.GetType()));
        if (value is Array array)
        {
            for (var dimension = 0; dimension < array.Rank; dimension++)
            {
                _objectPart.WriteNumber(array.GetLength(dimension));
            }
        }
    }

    private void Start(ObjectKind kind, object toWrite)
    {
        _objects.Add(toWrite);
        _objectPart.WriteByte((byte)kind);
    }

    private (int Number, ObjectCodec Codec) CodecOf(Type type)
    {
        if (!_types.TryGetValue(type, out var known))
        {
            known = (_typeList.Count, ObjectCodec.For(type));
            _types.Add(type, known);
            _typeList.Add(type);
        }

        return known;
    }

    /// <summary>An error that says how the object was reached.</summary>
    public CheckpointException Refusal(int parent, string label, Type type, string why)
    {
        var path = label;
        for (var at = parent; at >= 0; at = _origins[at].Parent)
        {
            path = _origins[at].Label.Length == 0 ? path : $"{_origins[at].Label}.{path}";
        }

        return new CheckpointException($"cannot checkpoint {path.Replace(".[]", "[]", StringComparison.Ordinal)}, a {type}: {why}");
    }

    private void Clear()
    {
        Forget();
        _types.Clear();
        _typeList.Clear();
        _typePart.Clear();
        _objectPart.Clear();
        _delegatePart.Clear();
        Body.Clear();
    }

    /// <summary>Stands in the list for an object without fields.</summary>
    internal sealed class Nothing
    {
        public static readonly Nothing Instance = new();
    }
}

/// <summary>How an object comes into being when a graph is read.</summary>
internal enum ObjectKind : byte
{
    /// <summary>Made empty, then filled.</summary>
    Plain,
    /// <summary>As <see cref="Plain"/>, with lengths.</summary>
    Array,
    /// <summary>A string.</summary>
    Text,
    /// <summary>A type of the program.</summary>
    Type,
    /// <summary>A function with the object it belongs to.</summary>
    Delegate,
    /// <summary>What a static field holds.</summary>
    Singleton,
    /// <summary>Found by name.</summary>
    Bound,
    /// <summary>Found by name, then filled.</summary>
    BoundWithFields,
}
