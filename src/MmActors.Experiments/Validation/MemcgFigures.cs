using MmActors.Model.Memory;
using MmActors.Model.Reclaim;
using MmActors.Model.Units;

namespace MmActors.Experiments.Validation;

/// <summary>What memory.stat and its neighbours show of a group, as far as the model has it; bytes.</summary>
internal static class MemcgFigures
{
    public static SortedDictionary<string, long> Of(Memcg group, long swapPages)
    {
        LruPages lists = group.Sizes;
        return new SortedDictionary<string, long>(StringComparer.Ordinal)
        {
            ["inactive_anon"] = lists.InactiveAnon * Geometry.PageSize,
            ["active_anon"] = lists.ActiveAnon * Geometry.PageSize,
            ["inactive_file"] = lists.InactiveFile * Geometry.PageSize,
            ["active_file"] = lists.ActiveFile * Geometry.PageSize,
            ["memory.current"] = group.Usage * Geometry.PageSize,
            ["memory.swap.current"] = swapPages * Geometry.PageSize,
        };
    }
}
