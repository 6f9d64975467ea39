using MmActors.Model.Khugepaged.Lazyfree;
using MmActors.Model.Settings;

namespace MmActors.Model.Khugepaged;

/// <summary>Whether khugepaged leaves a range alone at its first clean lazyfree page. One small file per answer.</summary>
public interface ILazyfreePolicy
{
    /// <summary>True when a clean lazyfree PTE ends the range with SCAN_PAGE_LAZYFREE.</summary>
    /// <param name="droppable">The area is VM_DROPPABLE.</param>
    bool Skips(bool droppable);
}

/// <summary>Finds the policy a switch names.</summary>
public static class LazyfreePolicy
{
    /// <summary>The policy of VR-2 and VR-3.</summary>
    public static ILazyfreePolicy For(LazyfreeHandling handling) => handling switch
    {
        LazyfreeHandling.Skip => new SkipLazyfree(),
        LazyfreeHandling.SkipExceptDroppable => new SkipExceptDroppable(),
        _ => new CollapseLazyfree(),
    };
}
