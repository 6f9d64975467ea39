namespace MmActors.Runtime.Checkpoints.Graphs;

/// <summary>Objects of a graph that are not stored but found again by name where it is restored: the system that runs it, its
/// actors and their addresses.</summary>
internal interface IReferenceBinder
{
    /// <summary>The name of an object that is to be found again; null for one to be stored.</summary>
    /// <param name="value">The object.</param>
    /// <param name="hasFields">Whether its fields are stored all the same, and filled in where it is found.</param>
    string? NameOf(object value, out bool hasFields);

    /// <summary>The object of that name.</summary>
    object Find(string name);
}
