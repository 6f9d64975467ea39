using MmActors.Runtime.Strategies;

namespace MmActors.Runtime.Tests;

/// <summary>The two strategies with which a failing schedule is made smaller.</summary>
public sealed class FollowingStrategyTests
{
    private static readonly RunnableActor A = new(1, 9);
    private static readonly RunnableActor B = new(2, 1);
    private static readonly RunnableActor Timer = new(RunnableActor.Timer, long.MaxValue >> 2);

    [Fact]
    public void The_recorded_turns_are_given_whoever_has_waited_longest()
    {
        FollowingStrategy strategy = Following(isExact: true, new("/a", 0), new("/gone", 3), new("/b", 0), new("/a", 0));
        Assert.Equal(0, strategy.Pick([A, B]));
        Assert.Equal(1, strategy.Pick([A, B]));
        Assert.Equal(0, strategy.Pick([A, B]));
        Assert.Equal(1, strategy.Pick([A, B])); // behind the last turn: order of arrival
    }

    [Fact]
    public void A_timer_fires_where_it_did_or_only_where_somebody_waits_for_it()
    {
        Assert.Equal(1, Following(isExact: true, new Turn("/a", 1)).Pick([A, Timer]));
        Assert.Equal(0, Following(isExact: false, new Turn("/a", 1)).Pick([A, Timer]));

        FollowingStrategy waits = Following(isExact: false, new("/a", 1), new("/b", 0));
        Assert.Equal(1, waits.Pick([B, Timer]));
        Assert.Equal(0, waits.Pick([A, B, Timer]));
    }

    [Fact]
    public void A_turn_had_in_the_part_that_is_free_is_not_had_again()
    {
        var strategy = new FollowingStrategy([new("/a", 0), new("/b", 0), new("/a", 0), new("/b", 0)], isExact: true, ScheduleChoices.Timers) { FreeTo = 1 };
        Meet(strategy);
        Assert.Equal(1, strategy.Pick([A, B])); // B has waited longer
        Assert.Equal(0, strategy.Pick([A, B])); // then A's first turn, A's second, and B's second
        Assert.Equal(0, strategy.Pick([A, B]));
        Assert.Equal(1, strategy.Pick([A, B]));
    }

    [Fact]
    public void Who_is_held_comes_behind_everybody_and_lets_time_pass()
    {
        var strategy = new HoldingStrategy([new Hold(1, 1, 2)], ScheduleChoices.Timers);
        strategy.Begin(1);
        Assert.Equal(1, strategy.Pick([A, B]));
        Assert.Equal(0, strategy.Pick([A, B])); // B waits from the second choice on
        Assert.Equal(1, strategy.Pick([B, Timer]));
        Assert.Equal(1, strategy.Pick([A, B])); // for two choices
    }

    private static FollowingStrategy Following(bool isExact, params Turn[] turns)
    {
        var strategy = new FollowingStrategy(turns, isExact, ScheduleChoices.Timers);
        Meet(strategy);
        return strategy;
    }

    private static void Meet(FollowingStrategy strategy)
    {
        strategy.Begin(1);
        strategy.Meet(1, "/a");
        strategy.Meet(2, "/b");
    }
}
