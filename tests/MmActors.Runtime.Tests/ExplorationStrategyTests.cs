using Akka.Actor;
using MmActors.Runtime.Strategies;

namespace MmActors.Runtime.Tests;

public sealed class ExplorationStrategyTests
{
    private const int Seeds = 200;

    [Fact] // 6! / (2! 2! 2!) = 90 words of two a, two b and two c
    public void Depth_first_runs_every_order_once_and_then_says_so()
    {
        var strategy = new DepthFirstStrategy(bound: 100);
        var orders = new List<string>();
        do
        {
            orders.Add(Race(strategy, 0));
        }
        while (strategy.HasMore);

        Assert.Equal(90, orders.Count);
        Assert.Equal(90, orders.Distinct().Count());

        // Inner nodes: beginnings after which at least two actors still have something. Of the 54 of four letters, 18 leave one.
        Assert.Equal(1 + 3 + 9 + 24 + 36, strategy.States);
    }

    [Fact] // a bound of one choice varies only the first actor
    public void Depth_first_goes_on_in_order_of_arrival_after_its_bound()
    {
        var strategy = new DepthFirstStrategy(bound: 1);
        string[] orders = [Race(strategy, 0), Race(strategy, 0), Race(strategy, 0)];
        Assert.False(strategy.HasMore);
        Assert.Equal(["a b c a b c", "b c a b c a", "c b a c b a"], orders.Order(StringComparer.Ordinal));
    }

    [Fact] // ASPLOS 2010: with d = 1 priorities never change, so whoever goes first goes on
    public void Pct_of_depth_one_runs_one_actor_after_the_other_in_all_six_orders()
    {
        HashSet<string> orders = [.. Enumerable.Range(0, Seeds).Select(static seed => Race(new PctStrategy(1, 10), (ulong)seed))];
        Assert.Equal(
            ["a a b b c c", "a a c c b b", "b b a a c c", "b b c c a a", "c c a a b b", "c c b b a a"],
            orders.Order(StringComparer.Ordinal));
    }

    [Fact] // d = 2: one change of priority splits at most one pair
    public void Pct_of_depth_two_interrupts_at_most_one_actor()
    {
        var orders = Enumerable.Range(0, Seeds).Select(static seed => Race(new PctStrategy(2, 5), (ulong)seed)).ToList();
        Assert.Contains("a b b c c a", orders);
        Assert.All(orders, static order => Assert.InRange(Interruptions(order), 0, 1));
    }

    [Fact] // POPL 2011: with d delays a schedule departs from the fair one at d moments
    public void Delay_bounded_departs_from_order_of_arrival_at_most_as_often_as_it_may()
    {
        for (var delays = 1; delays <= 3; delays++)
        {
            var most = 0;
            for (var seed = 0UL; seed < Seeds; seed++)
            {
                var recorder = new DeviationRecorder(new DelayBoundedStrategy(delays, 5));
                Race(recorder, seed);
                most = Math.Max(most, recorder.Deviations.Count);
            }

            Assert.InRange(most, 1, delays * 3); // whoever was passed over is passed over until its new turn comes
        }
    }

