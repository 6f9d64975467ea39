using System.Diagnostics;
using Akka.Actor;
using MmActors.Runtime.Concurrent;

namespace MmActors.Runtime.Tests;

/// <summary>The kernel of real threads: when time moves, what runs together, and how a run ends.</summary>
public sealed class ConcurrentKernelTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Long enough for the slowest machine; no test that passes waits for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void Timers_due_at_the_same_moment_find_their_actors_at_work_together()
    {
        using var host = ConcurrentHost.Start();
        using var meeting = new Barrier(2);
        var met = 0;
        for (var number = 0; number < 2; number++)
        {
            var actor = Start(host, $"half-{number}", (_, _) =>
            {
                if (meeting.SignalAndWait(Patience))
                {
                    Interlocked.Increment(ref met);
                }
            });
            host.System.Scheduler.ScheduleTellOnce(Second, actor, "meet", ActorRefs.NoSender);
        }

        Assert.Equal(RunOutcome.Quiescent, host.Kernel.RunUntil(2 * Second));
        Assert.Equal(2, met); // one after the other, each would have waited in vain
        Assert.Equal(Second, host.Kernel.Now);
    }

    [Fact]
    public void Time_stands_still_while_anybody_is_at_work()
    {
        const int Length = 2000;
        using var host = ConcurrentHost.Start();
        var early = 0;
        var handled = 0;
        var actors = new IActorRef[4];
        for (var number = 0; number < actors.Length; number++)
        {
            actors[number] = Start(host, $"link-{number}", (context, message) =>
            {
                Interlocked.Increment(ref handled);
                early += context.System.Scheduler.MonotonicClock == Second ? 0 : 1;
                if ((int)message < Length)
                {
                    actors[((int)message + 1) % actors.Length].Tell((int)message + 1);
                }
            });
        }

        var seenByNext = -1;
        var next = Start(host, "next", (_, _) => seenByNext = Volatile.Read(ref handled));
        host.System.Scheduler.ScheduleTellOnce(Second, actors[0], 0, ActorRefs.NoSender);
        host.System.Scheduler.ScheduleTellOnce(Second + TimeSpan.FromTicks(1), next, "now", ActorRefs.NoSender);
        host.Kernel.RunUntil(2 * Second);
        Assert.Equal(0, early);
        Assert.Equal(Length + 1, seenByNext);
        Assert.Equal(Length + 2, host.Kernel.Steps);
    }

    [Fact]
    public void Nothing_runs_before_the_kernel_is_told_to_nor_after_it_has_returned()
    {
        using var host = ConcurrentHost.Start();
        var handled = 0;
        var actor = Start(host, "patient", (_, _) => handled++);
        actor.Tell("before");
        Assert.Equal(0, host.Kernel.Steps);
        Assert.Equal(RunOutcome.Quiescent, host.Kernel.RunUntil(Second));
        Assert.Equal(1, handled);
        actor.Tell("after");
        Assert.Equal(1, host.Kernel.Steps);
        host.Kernel.RunUntil(Second);
        Assert.Equal(2, handled);
    }

    [Fact]
    public void The_clock_stops_at_the_horizon_or_at_the_last_event()
    {
        using var host = ConcurrentHost.Start();
        var times = new List<TimeSpan>();
        var actor = Start(host, "ticker", (context, _) => times.Add(context.System.Scheduler.MonotonicClock));
        using var cancel = new Cancelable(host.System.Scheduler);
        host.System.Scheduler.ScheduleTellRepeatedly(Second, 2 * Second, actor, "tick", ActorRefs.NoSender, cancel);
        Assert.Equal(RunOutcome.HorizonReached, host.Kernel.RunUntil(4 * Second));
        Assert.Equal(4 * Second, host.Kernel.Now);
        Assert.Equal([Second, 3 * Second], times);
        Assert.Equal(RunOutcome.HorizonReached, host.Kernel.RunUntil(5 * Second));
        cancel.Cancel();
        Assert.Equal(RunOutcome.Quiescent, host.Kernel.RunUntil(9 * Second));
        Assert.Equal(5 * Second, host.Kernel.Now);
        Assert.Equal(3, times.Count);
    }

    [Fact]
    public void A_failed_actor_fails_the_run_with_its_name_and_the_seed()
    {
        using var host = ConcurrentHost.Start(new ConcurrentSettings { Seed = 77 });
        Start(host, "clumsy", (_, _) => throw new InvalidOperationException("dropped it")).Tell("catch");
        var failure = Assert.Throws<SimulationFailedException>(() => host.Kernel.RunUntil(Second));
        Assert.Contains("mode concurrent, seed 77 in /user/clumsy", failure.Message, StringComparison.Ordinal);
        Assert.Contains("dropped it", failure.Message, StringComparison.Ordinal);
        Assert.Throws<SimulationFailedException>(() => host.Kernel.RunUntil(Second));
    }

    [Fact]
    public void Endless_messages_and_endless_timers_end_at_the_step_limit()
    {
        using var talking = ConcurrentHost.Start(new ConcurrentSettings { StepLimit = 1000 });
        Start(talking, "loop", (context, message) => context.Self.Tell(message)).Tell("again");
        Assert.Throws<SimulationFailedException>(() => talking.Kernel.RunUntil(Second));

        using var ticking = ConcurrentHost.Start(new ConcurrentSettings { StepLimit = 1000 });
        ticking.System.Scheduler.Advanced.ScheduleRepeatedly(Second, Second, static () => { });
        Assert.Equal(RunOutcome.StepLimit, ticking.Kernel.RunUntil(TimeSpan.MaxValue));
        Assert.Equal(1000 * Second, ticking.Kernel.Now);
    }

    [Fact]
    public void A_cancelled_run_ends_at_rest_and_can_go_on()
    {
        using var host = ConcurrentHost.Start();
        using var source = new CancellationTokenSource();
        var ticks = 0;
        var actor = Start(host, "ticker", (_, _) =>
        {
            if (++ticks == 3)
            {
                source.Cancel();
            }
        });
        host.System.Scheduler.ScheduleTellRepeatedly(Second, Second, actor, "tick", ActorRefs.NoSender);
        Assert.Equal(RunOutcome.Cancelled, host.Kernel.RunUntil(10 * Second, source.Token));
        Assert.Equal(3 * Second, host.Kernel.Now);
        Assert.Equal(RunOutcome.HorizonReached, host.Kernel.RunUntil(10 * Second));
        Assert.Equal(10, ticks);
    }

    [Fact]
    public void At_a_pace_no_timer_fires_before_the_wall_clock_allows_it()
    {
        using var host = ConcurrentHost.Start(new ConcurrentSettings { Pace = 10 });
        var clock = new Stopwatch();
        List<(TimeSpan Simulated, TimeSpan Wall)> ticks = [];
        var actor = Start(host, "ticker", (context, _) => ticks.Add((context.System.Scheduler.MonotonicClock, clock.Elapsed)));
        var interval = TimeSpan.FromMilliseconds(200);
        host.System.Scheduler.ScheduleTellRepeatedly(interval, interval, actor, "tick", ActorRefs.NoSender);
        clock.Start();
        Assert.Equal(RunOutcome.HorizonReached, host.Kernel.RunUntil(5 * interval + TimeSpan.FromMilliseconds(100)));
        Assert.True(clock.Elapsed >= TimeSpan.FromMilliseconds(110), $"the horizon was reached after {clock.Elapsed}");
        Assert.Equal(5, ticks.Count);
        Assert.All(ticks, tick => Assert.True(10 * tick.Wall >= tick.Simulated, $"{tick.Simulated} came at {tick.Wall}"));
    }

    [Fact]
    public void Killing_an_actor_is_no_failure()
    {
        using var host = ConcurrentHost.Start();
        var actor = Start(host, "victim", static (_, _) => { });
        actor.Tell(Kill.Instance);
        Assert.Equal(RunOutcome.Quiescent, host.Kernel.RunUntil(Second));
        Assert.True(((ActorRefWithCell)actor).Underlying.IsTerminated);
    }

    [Fact]
    public void A_paced_wait_ends_when_the_run_is_cancelled()
    {
        using var host = ConcurrentHost.Start(new ConcurrentSettings { Pace = 0.001 });
        using var source = new CancellationTokenSource();
        var actor = Start(host, "late", static (_, _) => { });
        host.System.Scheduler.ScheduleTellOnce(TimeSpan.FromDays(1), actor, "tick", ActorRefs.NoSender);
        Start(host, "impatient", (_, _) => source.Cancel()).Tell("go");
        Assert.Equal(RunOutcome.Cancelled, host.Kernel.RunUntil(TimeSpan.FromDays(2), source.Token));
        Assert.Equal(TimeSpan.Zero, host.Kernel.Now);
    }

    private static IActorRef Start(ConcurrentHost host, string name, Action<IActorContext, object> handle) =>
        host.System.ActorOf(Props.Create(() => new Handler(handle)), name);

    private sealed class Handler(Action<IActorContext, object> handle) : UntypedActor
    {
        protected override void OnReceive(object message) => handle(Context, message);
    }
}
