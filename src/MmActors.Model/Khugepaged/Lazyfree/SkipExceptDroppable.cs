namespace MmActors.Model.Khugepaged.Lazyfree;

/// <summary>As merged for v7.1: a clean lazyfree page ends the range except in VM_DROPPABLE areas, whose huge pages
/// stay droppable anyway (VR-3, DS-38).</summary>
public sealed class SkipExceptDroppable : ILazyfreePolicy
{
    /// <inheritdoc/>
    public bool Skips(bool droppable) => !droppable;
}
