using MmActors.Model.Coverage;
using MmActors.Model.Memory;

namespace MmActors.Model.Reclaim;

/// <summary>One visit of an lruvec: shrink_lruvec without the shrinking (RC-19). The caller asks for a turn of a list,
/// scans it, adds what it reclaimed, and asks again.</summary>
public sealed class LruVisit
{
    private const int Lists = 4;

    private LruPages _left;
    private LruPages _targets;
    private long _goal;
    private bool _alwaysContinues;
    private int _turn;

    /// <summary>A visit that is over: <see cref="Begin"/> starts one, as often as wanted.</summary>
    public LruVisit() => _turn = 0;

    /// <summary>Pages reclaimed since <see cref="Begin"/>; what earlier priorities gave does not count here.</summary>
    public long Reclaimed { get; private set; }

    /// <summary>Starts a visit.</summary>
    /// <param name="amounts">n[4] of RC-19: pages to scan of each list.</param>
    /// <param name="goal">The goal of the whole call.</param>
    /// <param name="alwaysContinues">Direct global reclaim at priority 12, which never tests the goal.</param>
    /// <exception cref="InvariantException">A list has fewer than no pages.</exception>
    public void Begin(in LruPages amounts, long goal, bool alwaysContinues)
    {
        if ((amounts.InactiveAnon | amounts.ActiveAnon | amounts.InactiveFile | amounts.ActiveFile) < 0)
        {
            throw new InvariantException($"{amounts} pages are to be scanned");
        }

        _left = _targets = amounts;
        _goal = goal;
        _alwaysContinues = alwaysContinues;
        _turn = 0;
        Reclaimed = 0;
    }

    /// <summary>Counts pages freed by the turn handed out last.</summary>
    public void Add(long reclaimed) => Reclaimed += reclaimed;

    /// <summary>The next turn of the current round, or of the next one; false when the visit is over.</summary>
    /// <param name="list">The list to shrink: inactive_anon, active_anon, inactive_file, active_file in this order.</param>
    /// <param name="pages">1…32 pages of it.</param>
    public bool TryNext(out LruKind list, out int pages)
    {
        while (_turn > 0 || StartsRound)
        {
            while (_turn < Lists)
            {
                list = (LruKind)_turn++;
                long left = _left[list];
                if (left > 0)
                {
                    pages = (int)Math.Min(left, ReclaimLimits.SwapClusterMax);
                    _left[list] = left - pages;
                    return true;
                }
            }

            EndRound();
        }

        (list, pages) = (default, 0);
        return false;
    }

    /// <summary>active_anon alone never starts a round.</summary>
    private bool StartsRound => (_left.InactiveAnon | _left.InactiveFile | _left.ActiveFile) != 0;

    private void EndRound()
    {
        _turn = 0;
        if (Reclaimed < _goal || _alwaysContinues)
        {
            return;
        }

        if (_left.File == 0 || _left.Anon == 0)
        {
            CoverageMarks.Hit(ReclaimMark.ListsGoalEnds);
            _left = default;
        }
        else if (_left.File > _left.Anon)
        {
            CoverageMarks.Hit(ReclaimMark.ListsAnonDropped);
            long percent = _left.Anon * 100 / (_targets.Anon + 1);
            _left = new LruPages(0, 0, Rescaled(LruKind.InactiveFile, percent), Rescaled(LruKind.ActiveFile, percent));
        }
        else
        {
            CoverageMarks.Hit(ReclaimMark.ListsFileDropped);
            long percent = _left.File * 100 / (_targets.File + 1);
            _left = new LruPages(Rescaled(LruKind.InactiveAnon, percent), Rescaled(LruKind.ActiveAnon, percent), 0, 0);
        }
    }

    /// <summary>The type that stays is scanned as far as the dropped one was, less what was done already.</summary>
    private long Rescaled(LruKind list, long percentLeft)
    {
        long done = _targets[list] - _left[list];
        long wanted = _targets[list] * (100 - percentLeft) / 100;
        return wanted - Math.Min(wanted, done);
    }
}
