using System.Collections.Immutable;
using MmActors.Experiments.Running;
using MmActors.Runtime;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>Looks for a schedule in which a changed scenario still goes wrong. Its choices are others, so the old departures seldom
/// fit; the order in which the same actors took their turns does more often, and else there are other seeds of the strategy that
/// found the violation, and order of arrival in which somebody is made to wait.</summary>
/// <param name="cases">Runs them.</param>
/// <param name="strategy">The strategy that found the violation.</param>
internal sealed class ScheduleSearch(CaseRunner cases, StrategySpec strategy)
{
    /// <summary>Schedules that are not drawn: the old departures, the old turns in two ways, order of arrival.</summary>
    public const int Plain = 4;

    private const int Ways = 3;
    private const int MostMoves = 3;
    private const int MostHolds = 3;
    private const int LongestHold = 7; // a power of two

    /// <summary>The first schedule found; null if there is none among so many.</summary>
    /// <param name="candidate">The changed case.</param>
    /// <param name="request">Its scenario.</param>
    /// <param name="from">The unchanged one.</param>
    /// <param name="breadth">Schedules to try.</param>
    public FailingCase? Find(ReplayCase candidate, RunRequest request, FailingCase from, int breadth)
    {
        var random = new SeededRandom(1);
        int choices = from.Choices;
        IInterleavingStrategy? seeded = null;
        for (int number = 0; number < breadth && cases.HasTime; number++)
        {
            IInterleavingStrategy? way = number switch
            {
                0 => null,
                1 => new FollowingStrategy(from.Turns, isExact: true, candidate.Choices),
                2 => new FollowingStrategy(from.Turns, isExact: false, candidate.Choices),
                3 => new HoldingStrategy([], candidate.Choices),
                _ when number % Ways == 0 && !strategy.IsSeedless => new Reseeded(
                    seeded ??= strategy.Create(Math.Max(1, choices)), (ulong)(number / Ways), candidate.Choices),
                _ when number % Ways == 1 => new FollowingStrategy(
                    Moved(from.Turns, random), isExact: random.NextInt32(2) == 0, candidate.Choices),
                _ => new HoldingStrategy(Holds(choices, random), candidate.Choices),
            };
            if (cases.Try(candidate, request, way) is { } found)
            {
                return found;
            }

            choices = number == Plain - 1 ? Math.Max(1, cases.LastChoices) : choices;
        }

        return null;
    }

    /// <summary>A few who are made to wait at a random choice for a random while.</summary>
    public static Hold[] Holds(int choices, SeededRandom random)
    {
        var holds = new Hold[1 + random.NextInt32(MostHolds)];
        for (int index = 0; index < holds.Length; index++)
        {
            holds[index] = new Hold(
                random.NextInt32(Math.Max(1, choices)), random.NextInt32(1 << LongestHold), 1 << random.NextInt32(LongestHold));
        }

        return holds;
    }

    /// <summary>The same turns, but a few come earlier or later.</summary>
    public static List<Turn> Moved(ImmutableArray<Turn> turns, SeededRandom random)
    {
        List<Turn> moved = [.. turns];
        for (int move = 1 + random.NextInt32(MostMoves); move > 0 && moved.Count > 1; move--)
        {
            int from = random.NextInt32(moved.Count);
            int distance = 1 << random.NextInt32(LongestHold);
            int to = random.NextInt32(2) == 0 ? Math.Max(0, from - distance) : Math.Min(moved.Count - 1, from + distance);
            Turn turn = moved[from];
            moved.RemoveAt(from);
            moved.Insert(to, turn);
        }

        return moved;
    }

    /// <summary>A strategy with a seed of its own, so that what the swarm draws stays as it is.</summary>
    private sealed class Reseeded(IInterleavingStrategy inner, ulong seed, ScheduleChoices choices) : IInterleavingStrategy
    {
        public string Name => inner.Name;

        public ScheduleChoices Choices => choices;

        public void Begin(ulong ignored) => inner.Begin(seed);

        public int Pick(ReadOnlySpan<RunnableActor> runnable) => inner.Pick(runnable);
    }
}
