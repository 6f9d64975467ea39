namespace MmActors.Runtime.Checkpoints.Graphs;

/// <summary>Types by name. The exact build is checked before a graph is read, so the names carry no more than is needed to find
/// the assembly.</summary>
internal static class TypeNames
{
    /// <summary>A name from which <see cref="Find"/> gets the type.</summary>
    public static string NameOf(Type type) => type.AssemblyQualifiedName
        ?? throw new CheckpointException($"cannot checkpoint type {type}: it has no name");

    /// <summary>The type of a name.</summary>
    public static Type Find(string name)
    {
        try
        {
            return Type.GetType(name, throwOnError: true)!;
        }
        catch (Exception exception) when (exception is TypeLoadException or ArgumentException or IOException or BadImageFormatException)
        {
            throw new CheckpointException($"this program has no type {name}");
        }
    }
}
