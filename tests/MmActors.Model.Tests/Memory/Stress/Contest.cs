using MmActors.Model.Memory;

namespace MmActors.Model.Tests.Memory.Stress;

/// <summary>What a thread is about for a while.</summary>
internal enum Manner
{
    /// <summary>Whatever the dice say.</summary>
    Anything,
    /// <summary>It only gives up what it holds, so that lives end.</summary>
    LetsGo,
    /// <summary>It only takes and drops, at the folio whose life the others are ending.</summary>
    Probes,
}

/// <summary>One folio that several threads fight over, and what only one of them may do at a time: each such thing has an owner
/// here, so a second one is caught at once.</summary>
internal sealed class Contest(FolioTable folios, int head)
{
    /// <summary>Flags that any holder sets and clears.</summary>
    public static readonly FolioFlags[] Shared =
        [FolioFlags.Referenced, FolioFlags.Active, FolioFlags.Workingset, FolioFlags.Young, FolioFlags.SwapBacked];

    private int _alive = 1;
    private int _locker;
    private int _isolator;
    private long _lives = 1;
    private long _marked;

    /// <summary>The table.</summary>
    public FolioTable Folios => folios;

    /// <summary>The folio.</summary>
    public int Head => head;

    /// <summary>Lives begun.</summary>
    public long Lives => Interlocked.Read(ref _lives);

    /// <summary>How often a life ended with each shared flag set; written by whoever ended it, who is alone then.</summary>
    public long[] EndedWith { get; } = new long[Shared.Length];

    /// <summary>Whether its last life has ended; at rest.</summary>
    public bool HasEnded => _alive == 0;

    /// <summary>Whether somebody has the lock, or has isolated the folio; at rest.</summary>
    public (bool Locked, bool Isolated) Owned => (_locker != 0, _isolator != 0);

    public void Locked(int thread) => Own(ref _locker, thread, "locked twice");

    public void Unlocking(int thread) => Disown(ref _locker, thread, "unlocked by another");

    public void Isolated(int thread) => Own(ref _isolator, thread, "isolated twice");

    public void PuttingBack(int thread) => Disown(ref _isolator, thread, "put back by another");

    /// <summary>The mark of a partial mapping was won: once a life, and never after its end.</summary>
    public void Marked(long life)
    {
        Require(Volatile.Read(ref _alive) == 1, "marked after its end");
        Require(life == Lives, "marked after another life began");
        Require(Interlocked.Exchange(ref _marked, life) != life, "marked twice in one life");
    }

    /// <summary>Somebody who holds it looks.</summary>
    public void RequireAlive() => Require(Volatile.Read(ref _alive) == 1, "freed while it was held");

    /// <summary>The last hold is gone: ends this life. Exactly one thread may come here, and nobody else holds anything.</summary>
    public void End()
    {
        Require(Interlocked.Exchange(ref _alive, 0) == 1, "freed twice");
        Require(folios.TransientReferences(head) == 0, "freed while referenced");
        Require(_locker == 0, "freed while locked");
        Require(!folios.TryGet(head), "a reference was had to a freed folio");
        FolioFlags flags = folios.Flags(head);
        for (int flag = 0; flag < Shared.Length; flag++)
        {
            EndedWith[flag] += (flags & Shared[flag]) != 0 ? 1 : 0;
        }
    }

    /// <summary>The next life begins, for its creator alone until the first reference or mapping exists.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref _lives);
        Volatile.Write(ref _alive, 1);
    }

    public void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvariantException($"pfn {head}, word {folios.Word(head):x8}: {otherwise}");
        }
    }

    private void Own(ref int owner, int thread, string otherwise) =>
        Require(Interlocked.CompareExchange(ref owner, thread, 0) == 0, otherwise);

    private void Disown(ref int owner, int thread, string otherwise) =>
        Require(Interlocked.CompareExchange(ref owner, 0, thread) == thread, otherwise);
}
