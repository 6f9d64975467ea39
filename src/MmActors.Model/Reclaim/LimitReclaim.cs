using MmActors.Model.Coverage;

namespace MmActors.Model.Reclaim;

/// <summary>A write to memory.max that is below the usage (RC-62). The writer drains the charge stocks once, then does
/// what <see cref="Next"/> says until it is done. For memory.high an <see cref="LimitStep.OomKill"/> means giving
/// up.</summary>
public sealed class LimitReclaim
{
    private int _triesLeft;

    /// <summary>A write that may still make 16 calls in vain.</summary>
    public LimitReclaim() => _triesLeft = ReclaimLimits.MaxReclaimRetries;

    /// <summary>Pages one call aims at: the excess, at least 32.</summary>
    /// <param name="usage">Pages charged now.</param>
    /// <param name="max">The new limit in pages.</param>
    public long GoalFor(long usage, long max) => ReclaimLimits.GoalFor(usage - max);

    /// <summary>What the writer does now. Once 16 calls found nothing it kills until the usage fits.</summary>
    /// <param name="usage">Pages charged now.</param>
    /// <param name="max">The new limit in pages.</param>
    public LimitStep Next(long usage, long max)
    {
        LimitStep step = usage <= max ? LimitStep.Done : _triesLeft > 0 ? LimitStep.Reclaim : LimitStep.OomKill;
        CoverageMarks.HitIf(step == LimitStep.Reclaim, ReclaimMark.LimitReclaims);
        CoverageMarks.HitIf(step == LimitStep.OomKill, ReclaimMark.LimitKills);
        return step;
    }

    /// <summary>Counts one complete reclaim call of the write.</summary>
    /// <param name="reclaimed">Pages the call found.</param>
    public void Add(long reclaimed)
    {
        if (reclaimed == 0 && _triesLeft > 0)
        {
            _triesLeft--;
        }
    }
}

/// <summary>The next thing a writer of memory.max does (RC-62).</summary>
public enum LimitStep
{
    /// <summary>The usage fits: the write returns.</summary>
    Done,
    /// <summary>One memcg reclaim call, then <see cref="LimitReclaim.Add"/>.</summary>
    Reclaim,
    /// <summary>memory.events "oom" moves by one and a task of the memcg is killed.</summary>
    OomKill,
}
