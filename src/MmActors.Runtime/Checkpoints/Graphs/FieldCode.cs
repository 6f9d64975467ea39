using System.Reflection;
using System.Reflection.Emit;

namespace MmActors.Runtime.Checkpoints.Graphs;

internal delegate void ObjectWriter(object target, GraphWriter writer);

internal delegate void ObjectReader(object target, GraphReader reader);

internal delegate void ValueWriter<T>(ref T target, GraphWriter writer);

internal delegate void ValueReader<T>(ref T target, GraphReader reader);

internal delegate ref TField ElementField<TField>(object array, int index);

/// <summary>Compiles, once for each type, the code that writes and reads its fields: at the speed of hand-written code, and no
/// field can be forgotten.</summary>
internal static class FieldCode
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Writes the fields of an object.</summary>
    public static ObjectWriter ObjectWriter(Type type) => Compile<ObjectWriter>(type, typeof(object), typeof(GraphWriter));

    /// <summary>Fills the fields of an object.</summary>
    public static ObjectReader ObjectReader(Type type) => Compile<ObjectReader>(type, typeof(object), typeof(GraphReader));

    /// <summary>Writes the fields of a structure.</summary>
    public static ValueWriter<T> ValueWriter<T>() =>
        Compile<ValueWriter<T>>(typeof(T), typeof(T).MakeByRefType(), typeof(GraphWriter));

    /// <summary>Fills the fields of a structure.</summary>
    public static ValueReader<T> ValueReader<T>() =>
        Compile<ValueReader<T>>(typeof(T), typeof(T).MakeByRefType(), typeof(GraphReader));

    /// <summary>The place of one field in the elements of an array of structures.</summary>
    public static ElementField<TField> ElementField<TField>(Type element, string field)
    {
        var method = new DynamicMethod(
            field, typeof(TField).MakeByRefType(), [typeof(object), typeof(int)], typeof(FieldCode).Module, skipVisibility: true);
        var code = method.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Castclass, element.MakeArrayType());
        code.Emit(OpCodes.Ldarg_1);
        code.Emit(OpCodes.Ldelema, element);
        code.Emit(OpCodes.Ldflda, element.GetField(field, Members)!);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<ElementField<TField>>();
    }

    private static TDelegate Compile<TDelegate>(Type type, Type target, Type visitor)
        where TDelegate : Delegate
    {
        var method = new DynamicMethod(type.Name, typeof(void), [target, visitor], typeof(FieldCode).Module, skipVisibility: true);
        var code = method.GetILGenerator();
        foreach (var field in TypeRules.FieldsOf(type))
        {
            code.Emit(OpCodes.Ldarg_1);
            code.Emit(OpCodes.Ldarg_0);
            if (!target.IsByRef)
            {
                code.Emit(OpCodes.Castclass, type);
            }

            code.Emit(OpCodes.Ldflda, field);
            code.Emit(OpCodes.Ldstr, LabelOf(field));
            code.Emit(OpCodes.Callvirt, VisitorMethod(visitor, field.FieldType));
        }

        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<TDelegate>();
    }

    private static MethodInfo VisitorMethod(Type visitor, Type field)
    {
        if (field.IsPointer || field.IsFunctionPointer || field == typeof(nint) || field == typeof(nuint))
        {
            return visitor.GetMethod(nameof(GraphWriter.Address), Members)!;
        }

        var name = field.IsValueType ? nameof(GraphWriter.Value) : nameof(GraphWriter.Reference);
        return visitor.GetMethod(name, Members)!.MakeGenericMethod(field);
    }

    /// <summary>As the source calls it: a property by its name, not its field's.</summary>
    private static string LabelOf(FieldInfo field) =>
        field.Name.StartsWith('<') && field.Name.IndexOf('>') is > 1 and var end ? field.Name[1..end] : field.Name;
}

/// <summary>How values of one type are written: as they are, or field by field.</summary>
internal static class ValueCode<T>
{
    public static readonly bool IsRaw = TypeRules.IsRaw(typeof(T));

    public static readonly ValueWriter<T>? Write = IsRaw || !typeof(T).IsValueType ? null : FieldCode.ValueWriter<T>();

    public static readonly ValueReader<T>? Read = IsRaw || !typeof(T).IsValueType ? null : FieldCode.ValueReader<T>();
}