    [Theory]
    [InlineData("pct:3")]
    [InlineData("delay:2")]
    [InlineData("random")]
    [InlineData("pct:3+timers+channels")]
    public void What_a_recorder_wrote_down_replays_the_schedule(string spec)
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            var recorder = new DeviationRecorder(StrategySpec.Parse(spec)!.Create(10));
            var original = Race(recorder, seed);
            var written = recorder.Deviations.ToDictionary(static pair => pair.Key, static pair => pair.Value);
            Assert.Equal(original, Race(new PrescribedStrategy(written, recorder.Choices), 0));
        }
    }

    [Fact] // "the next timer now" is a choice only for those who ask for it
    public void A_timer_fires_before_a_waiting_message_only_when_time_is_a_choice()
    {
        Assert.Equal(["message timer"], Outcomes(ScheduleChoices.Actors, MessageAndTimer));
        Assert.Equal(["message timer", "timer message"], Outcomes(ScheduleChoices.Timers, MessageAndTimer));
    }

    [Fact] // whose message is next is a choice as long as neither caused the other
    public void An_actor_may_take_the_later_of_two_independent_messages_first()
    {
        Assert.Equal("b c", TwoSenders(new FifoStrategy()));
        Assert.Equal("c b", TwoSenders(new LastAlternative()));
    }

    [Fact] // a message is never overtaken by one that it caused
    public void A_caused_message_never_overtakes_its_cause() =>
        Assert.Equal(["first second"], Outcomes(ScheduleChoices.Channels | ScheduleChoices.Timers, CauseAndEffect));

    [Theory]
    [InlineData("fifo", "fifo", 0, ScheduleChoices.Actors)]
    [InlineData("pct:5+timers", "pct", 5, ScheduleChoices.Timers)]
    [InlineData("random+channels+timers", "random", 0, ScheduleChoices.Timers | ScheduleChoices.Channels)]
    [InlineData("dfs:1000", "dfs", 1000, ScheduleChoices.Actors)]
    public void A_strategy_is_read_as_it_is_written(string text, string kind, int bound, ScheduleChoices choices) =>
        Assert.Equal(new StrategySpec(kind, bound, choices), StrategySpec.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("pct")]
    [InlineData("pct:0")]
    [InlineData("pct:1001")]
    [InlineData("fifo:1")]
    [InlineData("random+time")]
    [InlineData("best")]
    public void What_is_no_strategy_is_refused(string text) => Assert.Null(StrategySpec.Parse(text));

    private static int Interruptions(string order)
    {
        var letters = order.Replace(" ", "", StringComparison.Ordinal);
        return "abc".Count(letter => letters.IndexOf(letter) + 1 != letters.LastIndexOf(letter));
    }

    /// <summary>Three actors with two messages each; told in the order b, c, a. Returns who handled, in order.</summary>
    private static string Race(IInterleavingStrategy strategy, ulong seed)
    {
        using var host = SimHost.Start(new SimSettings { Strategy = new FifoStrategy() });
        host.Reset(new SimSettings { Strategy = strategy, Seed = seed });
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

    private static string[] Outcomes(ScheduleChoices choices, Func<SimHost, Func<string>> build)
    {
        SortedSet<string> outcomes = new(StringComparer.Ordinal);
        for (var seed = 0UL; seed < Seeds; seed++)
        {
            using var host = SimHost.Start(new SimSettings { Strategy = new SeededRandomStrategy(choices), Seed = seed });
            var outcome = build(host);
            host.Kernel.RunUntilQuiescent();
            outcomes.Add(outcome());
        }

        return [.. outcomes];
    }

    private static Func<string> MessageAndTimer(SimHost host)
    {
        var seen = new List<string>();
        var actor = host.System.ActorOf(LambdaActor.Of((_, message) => seen.Add((string)message)), "actor");
        var other = host.System.ActorOf(LambdaActor.Of((_, message) => seen.Add((string)message)), "other");
        host.Kernel.WindDown(static () => { });
        host.System.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(1), other, "timer", ActorRefs.NoSender);
        actor.Tell("message");
        return () => string.Join(' ', seen);
    }

    /// <summary>b and then c tell a, which is the last to run.</summary>
    private static string TwoSenders(IInterleavingStrategy strategy)
    {
        using var host = SimHost.Start(new SimSettings { Strategy = strategy });
        var seen = new List<string>();
        var b = host.System.ActorOf(LambdaActor.Of((context, message) => ((IActorRef)message).Tell("b", context.Self)), "b");
        var c = host.System.ActorOf(LambdaActor.Of((context, message) => ((IActorRef)message).Tell("c", context.Self)), "c");
        var a = host.System.ActorOf(LambdaActor.Of((_, message) => seen.Add((string)message)), "a");
        host.Kernel.WindDown(static () => { });
        b.Tell(a);
        c.Tell(a);
        host.Kernel.RunUntilQuiescent();
        return string.Join(' ', seen);
    }

    /// <summary>The actor with the lowest number, and of its channels the last.</summary>
    private sealed class LastAlternative : IInterleavingStrategy
    {
        public string Name => "last alternative";

        public ScheduleChoices Choices => ScheduleChoices.Channels;

        public void Begin(ulong seed)
        {
            // Nothing is remembered.
        }

        public int Pick(ReadOnlySpan<RunnableActor> runnable)
        {
            var pick = 0;
            while (pick + 1 < runnable.Length && runnable[pick + 1].ActorId == runnable[0].ActorId)
            {
                pick++;
            }

            return pick;
        }
    }

    private static Func<string> CauseAndEffect(SimHost host)
    {
        var seen = new List<string>();
        var a = host.System.ActorOf(LambdaActor.Of((_, message) => seen.Add((string)message)), "a");
        var c = host.System.ActorOf(LambdaActor.Of((context, _) => a.Tell("second", context.Self)), "c");
        var b = host.System.ActorOf(
            LambdaActor.Of((context, _) =>
            {
                a.Tell("first", context.Self);
                c.Tell("go", context.Self);
            }),
            "b");
        host.Kernel.WindDown(static () => { });
        b.Tell("go");
        return () => string.Join(' ', seen);
    }
}
