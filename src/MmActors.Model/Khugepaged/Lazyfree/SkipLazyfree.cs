namespace MmActors.Model.Khugepaged.Lazyfree;

/// <summary>A clean lazyfree page ends the range, in every area: the first drafts of "mm: khugepaged: skip lazy-free
/// folios" and the recorded lab kernel (VR-2 without VR-3, VR-24).</summary>
public sealed class SkipLazyfree : ILazyfreePolicy
{
    /// <inheritdoc/>
    public bool Skips(bool droppable) => true;
}
