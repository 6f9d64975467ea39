using System.Reflection;

namespace MmActors.Runtime.Checkpoints.Graphs;

/// <summary>Objects that a static read-only field of the product holds: stored as the name of the field, so that a restored graph
/// refers to the process's one instance, which others may compare by reference.</summary>
internal sealed class Singletons
{
    private const BindingFlags Statics = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly Dictionary<Assembly, FieldInfo[]> _fields = [];
    private readonly Dictionary<Type, (FieldInfo Field, object Value)[]> _values = [];

    /// <summary>The field that holds this very object, or null.</summary>
    public FieldInfo? Find(object value)
    {
        var type = value.GetType();
        if (!_values.TryGetValue(type, out var candidates))
        {
            candidates = TypeRules.IsOwn(type) ? ValuesOf(type) : [];
            _values.Add(type, candidates);
        }

        foreach (var (field, held) in candidates)
        {
            if (ReferenceEquals(held, value))
            {
                return field;
            }
        }

        return null;
    }

    private (FieldInfo Field, object Value)[] ValuesOf(Type type)
    {
        if (!_fields.TryGetValue(type.Assembly, out var fields))
        {
            fields = [.. type.Assembly.GetTypes()
                .Where(static holder => !holder.ContainsGenericParameters)
                .SelectMany(static holder => holder.GetFields(Statics))
                .Where(static field => field is { IsInitOnly: true, FieldType.IsValueType: false })];
            _fields.Add(type.Assembly, fields);
        }

        return [.. fields
            .Where(field => field.FieldType != typeof(object) && field.FieldType.IsAssignableFrom(type))
            .Select(static field => (field, field.GetValue(null)!))
            .Where(static pair => pair.Item2 is not null)];
    }
}
