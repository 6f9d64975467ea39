using MmActors.Model.Memory;

namespace MmActors.Model.Tests.Memory.Stress;

/// <summary>One address space's part in the fight for an order-9 folio: mapped by a PMD, by PTEs or not at all. Whoever maps it
/// anew holds the folio lock, so that whoever freezes it, under that lock, knows all mappings.</summary>
internal sealed class LargeFighter(Contest contest, int thread)
{
    private const int Pages = 512;
    private static readonly uint[] Drops = [1, 3, 5, 6, 7];
    private static readonly uint[] Probes = [0, 1, 2, 3, 7, 8];

    private readonly FolioTable _folios = contest.Folios;
    private readonly int _head = contest.Head;
    private readonly bool[] _mapped = new bool[Pages];
    private bool _locked;
    private bool _isOver;

    /// <summary>Transient references of this thread.</summary>
    public int References { get; private set; }

    /// <summary>It maps the folio by a PMD.</summary>
    public bool HasPmd { get; private set; }

    /// <summary>Subpages it maps by PTEs.</summary>
    public int Ptes { get; private set; }

    private bool Holds => References > 0 || HasPmd || Ptes > 0;

    /// <summary>Whether it maps this subpage by a PTE.</summary>
    public bool Maps(int page) => _mapped[page];

    /// <summary>One random step.</summary>
    /// <param name="dice">Which.</param>
    /// <param name="manner">Out of which.</param>
    public void Step(uint dice, Manner manner = Manner.Anything)
    {
        if (Holds)
        {
            contest.RequireAlive();
        }

        int page = (int)((dice >> 8) % Pages);
        switch (manner switch { Manner.LetsGo => Drops[dice % 5], Manner.Probes => Probes[dice % 6], _ => dice % 10 })
        {
            case 0 when References < 2 && _folios.TryGet(_head):
                References++;
                contest.RequireAlive();
                break;
            case 1 when References > 0 && !_locked:
                References--;
                EndIf(_folios.Put(_head));
                break;
            case 2 when References > 0 && !_locked && _folios.TryLock(_head):
                contest.Locked(thread);
                _locked = true;
                break;
            case 3 when _locked:
                Unlock();
                break;
            case 4 when _locked && !HasPmd && Ptes == 0:
                _folios.MapPmd(_head);
                HasPmd = true;
                break;
            case 5 when HasPmd:
                HasPmd = false;
                EndIf(_folios.UnmapPmd(_head));
                break;
            case 6 when HasPmd:
                _folios.PmdMapToPtes(_head);
                HasPmd = false;
                Array.Fill(_mapped, true);
                Ptes = Pages;
                break;
            case 7 when Ptes > 0:
                UnmapSome(page, most: (dice & 0x40) == 0 ? Pages : 8);
                break;
            case 8 when _locked && !HasPmd && !_mapped[page]:
                _folios.MapSubpage(_head + page);
                _mapped[page] = true;
                Ptes++;
                break;
            case 9 when Ptes > 0 && _locked:
                Freeze();
                break;
        }
    }

    /// <summary>After the fight, one thread after the other: everything is let go.</summary>
    public void LetGo()
    {
        _isOver = true;
        if (_locked)
        {
            Unlock();
        }

        while (Holds)
        {
            Step(References > 0 ? 1u : HasPmd ? 5u : 7u);
        }
    }

    private void Unlock()
    {
        contest.Unlocking(thread);
        _locked = false;
        _folios.Unlock(_head);
    }

    /// <summary>A run of PTEs goes, then the folio is perhaps partially mapped (DS-4).</summary>
    private void UnmapSome(int from, int most)
    {
        _folios.Get(_head);
        long life = contest.Lives;
        for (int count = 0; count < most && Ptes > 0; from = (from + 1) % Pages)
        {
            count += _mapped[from] ? 1 : 0;
            if (_mapped[from])
            {
                _mapped[from] = false;
                Ptes--;
                _folios.UnmapSubpage(_head + from);
            }
        }

        if (_folios.TryMarkPartiallyMapped(_head))
        {
            contest.Marked(life);
        }

        EndIf(_folios.Put(_head));
    }

    /// <summary>With the lock, all mappings and all references of the folio it is this thread's alone; then its life ends.</summary>
    private void Freeze()
    {
        if (_folios.MapCount(_head) != Ptes || !_folios.TryFreeze(_head, References, out _))
        {
            return;
        }

        uint frozen = _folios.Word(_head);
        for (int look = 0; look < 20; look++)
        {
            contest.Require(!_folios.TryGet(_head) && !_folios.TryIsolate(_head), "a reference was had to a frozen folio");
            contest.Require(_folios.Word(_head) == frozen, $"frozen as {frozen:x8}, and changed");
        }

        References = 0;
        Ptes = 0;
        Array.Clear(_mapped);
        contest.Unlocking(thread);
        _locked = false;
        EndIf(true);
    }

    private void EndIf(bool last)
    {
        if (last)
        {
            contest.Require(!Holds, "freed by a thread that holds it");
            contest.End();
            if (!_isOver)
            {
                Create();
            }
        }
    }

    /// <summary>A new folio, mapped by a PMD of its creator, its pages with words of their own as after a fork.</summary>
    public void Create()
    {
        _folios.InitLarge(_head, FolioFlags.Lru);
        contest.Begin();
        HasPmd = true;
        _folios.SharePmd(_head);
    }
}
