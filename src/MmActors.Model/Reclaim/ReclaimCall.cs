using MmActors.Model.Coverage;

namespace MmActors.Model.Reclaim;

/// <summary>The passes and priorities of one direct or memcg reclaim call: do_try_to_free_pages (RC-20). A pass goes from
/// priority 12 to 0; a call that found nothing gets further passes, each with one scruple less.</summary>
public sealed class ReclaimCall
{
    private bool _isMemcg;
    private bool _deactivationSkipped;
    private bool _lowHonoured;
    private bool _compactionReady;

    /// <summary>12…0; of a call that is over, the priority it ended with.</summary>
    public int Priority { get; private set; }

    /// <summary>Passes begun, from 1: allocstall_* moves by one for each in global reclaim.</summary>
    public int Pass { get; private set; }

    /// <summary>Active lists are deactivated whatever RC-18 says.</summary>
    public bool ForcesDeactivation { get; private set; }

    /// <summary>No memcg is left out because the goal is met before its turn (RC-14): from the second pass on.</summary>
    public bool WalksAllMemcgs => Pass > 1;

    /// <summary>memory.low no longer protects.</summary>
    public bool IgnoresLow { get; private set; }

    /// <summary>Pages that end the call after a complete priority step.</summary>
    public long Goal { get; private set; }

    /// <summary>Pages reclaimed in all passes, in global reclaim with those of the slab shrinkers.</summary>
    public long Reclaimed { get; private set; }

    /// <summary>The stop test of the walk over the memcgs, taken over the whole call (RC-14).</summary>
    public bool GoalReached => Reclaimed >= Goal;

    /// <summary>Starts a call.</summary>
    /// <param name="goal">Pages wanted, at least 32 (RC-20, RC-40, RC-60).</param>
    /// <param name="isMemcg">Whether the target is a memcg and not the node.</param>
    public void Begin(long goal, bool isMemcg)
    {
        Goal = goal;
        _isMemcg = isMemcg;
        Reclaimed = 0;
        Pass = 0;
        _deactivationSkipped = _lowHonoured = _compactionReady = false;
        BeginPass(forcesDeactivation: false, ignoresLow: false);
    }

    /// <summary>RC-18: an active list consumed its turn without being scanned.</summary>
    public void NoteSkippedDeactivation() => _deactivationSkipped = true;

    /// <summary>A memcg was skipped, or scanned less, because of memory.low.</summary>
    public void NoteLowHonoured() => _lowHonoured = true;

    /// <summary>A costly request can be served by compaction now: the call ends after this priority step.</summary>
    public void NoteCompactionReady() => _compactionReady = true;

    /// <summary>It ended, or will, for that reason.</summary>
    public bool IsCompactionReady => _compactionReady;

    /// <summary>Counts pages taken from the LRU lists.</summary>
    public void Add(long reclaimed) => Reclaimed += reclaimed;

    /// <summary>Counts pages a slab shrinker gave back. A memcg call does not see them; pages of split THPs are none
    /// (DS-11).</summary>
    public void AddSlab(long pages) => Reclaimed += _isMemcg ? 0 : pages;

    /// <summary>Ends a priority step: lowers the priority or begins the next pass; false when the call is over.</summary>
    public bool NextPriority()
    {
        if (GoalReached || _compactionReady)
        {
            CoverageMarks.HitIf(_compactionReady, ReclaimMark.CallCompactionReady);
            return false;
        }

        if (Priority > 0)
        {
            Priority--;
            return true;
        }

        return Reclaimed == 0 && NextPass();
    }

    private bool NextPass()
    {
        if (Pass == 1)
        {
            CoverageMarks.Hit(ReclaimMark.CallSecondPass);
            BeginPass(ForcesDeactivation, IgnoresLow);
        }
        else if (_deactivationSkipped)
        {
            CoverageMarks.Hit(ReclaimMark.CallForcedPass);
            _deactivationSkipped = false;
            BeginPass(forcesDeactivation: true, IgnoresLow);
        }
        else if (_lowHonoured && !IgnoresLow)
        {
            CoverageMarks.Hit(ReclaimMark.CallLowIgnoredPass);
            BeginPass(forcesDeactivation: false, ignoresLow: true);
        }
        else
        {
            CoverageMarks.Hit(ReclaimMark.CallFindsNothing);
            return false;
        }

        return true;
    }

    private void BeginPass(bool forcesDeactivation, bool ignoresLow)
    {
        Pass++;
        Priority = ReclaimLimits.DefPriority;
        ForcesDeactivation = forcesDeactivation;
        IgnoresLow = ignoresLow;
    }
}
