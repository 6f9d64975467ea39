using MmActors.Model.Memory;

namespace MmActors.Model.Tests.Memory.Stress;

/// <summary>One thread's part in the fight for a small folio, with its own books: the references and mappings it holds, and the
/// flags it won. It does what the actors do, in the order in which they do it, and nothing it has no right to.</summary>
internal sealed class SmallFighter(Contest contest, int thread)
{
    private const int MostReferences = 2;
    private const int MostMappings = 4;
    private const int Slot = 3;
    private static readonly uint[] Drops = [1, 3, 5, 8, 12];
    private static readonly uint[] Probes = [0, 1, 6, 8];

    private readonly FolioTable _folios = contest.Folios;
    private readonly int _pfn = contest.Head;
    private bool _locked;
    private bool _isOver;

    /// <summary>Transient references of this thread, without that of an isolation.</summary>
    public int References { get; private set; }

    /// <summary>Mappings of this thread.</summary>
    public int Mappings { get; private set; }

    /// <summary>It has isolated the folio, which is one more reference.</summary>
    public bool HasIsolated { get; private set; }

    /// <summary>Won settings less won clearings of each shared flag.</summary>
    public long[] FlagsWon { get; } = new long[Contest.Shared.Length];

    private bool Holds => References > 0 || Mappings > 0 || HasIsolated;

    /// <summary>One random step.</summary>
    /// <param name="dice">Which.</param>
    /// <param name="manner">Out of which.</param>
    public void Step(uint dice, Manner manner = Manner.Anything)
    {
        if (Holds)
        {
            contest.RequireAlive();
        }

        switch (manner switch { Manner.LetsGo => Drops[dice % 5], Manner.Probes => Probes[dice % 4], _ => dice % 12 })
        {
            case 0 when References < MostReferences && _folios.TryGet(_pfn):
                References++;
                contest.RequireAlive();
                break;
            case 1 when References > 0 && (!_locked || References + Mappings > 1 || HasIsolated):
                References--;
                EndIf(_folios.Put(_pfn));
                break;
            case 2 when Holds && Mappings < MostMappings:
                _folios.MapSmall(_pfn);
                Mappings++;
                break;
            case 3 when Mappings > 0 && (!_locked || Mappings + References > 1 || HasIsolated):
                Unmap();
                break;
            case 4 when Holds && !_locked && _folios.TryLock(_pfn):
                contest.Locked(thread);
                _locked = true;
                break;
            case 5 when _locked:
                contest.Unlocking(thread);
                _locked = false;
                _folios.Unlock(_pfn);
                break;
            case 6 when !HasIsolated && _folios.TryIsolate(_pfn):
                Isolated();
                break;
            case 7 when Holds && !HasIsolated && _folios.TestClearLru(_pfn):
                _folios.Get(_pfn);
                Isolated();
                break;
            case 8 when HasIsolated && !_locked:
                PutBack();
                break;
            case 9 when Holds:
                ChangeFlag((int)((dice >> 8) % Contest.Shared.Length), (dice & 0x80) != 0);
                break;
            case 10 when _locked && (dice & 0x700) == 0:
                _folios.EnterSwapCache(_pfn, Slot);
                break;
            case 11 when Mappings == 1 && !_locked:
                _folios.TryLeaveSwapCache(_pfn, References + (HasIsolated ? 1 : 0));
                break;
            case 12 when Holds:
                _folios.ClearFlags(_pfn, FolioFlags.SwapCache);
                break;
        }
    }

    /// <summary>After the fight, one thread after the other: everything is let go.</summary>
    public void LetGo()
    {
        _isOver = true;
        if (_locked)
        {
            Step(5);
        }

        _folios.ClearFlags(_pfn, FolioFlags.SwapCache);
        while (Holds)
        {
            Step(HasIsolated ? 8u : References > 0 ? 1u : 3u);
        }
    }

    private void Isolated()
    {
        HasIsolated = true;
        contest.Isolated(thread);
        contest.RequireAlive();
    }

    /// <summary>As the node does it: freed when nothing else holds it, else back on its list.</summary>
    private void PutBack()
    {
        contest.PuttingBack(thread);
        HasIsolated = false;
        if (_folios.TryPutLast(_pfn))
        {
            contest.Require(References == 0 && Mappings == 0, "its last reference was dropped while this thread held it");
            EndIf(true);
            return;
        }

        contest.Require(_folios.SetFlags(_pfn, FolioFlags.Lru) == 0, "put back twice");
        EndIf(_folios.Put(_pfn));
    }

    /// <summary>As a zap does it: whoever takes an unmapped page out of the swap cache frees it.</summary>
    private void Unmap()
    {
        Mappings--;
        bool last = _folios.UnmapSmall(_pfn);
        if (!Holds)
        {
            last |= !last && _folios.TryDropUnmappedCache(_pfn, 0);
        }

        _folios.ClearFlags(_pfn, Holds ? FolioFlags.Dirty : FolioFlags.None);
        EndIf(last);
    }

    private void ChangeFlag(int flag, bool sets)
    {
        FolioFlags wanted = Contest.Shared[flag];
        if (sets)
        {
            FlagsWon[flag] += _folios.SetFlags(_pfn, wanted) == 0 ? 1 : 0;
        }
        else
        {
            FlagsWon[flag] -= _folios.ClearFlags(_pfn, wanted) == 0 ? 0 : 1;
        }
    }

    /// <summary>A freed page is taken again at once, with one reference of its creator.</summary>
    private void EndIf(bool last)
    {
        if (!last)
        {
            return;
        }

        contest.Require(!Holds, "freed by a thread that holds it");
        contest.End();
        if (_isOver)
        {
            return;
        }

        _folios.InitSmall(_pfn, FolioFlags.Lru, 0);
        contest.Begin();
        _folios.Get(_pfn);
        References = 1;
    }
}
