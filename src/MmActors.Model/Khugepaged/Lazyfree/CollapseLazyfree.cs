namespace MmActors.Model.Khugepaged.Lazyfree;

/// <summary>Lazyfree pages are scanned like any others, and a collapse ends their lazyfree-ness (KH-41).
/// Kernels up to v7.0.</summary>
public sealed class CollapseLazyfree : ILazyfreePolicy
{
    /// <inheritdoc/>
    public bool Skips(bool droppable) => false;
}
