using System.Reflection;

namespace MmActors.Runtime.Checkpoints.Graphs;

/// <summary>Delegates as the method and the object it belongs to: lambdas of the compiler's included, whose methods keep their
/// number within one build.</summary>
internal static class DelegateParts
{
    private const BindingFlags AnyMethod = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Writes the parts of a delegate.</summary>
    public static void Write(Delegate function, GraphWriter writer, PayloadBuffer buffer)
    {
        var calls = function.GetInvocationList();
        buffer.WriteNumber(calls.Length);
        if (calls.Length > 1)
        {
            foreach (var call in calls)
            {
                buffer.WriteNumber(writer.NumberOf(call, "[]"));
            }

            return;
        }

        var method = function.Method;
        if (method.DeclaringType is not { } declaring)
        {
            throw new CheckpointException($"cannot checkpoint function {method.Name}: it was compiled while the program ran");
        }

        buffer.WriteText(TypeNames.NameOf(declaring));
        buffer.WriteNumber(method.MetadataToken);
        var arguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        buffer.WriteNumber(arguments.Length);
        foreach (var argument in arguments)
        {
            buffer.WriteText(TypeNames.NameOf(argument));
        }

        buffer.WriteNumber(function.Target is { } target ? writer.NumberOf(target, method.Name) + 1 : 0);
    }

    /// <summary>Reads the parts of a delegate.</summary>
    public static Parts Read(Type type, PayloadReader reader)
    {
        var calls = reader.ReadNumber();
        if (calls > 1)
        {
            var numbers = new int[calls];
            foreach (ref var number in numbers.AsSpan())
            {
                number = reader.ReadNumber();
            }

            return new Parts(type, null, numbers);
        }

        var declaring = TypeNames.Find(reader.ReadText());
        var token = reader.ReadNumber();
        var method = Array.Find(declaring.GetMethods(AnyMethod), candidate => candidate.MetadataToken == token)
            ?? throw new CheckpointException($"{declaring} has no method number {token:x}");
        var arguments = new Type[reader.ReadNumber()];
        foreach (ref var argument in arguments.AsSpan())
        {
            argument = TypeNames.Find(reader.ReadText());
        }

        method = arguments.Length > 0 ? method.MakeGenericMethod(arguments) : method;
        return new Parts(type, method, [reader.ReadNumber() - 1]);
    }

    /// <summary>A delegate to be made.</summary>
    /// <param name="Type">Its type.</param>
    /// <param name="Method">What it calls; null for several delegates in a row.</param>
    /// <param name="Objects">Number of the object it belongs to, −1 for none; or numbers of the delegates in a row.</param>
    internal sealed record Parts(Type Type, MethodInfo? Method, int[] Objects);
}
