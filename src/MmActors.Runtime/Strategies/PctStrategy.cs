namespace MmActors.Runtime.Strategies;

/// <summary>Probabilistic concurrency testing: everybody gets a random priority when first seen, the highest always goes, and
/// at d − 1 random moments the one about to go falls below all others. A bug that needs d ordering constraints among n actors
/// and k choices is found with probability 1 / (n · k^(d−1)) or better in every single run (Burckhardt, Kothari, Musuvathi
/// and Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010).</summary>
/// <param name="depth">d: ordering constraints that the bugs looked for need.</param>
/// <param name="expectedChoices">k: choices a run makes, about.</param>
/// <param name="choices">What it chooses among; the timer and every channel count as an actor of their own.</param>
public sealed class PctStrategy(int depth, int expectedChoices, ScheduleChoices choices = ScheduleChoices.Actors)
    : IInterleavingStrategy
{
    private readonly Dictionary<long, long> _priorities = [];
    private readonly int[] _changePoints = new int[Math.Max(0, depth - 1)];
    private SeededRandom _random = new(0);
    private int _choice;

    /// <inheritdoc/>
    public string Name => $"pct:{depth}";

    /// <inheritdoc/>
    public ScheduleChoices Choices => choices;

    /// <inheritdoc/>
    public void Begin(ulong seed)
    {
        _random = new SeededRandom(seed);
        _priorities.Clear();
        _choice = 0;
        for (var index = 0; index < _changePoints.Length; index++)
        {
            _changePoints[index] = _random.NextInt32(Math.Max(1, expectedChoices));
        }
    }

    /// <inheritdoc/>
    public int Pick(ReadOnlySpan<RunnableActor> runnable)
    {
        if (runnable.Length == 1)
        {
            return 0;
        }

        var best = Highest(runnable);
        for (var index = 0; index < _changePoints.Length; index++)
        {
            if (_changePoints[index] == _choice)
            {
                _priorities[KeyOf(runnable[best])] = index - depth; // below every first priority
                best = Highest(runnable);
            }
        }

        _choice++;
        return best;
    }

    private int Highest(ReadOnlySpan<RunnableActor> runnable)
    {
        var best = 0;
        var highest = long.MinValue;
        for (var index = 0; index < runnable.Length; index++)
        {
            var key = KeyOf(runnable[index]);
            if (!_priorities.TryGetValue(key, out var priority))
            {
                priority = (long)(_random.NextUInt64() >> 1);
                _priorities[key] = priority;
            }

            if (priority > highest)
            {
                (best, highest) = (index, priority);
            }
        }

        return best;
    }

    private static long KeyOf(in RunnableActor actor) => ((long)actor.ActorId << 32) | (uint)actor.Sender;
}
