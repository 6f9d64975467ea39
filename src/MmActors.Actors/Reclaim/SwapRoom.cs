using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Model.Swap;

namespace MmActors.Actors.Reclaim;

/// <summary>mem_cgroup_get_nr_swap_pages: free slots of the device, less where a memory.swap.max on the way up leaves less
/// (RC-63).</summary>
internal sealed class SwapRoom(SwapDevice device, IReadOnlyList<Memcg> groups)
{
    /// <summary>Slots this group may still take.</summary>
    public long Of(int group)
    {
        long room = device.FreeSlots;
        for (Memcg? limited = groups[group]; limited is not null; limited = limited.Parent)
        {
            if (limited.Limits.SwapMaxPages != MemcgLimits.Unlimited)
            {
                room = Math.Min(room, limited.Limits.SwapMaxPages - UsedWithin(limited));
            }
        }

        return Math.Max(0, room);
    }

    private long UsedWithin(Memcg ancestor)
    {
        long used = 0;
        foreach (Memcg group in groups)
        {
            used += group.IsWithin(ancestor) ? device.UsedBy(group.Id) : 0;
        }

        return used;
    }
}
