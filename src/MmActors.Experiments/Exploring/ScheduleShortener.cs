using System.Collections.Immutable;
using MmActors.Experiments.Running;
using MmActors.Runtime;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>Makes the schedule of a case shorter and plainer: departures from order of arrival are left out, and others are looked for
/// that go wrong sooner or with fewer.</summary>
/// <param name="cases">Runs them.</param>
internal sealed class ScheduleShortener(CaseRunner cases)
{
    /// <summary>Departures are first left out by the sixteenth: one by one they would cost all attempts before the scenario's turn.</summary>
    private const int Coarse = 16;

    /// <summary>Parts into which the run is cut before a change of the scenario.</summary>
    private const int Fine = 64;

    private const int Ways = 3;

    /// <summary>So many times as hard to follow, a schedule may still become easier than what there is.</summary>
    private const int Hopeful = 3;
    private const int LongestWait = 64;

    /// <summary>Choices beyond which one wait at each would cost too much.</summary>
    private const int FewChoices = 100;

    /// <summary>Alternatives tried at each.</summary>
    private const int Alternatives = 3;

    /// <summary>Drawn schedules without a shorter one among them after which there is none.</summary>
    private const int Patience = 1000;

    /// <summary>Leaves out departures in large groups.</summary>
    public FailingCase Coarsely(FailingCase failing, RunRequest request)
    {
        FailingCase fewer = WithFewerDepartures(failing, request, failing.Case.Deviations.Count / Coarse);
        return InOrder(fewer, request, fewer.Choices / Coarse);
    }

    /// <summary>Brings a schedule nearer to order of arrival, so that more changes of the scenario leave it going wrong.</summary>
    public FailingCase Smoothly(FailingCase failing, RunRequest request) =>
        InOrder(Coarsely(failing, request), request, failing.Choices / Fine);

    /// <summary>Leaves out every departure that can be left out by itself.</summary>
    public FailingCase Finely(FailingCase failing, RunRequest request) => InOrder(WithFewerDepartures(failing, request, 1), request, 1);

    /// <summary>Makes a schedule as short as it can.</summary>
    public FailingCase Shorten(FailingCase failing, RunRequest request)
    {
        FailingCase best = Finely(failing, request);
        for (FailingCase? before = null; !ReferenceEquals(best, before) && cases.HasTime;)
        {
            before = best;
            best = WithOneWait(best, request);
            best = WithDrawnWaits(best, request);
            best = InOrder(best, request, 1);
        }

        return best;
    }

    /// <summary>Leaves out departures: the later ones first, then ever smaller groups of them, and single ones for as long as it
    /// helps.</summary>
    private FailingCase WithFewerDepartures(FailingCase failing, RunRequest request, int least)
    {
        FailingCase best = failing;
        int before = int.MaxValue;
        for (int size = Count(best); size >= Math.Max(1, least) && cases.HasTime; size = size == 1 && Count(best) < before ? 1 : size / 2)
        {
            before = Count(best);
            for (int end = Count(best); end > 0 && cases.HasTime; end -= size)
            {
                ImmutableSortedDictionary<int, int> all = best.Case.Deviations;
                KeyValuePair<int, int>[] kept = [.. all.Take(Math.Max(0, end - size)), .. all.Skip(end)];
                best = Lighter(best, cases.Try(best.Case with { Deviations = ImmutableSortedDictionary.CreateRange(kept) }, request));
            }
        }

        return best;
    }

    /// <summary>Order of arrival for a part of the run, the later ones first, then ever shorter ones; around it everybody keeps the
    /// turns he had. Time passes only where somebody waits for it, if that will do.</summary>
    private FailingCase InOrder(FailingCase failing, RunRequest request, int least)
    {
        FailingCase best = Lighter(failing, Following(failing, request, 0, 0, isExact: false));
        for (int size = best.Choices; size >= Math.Max(1, least) && cases.HasTime; size /= 2)
        {
            for (int end = best.Choices; end > 0 && cases.HasTime; end -= size)
            {
                int from = Math.Max(0, end - size);
                FailingCase lighter = Lighter(best, Following(best, request, from, end, isExact: false));
                best = ReferenceEquals(lighter, best) ? Lighter(best, Following(best, request, from, end, isExact: true)) : lighter;
            }
        }

        return best;
    }

    private FailingCase? Following(FailingCase failing, RunRequest request, int from, int to, bool isExact) => cases.Try(
        failing.Case, request, new FollowingStrategy(failing.Turns, isExact, failing.Case.Choices) { FreeFrom = from, FreeTo = to });

    /// <summary>One who waits, at every choice and for every time: in a small run that is all it takes, and few schedules.</summary>
    private FailingCase WithOneWait(FailingCase failing, RunRequest request)
    {
        FailingCase best = failing;
        for (int length = 1; best.Choices <= FewChoices && length <= LongestWait; length *= 4)
        {
            for (int from = 0; from < best.Choices && cases.HasTime; from++)
            {
                for (int whom = 0; whom < Alternatives && cases.HasTime; whom++)
                {
                    best = WithWaits(best, request, [new Hold(from, whom, length)]);
                }
            }
        }

        return best;
    }

    private FailingCase WithDrawnWaits(FailingCase failing, RunRequest request)
    {
        var random = new SeededRandom(1);
        FailingCase best = failing;
        int fruitless = 0;
        while (fruitless < Patience && cases.HasTime)
        {
            FailingCase shorter = Drawn(best, request, random);
            fruitless = ReferenceEquals(shorter, best) ? fruitless + 1 : 0;
            best = shorter;
        }

        return best;
    }

    /// <summary>Somebody waits, or a part of the run is in order, or a few have their turns earlier or later.</summary>
    private FailingCase Drawn(FailingCase best, RunRequest request, SeededRandom random)
    {
        bool isExact = random.NextInt32(2) == 0;
        switch (random.NextInt32(Ways))
        {
            case 0:
                return WithWaits(best, request, ScheduleSearch.Holds(best.Choices, random));
            case 1:
                int from = random.NextInt32(Math.Max(1, best.Choices));
                int to = from + 1 + random.NextInt32(Math.Max(1, best.Choices / 4));
                return Lighter(best, Following(best, request, from, to, isExact));
            default:
                return Lighter(best, cases.Try(
                    best.Case, request, new FollowingStrategy(ScheduleSearch.Moved(best.Turns, random), isExact, best.Case.Choices)));
        }
    }

    private FailingCase WithWaits(FailingCase failing, RunRequest request, Hold[] holds) =>
        cases.Try(failing.Case, request, new HoldingStrategy(holds, failing.Case.Choices)) is { } found
            && found.Weight <= Hopeful * failing.Weight && WithFewerDepartures(found, request, 1) is var shorter && shorter.Weight < failing.Weight ? shorter : failing;

    private static FailingCase Lighter(FailingCase best, FailingCase? other) => other?.Weight < best.Weight ? other : best;

    private static int Count(FailingCase failing) => failing.Case.Deviations.Count;
}
