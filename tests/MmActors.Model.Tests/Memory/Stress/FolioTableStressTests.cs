using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using MmActors.Model.Memory;

namespace MmActors.Model.Tests.Memory.Stress;

/// <summary>The page array under all processors at once: threads take and drop references, locks, mappings and isolations of a few
/// contended folios. Each keeps its own books; what only one may do is checked as it is done, and afterwards books and words must
/// agree. docs/concurrent.md names the operations that were made non-atomic to see it fail.</summary>
public class FolioTableStressTests
{
    private const int SmallFolios = 2;
    private const int LargeFolios = 1;
    private const int FirstLarge = 512;
    private const int StepsBetweenLooks = 128;

    /// <summary>Sixty seconds of every test run; MMACTORS_STRESS_SECONDS asks for more or fewer.</summary>
    private static readonly double Seconds = double.TryParse(
        Environment.GetEnvironmentVariable("MMACTORS_STRESS_SECONDS"), CultureInfo.InvariantCulture, out double wanted) ? wanted : 60;

    private static readonly int Threads = Math.Clamp(Environment.ProcessorCount, 4, 8);

    private readonly FolioTable _folios = new(FirstLarge * (LargeFolios + 1), hasSwap: true);
    private Exception? _failure;
    private long _steps;

    [Fact] // architecture.md section 3, SM-7…10
    public void Books_and_words_agree_after_a_fight_on_all_processors()
    {
        Contest[] small = [.. Enumerable.Range(1, SmallFolios).Select(pfn => new Contest(_folios, pfn))];
        Contest[] large = [.. Enumerable.Range(1, LargeFolios).Select(number => new Contest(_folios, FirstLarge * number))];
        SmallFighter[][] smallFighters = [.. small.Select(static contest => Team(thread => new SmallFighter(contest, thread)))];
        LargeFighter[][] largeFighters = [.. large.Select(static contest => Team(thread => new LargeFighter(contest, thread)))];
        foreach (Contest contest in small)
        {
            _folios.InitSmall(contest.Head, FolioFlags.Lru, 0);
            _folios.EnterSwapCache(contest.Head, 1); // so that it lives until somebody holds it
        }

        foreach (LargeFighter[] team in largeFighters)
        {
            team[0].Create();
        }

        Fight(smallFighters, largeFighters);
        for (int number = 0; number < SmallFolios; number++)
        {
            RequireAgreement(small[number], smallFighters[number]);
        }

        for (int number = 0; number < LargeFolios; number++)
        {
            RequireAgreement(large[number], largeFighters[number]);
        }

        Assert.All(small.Concat(large), static contest => Assert.True(contest.Lives > 100, $"only {contest.Lives} lives: no fight"));
        Assert.True(_steps > StepsBetweenLooks * Threads);
    }

    private static T[] Team<T>(Func<int, T> member) => [.. Enumerable.Range(1, Threads).Select(member)];

    private void Fight(SmallFighter[][] small, LargeFighter[][] large)
    {
        var clock = Stopwatch.StartNew();
        using var start = new Barrier(Threads);
        List<Thread> threads = [.. Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                while (clock.Elapsed.TotalSeconds < Seconds && Volatile.Read(ref _failure) is null)
                {
                    long round = clock.ElapsedMilliseconds;
                    var manner = (Manner)(((round / 2) + number) % 3); // all at the same folio, each in its own manner
                    FightOn(number, small, large, (int)(round % (SmallFolios + LargeFolios)), manner);
                }
            }
            catch (Exception fault)
            {
                Interlocked.CompareExchange(ref _failure, fault, null);
            }
        }))];
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    private void FightOn(int thread, SmallFighter[][] small, LargeFighter[][] large, int folio, Manner manner)
    {
        ulong state = ((ulong)Stopwatch.GetTimestamp() << 8) + (ulong)thread + 1;
        for (int step = 0; step < StepsBetweenLooks; step++)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            uint dice = (uint)(state >> 33);
            if (folio < SmallFolios)
            {
                small[folio][thread].Step(dice, manner);
            }
            else
            {
                large[folio - SmallFolios][thread].Step(dice, manner);
            }
        }

        Interlocked.Add(ref _steps, StepsBetweenLooks);
    }

    private void RequireAgreement(Contest contest, SmallFighter[] team)
    {
        int pfn = contest.Head;
        Assert.Equal(team.Sum(static member => member.References + (member.HasIsolated ? 1 : 0)), _folios.TransientReferences(pfn));
        Assert.Equal(team.Sum(static member => member.Mappings), _folios.PageMapCount(pfn));
        Assert.Equal(contest.Owned.Locked, _folios.Has(pfn, FolioFlags.Locked));
        Assert.Equal(contest.Owned.Isolated, !_folios.Has(pfn, FolioFlags.Lru));
        for (int flag = 0; flag < Contest.Shared.Length; flag++)
        {
            long set = contest.EndedWith[flag] + (_folios.Has(pfn, Contest.Shared[flag]) ? 1 : 0);
            Assert.Equal(set, team.Sum(member => member.FlagsWon[flag]));
        }

        Array.ForEach(team, static member => member.LetGo());
        Assert.True(contest.HasEnded, "nobody holds it, and nobody freed it");
    }

    private void RequireAgreement(Contest contest, LargeFighter[] team)
    {
        int head = contest.Head;
        Assert.Equal(team.Sum(static member => member.References), _folios.TransientReferences(head));
        Assert.Equal(team.Count(static member => member.HasPmd), _folios.PmdMapCount(head));
        Assert.Equal(team.Sum(static member => member.Ptes), _folios.PteMapCount(head));
        Assert.Equal(contest.Owned.Locked, _folios.Has(head, FolioFlags.Locked));
        for (int page = 0; page < FirstLarge; page++)
        {
            Assert.Equal(team.Count(member => member.Maps(page)), _folios.PageMapCount(head + page));
        }

        Array.ForEach(team, static member => member.LetGo());
        Assert.True(contest.HasEnded, "nobody holds it, and nobody freed it");
    }
}
