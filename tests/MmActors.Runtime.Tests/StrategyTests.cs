using Akka.Actor;
using MmActors.Runtime.Strategies;

namespace MmActors.Runtime.Tests;

public sealed class StrategyTests
{
    [Fact]
    public void Fifo_behind_the_seam_gives_the_schedule_of_the_fast_path()
    {
        var fast = Race(new FifoStrategy(), 1);
        var asked = Race(new RecordingStrategy(new FifoStrategy()), 1);
        Assert.Equal(fast, asked);
    }

    [Fact]
    public void Random_tries_every_order_there_is()
    {
        // The first three of six messages, two to each of three actors: 27 words less aaa, bbb and ccc.
        var orders = Enumerable.Range(0, 200).Select(seed => Race(new SeededRandomStrategy(), (ulong)seed)).ToList();
        Assert.Equal(24, orders.Select(order => order[..5]).Distinct().Count());
    }

    [Fact]
    public void A_priority_strategy_decides_who_goes_first()
    {
        // A PCT in miniature: the higher number always wins until, at the change point, it drops below all others.
        Assert.Equal("c c b b a a", Race(new PriorityStrategy(changePoint: long.MaxValue), 1));
        Assert.Equal("c b b a a c", Race(new PriorityStrategy(changePoint: 1), 1));
    }

    [Fact]
    public void Recorded_picks_replay_to_the_same_schedule()
    {
        var recording = new RecordingStrategy(new SeededRandomStrategy());
        var original = Race(recording, 12345);
        Assert.NotEmpty(recording.Picks);
        Assert.Equal(original, Race(new ReplayStrategy(recording.Picks), 0));
    }

    [Fact]
    public void A_pick_out_of_range_fails_the_run()
    {
        var failure = Assert.Throws<SimulationFailedException>(() => Race(new ReplayStrategy([7]), 0));
        Assert.Contains("picked index 7", failure.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Strategies_see_actors_by_creation_order_not_by_arrival()
    {
        var spy = new SpyStrategy();
        Race(spy, 0);
        Assert.All(spy.Seen, ids => Assert.Equal(ids.Order(), ids));
        Assert.Contains(spy.Seen, ids => ids.Length == 3);
    }

    [Fact]
    public void Seeded_random_is_the_published_generator_and_stays_in_range()
    {
        // xoshiro256** after SplitMix64(0): the first output follows from SplitMix64's second one, 0x6E789E6AA1B965F4.
        var second = unchecked(0x6E789E6AA1B965F4UL * 5);
        var expected = unchecked(((second << 7) | (second >> 57)) * 9);
        Assert.Equal(expected, new SeededRandom(0).NextUInt64());

        var random = SeededRandom.ForStream(3, "kswapd");
        var counts = new int[10];
        for (var draw = 0; draw < 100_000; draw++)
        {
            counts[random.NextInt32(10)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 9500, 10500));
        Assert.NotEqual(SeededRandom.ForStream(3, "kswapd").NextUInt64(), SeededRandom.ForStream(3, "khugepaged").NextUInt64());
        Assert.NotEqual(SeededRandom.ForStream(3, "kswapd").NextUInt64(), SeededRandom.ForStream(4, "kswapd").NextUInt64());
        Assert.Equal(SeededRandom.ForStream(3, "kswapd").NextUInt64(), SeededRandom.ForStream(3, "kswapd").NextUInt64());
    }

    /// <summary>Three actors with two messages each; told in the order b, c, a. Returns who handled, in order.</summary>
    private static string Race(IInterleavingStrategy strategy, ulong seed)
    {
        using var host = SimHost.Start(new SimSettings { Strategy = strategy, Seed = seed });
        var handled = new List<string>();
        var actors = new Dictionary<string, IActorRef>();
        foreach (var name in (string[])["a", "b", "c"])
        {
            actors[name] = host.System.ActorOf(LambdaActor.Of((_, _) => handled.Add(name)), name);
        }

        host.Kernel.WindDown(static () => { }); // lets the actors start without asking the strategy
        foreach (var name in (string[])["b", "c", "a", "b", "c", "a"])
        {
            actors[name].Tell("go");
        }

        host.Kernel.RunUntilQuiescent();
        return string.Join(' ', handled);
    }

    private sealed class PriorityStrategy(long changePoint) : IInterleavingStrategy
    {
        private readonly Dictionary<int, int> _demoted = [];
        private long _step;

        public string Name => "priority";

        public void Begin(ulong seed)
        {
            _step = 0;
            _demoted.Clear();
        }

        public int Pick(ReadOnlySpan<RunnableActor> runnable)
        {
            var best = Best(runnable);
            if (_step++ == changePoint)
            {
                _demoted[runnable[best].ActorId] = -1;
                best = Best(runnable);
            }

            return best;
        }

        private int Best(ReadOnlySpan<RunnableActor> runnable)
        {
            var best = 0;
            for (var index = 1; index < runnable.Length; index++)
            {
                if (Priority(runnable[index]) > Priority(runnable[best]))
                {
                    best = index;
                }
            }

            return best;
        }

        private int Priority(RunnableActor actor) => _demoted.GetValueOrDefault(actor.ActorId, actor.ActorId);
    }

    private sealed class ReplayStrategy(IReadOnlyList<int> picks) : IInterleavingStrategy
    {
        private int _next;

        public string Name => "replay";

        public void Begin(ulong seed) => _next = 0;

        public int Pick(ReadOnlySpan<RunnableActor> runnable) => runnable.Length == 1 ? 0 : picks[_next++];
    }

    private sealed class SpyStrategy : IInterleavingStrategy
    {
        public List<int[]> Seen { get; } = [];

        public string Name => "spy";

        public void Begin(ulong seed) => Seen.Clear();

        public int Pick(ReadOnlySpan<RunnableActor> runnable)
        {
            var ids = new int[runnable.Length];
            for (var index = 0; index < ids.Length; index++)
            {
                ids[index] = runnable[index].ActorId;
            }

            Seen.Add(ids);
            return runnable.Length - 1;
        }
    }
}
