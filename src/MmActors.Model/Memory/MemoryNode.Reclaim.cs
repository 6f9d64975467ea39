using MmActors.Model.Reclaim;

namespace MmActors.Model.Memory;

/// <summary>What a reclaim context asks before it visits one lruvec: its scan control (RC-14…18).</summary>
/// <param name="Target">Group the whole reclaim is for; 0 is the node itself (global reclaim).</param>
/// <param name="Group">Group to visit now, within the target.</param>
/// <param name="Priority">The shift of this step.</param>
/// <param name="Swappiness">Swappiness in force.</param>
/// <param name="MaySwap">Whether this reclaim may swap at all.</param>
/// <param name="SwapPages">Swap slots free for the target.</param>
/// <param name="ForcesDeactivation">Pass 3 (RC-20).</param>
/// <param name="CacheTrimOff">kswapd's repeated run (RC-11).</param>
/// <param name="IsMemcg">The target is a group, not the node.</param>
/// <param name="HonoursLow">memory.low still protects.</param>
public readonly record struct ScanRequest(
    int Target, int Group, int Priority, int Swappiness, bool MaySwap, long SwapPages, bool ForcesDeactivation,
    bool CacheTrimOff, bool IsMemcg, bool HonoursLow);

/// <summary>The node's answer: how much of each list to scan.</summary>
/// <param name="Skipped">memory.min, or memory.low while it is honoured, protects the group whole.</param>
/// <param name="ByLow">It, or part of it, was spared because of memory.low.</param>
/// <param name="Amounts">Pages of each list (RC-15, RC-16).</param>
/// <param name="IsCacheTrim">RC-16e decided.</param>
/// <param name="MayDeactivateAnon">RC-18 for active_anon.</param>
/// <param name="MayDeactivateFile">RC-18 for active_file.</param>
public readonly record struct ScanPlan(
    bool Skipped, bool ByLow, LruPages Amounts, bool IsCacheTrim, bool MayDeactivateAnon, bool MayDeactivateFile);

/// <content>What reclaim reads off the node.</content>
public sealed partial class MemoryNode
{
    /// <summary>RC-14…18 for one group.</summary>
    public ScanPlan PlanScan(in ScanRequest request)
    {
        Memcg target = _memcgs[request.Target];
        Memcg group = _memcgs[request.Group];
        if (IsProtected(group, target, request.HonoursLow, out bool byLow))
        {
            return new ScanPlan(true, byLow, default, false, false, false);
        }

        long protects = request.HonoursLow && group != target
            ? Math.Max(group.Limits.LowPages, group.Limits.MinPages) : group != target ? group.Limits.MinPages : 0;
        LruPages stale = target.Stale;
        bool anon = request.ForcesDeactivation || target.StaleActivations != target.ActivationsAtLastPass
            || Ageing.InactiveIsLow(stale.InactiveAnon, stale.ActiveAnon);
        bool file = request.ForcesDeactivation || Ageing.InactiveIsLow(stale.InactiveFile, stale.ActiveFile);
        LruPages whole = NodeSizes();
        var input = new BalanceInput
        {
            Sizes = ScanBalance.Unprotected(group.Sizes, protects, group.Usage),
            Stale = stale,
            Priority = request.Priority,
            CanSwap = request.MaySwap && request.SwapPages > 0,
            IsMemcgReclaim = request.IsMemcg,
            Swappiness = request.Swappiness,
            FileIsTiny = whole.File + ZoneFreePages <= Marks.High,
            MayDeactivateAnon = anon,
            MayDeactivateFile = file,
            CacheTrimOff = request.CacheTrimOff,
            AnonCost = target.Cost.Anon,
            FileCost = target.Cost.File,
            NodeInactiveAnon = whole.InactiveAnon,
        };
        bool partlyByLow = request.HonoursLow && group != target && group.Limits.LowPages > group.Limits.MinPages;
        return new ScanPlan(false, partlyByLow, ScanBalance.Amounts(input), ScanBalance.IsCacheTrim(input), anon, file);
    }

    /// <summary>RC-18, last sentence: too few inactive anon pages in the flushed statistics of this group.</summary>
    public bool InactiveAnonIsLow(Memcg group) =>
        Ageing.InactiveIsLow(group.Stale.InactiveAnon, group.Stale.ActiveAnon);

    /// <summary>The groups of a subtree, parents before children.</summary>
    public int[] Subtree(int target) => [.. _memcgs.Where(group => group.IsWithin(_memcgs[target])).Select(static group => group.Id)];

    /// <summary>RC-7: pages that could be got back: all file pages (lazyfree included) and, with swap, anon.</summary>
    public long ReclaimablePages(bool swapHasRoom)
    {
        LruPages sizes = NodeSizes();
        return sizes.File + (swapHasRoom ? sizes.Anon : 0);
    }

    /// <summary>Sizes of the four evictable lists over all groups.</summary>
    public LruPages NodeSizes()
    {
        LruPages sum = default;
        foreach (Memcg group in _memcgs)
        {
            LruPages sizes = group.Sizes;
            sum = new LruPages(sum.InactiveAnon + sizes.InactiveAnon, sum.ActiveAnon + sizes.ActiveAnon,
                sum.InactiveFile + sizes.InactiveFile, sum.ActiveFile + sizes.ActiveFile);
        }

        return sum;
    }

    /// <summary>RC-16g: flushes the statistics of every group, descendants before ancestors.</summary>
    public void FlushStatistics()
    {
        foreach (Memcg group in _memcgs)
        {
            group.BeginFlush();
        }

        for (int id = _memcgs.Length - 1; id > 0; id--)
        {
            _memcgs[id].Parent!.AddFlushed(_memcgs[id]);
        }
    }

    /// <summary>RC-14: memory.min protects always, memory.low while it is honoured; the target itself never is.</summary>
    private static bool IsProtected(Memcg group, Memcg target, bool honoursLow, out bool byLow)
    {
        byLow = false;
        if (group == target)
        {
            return false;
        }

        if (group.Usage <= group.Limits.MinPages && group.Limits.MinPages > 0)
        {
            return true;
        }

        byLow = group.Usage <= group.Limits.LowPages && group.Limits.LowPages > 0;
        return byLow && honoursLow;
    }
}
