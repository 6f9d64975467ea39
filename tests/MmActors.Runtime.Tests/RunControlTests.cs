using Akka.Actor;

namespace MmActors.Runtime.Tests;

public sealed class RunControlTests : IDisposable
{
    private readonly SimHost _host = SimHost.Start(new SimSettings { StepLimit = 1000, Seed = 99 });

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_step_limit_ends_a_livelock_at_exactly_that_step()
    {
        Start("loop", (context, message) => context.Self.Tell(message)).Tell("again");
        Assert.Equal(RunOutcome.StepLimit, _host.Kernel.RunUntilQuiescent());
        Assert.Equal(1000, _host.Kernel.Steps);
        _host.Reset(_host.Settings);
        Assert.Equal(RunOutcome.Quiescent, _host.Kernel.RunUntilQuiescent());
    }

    [Fact]
    public void The_step_limit_also_ends_timers_that_reach_nobody()
    {
        var second = TimeSpan.FromSeconds(1);
        _host.System.Scheduler.Advanced.ScheduleRepeatedly(second, second, static () => { });
        Assert.Equal(RunOutcome.StepLimit, _host.Kernel.RunUntilQuiescent());
        Assert.Equal(1000, _host.Kernel.TimersFired);
        Assert.Equal(TimeSpan.FromSeconds(1000), _host.Kernel.Now);
    }

    [Fact]
    public void A_requested_stop_ends_after_the_current_step_and_the_rest_can_go_on()
    {
        var handled = 0;
        var actor = Start("counter", (_, _) =>
        {
            if (++handled == 3)
            {
                _host.Kernel.RequestStop();
            }
        });
        for (var number = 0; number < 10; number++)
        {
            actor.Tell(number);
        }

        Assert.Equal(RunOutcome.Stopped, _host.Kernel.RunUntilQuiescent());
        Assert.Equal(3, handled);
        Assert.Equal(RunOutcome.Quiescent, _host.Kernel.RunUntilQuiescent());
        Assert.Equal(10, handled);
    }

    [Fact]
    public void A_cancelled_token_ends_the_run()
    {
        using var source = new CancellationTokenSource();
        var actor = Start("canceller", (context, message) =>
        {
            source.Cancel();
            context.Self.Tell(message);
        });
        actor.Tell("go");
        Assert.Equal(RunOutcome.Cancelled, _host.Kernel.RunUntilQuiescent(source.Token));
        Assert.InRange(_host.Kernel.Steps, 1, 3);
    }

    [Fact]
    public void An_exception_in_an_actor_fails_the_run_with_step_time_and_seed()
    {
        var actor = Start("faulty", (_, _) => throw new FormatException("bad pte"));
        _host.System.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(5), actor, "go", ActorRefs.NoSender);
        var failure = Assert.Throws<SimulationFailedException>(() => _host.Kernel.RunUntilQuiescent());
        Assert.IsType<FormatException>(failure.InnerException);
        Assert.Equal(TimeSpan.FromSeconds(5), failure.VirtualTime);
        Assert.Equal(_host.Kernel.Steps, failure.Step);
        Assert.Contains("seed 99", failure.Message, StringComparison.Ordinal);
        Assert.Contains("/user/faulty", failure.Message, StringComparison.Ordinal);
        Assert.Same(failure, Assert.Throws<SimulationFailedException>(() => _host.Kernel.RunUntilQuiescent()));
    }

    [Fact]
    public void A_failure_deep_in_the_tree_is_not_hidden_by_akkas_default_restart()
    {
        var child = LambdaActor.Of((_, _) => throw new FormatException("deep"));
        Start("parent", (context, message) => context.ActorOf(child, "child").Tell(message)).Tell("go");
        var failure = Assert.Throws<SimulationFailedException>(() => _host.Kernel.RunUntilQuiescent());
        Assert.Contains("/user/parent/child", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_actor_may_fail_the_run_itself()
    {
        Start("auditor", (_, _) => _host.Kernel.Fail(new FormatException("pages lost"))).Tell("audit");
        var failure = Assert.Throws<SimulationFailedException>(() => _host.Kernel.RunUntilQuiescent());
        Assert.Equal("pages lost", failure.InnerException!.Message);
    }

    [Fact]
    public void A_failed_run_can_be_reset_and_leaves_nothing_behind()
    {
        var late = 0;
        var actor = Start("faulty", (_, message) => late += message is "late" ? 1 : throw new FormatException("bad"));
        _host.System.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(9), actor, "late", ActorRefs.NoSender);
        actor.Tell("go");
        Assert.Throws<SimulationFailedException>(() => _host.Kernel.RunUntilQuiescent());
        _host.Reset(_host.Settings);
        Assert.Null(_host.Kernel.Failure);
        Assert.Equal(0, _host.Kernel.Steps);
        Start("faulty", static (_, _) => { }).Tell("go"); // the name is free again
        Assert.Equal(RunOutcome.Quiescent, _host.Kernel.RunUntilQuiescent());
        Assert.Equal(TimeSpan.Zero, _host.Kernel.Now);
        Assert.Equal(0, late);
    }

    [Fact]
    public void A_failing_timer_action_fails_the_run()
    {
        _host.System.Scheduler.Advanced.ScheduleOnce(TimeSpan.FromTicks(1), static () => throw new FormatException("timer"));
        var failure = Assert.Throws<SimulationFailedException>(() => _host.Kernel.RunUntilQuiescent());
        Assert.IsType<FormatException>(failure.InnerException);
    }

    [Fact]
    public void Failures_left_to_supervisors_still_fail_the_run_at_the_guardian()
    {
        _host.Reset(_host.Settings with { FailurePolicy = ActorFailurePolicy.LeaveToSupervisors });
        Start("faulty", (_, _) => throw new FormatException("top")).Tell("go");
        var failure = Assert.Throws<SimulationFailedException>(() => _host.Kernel.RunUntilQuiescent());
        Assert.IsType<FormatException>(failure.InnerException);
    }

    [Fact]
    public void Killing_an_actor_is_no_failure()
    {
        var actor = Start("victim", static (_, _) => { });
        actor.Tell(Kill.Instance);
        Assert.Equal(RunOutcome.Quiescent, _host.Kernel.RunUntilQuiescent());
        Assert.True(((ActorRefWithCell)actor).Underlying.IsTerminated);
    }

    [Fact]
    public void A_tell_from_another_thread_fails_the_run()
    {
        var receiver = Start("receiver", static (_, _) => { });
        Start("leaky", (_, message) => OnPoolThread(() => receiver.Tell(message))).Tell("go");
        var failure = Assert.Throws<SimulationFailedException>(() => _host.Kernel.RunUntilQuiescent());
        Assert.IsType<ForeignThreadException>(failure.InnerException);
    }

    [Fact]
    public void A_timer_armed_on_another_thread_fails_the_run()
    {
        var scheduler = _host.System.Scheduler;
        Start("leaky", (context, message) =>
        {
            var self = context.Self;
            OnPoolThread(() => scheduler.ScheduleTellOnce(TimeSpan.Zero, self, message, self));
        }).Tell("go");
        var failure = Assert.Throws<SimulationFailedException>(() => _host.Kernel.RunUntilQuiescent());
        Assert.IsType<ForeignThreadException>(failure.InnerException);
    }

    [Fact]
    public void An_idle_simulation_can_change_threads_when_it_says_so()
    {
        Exception? refused = null;
        var outcome = RunOutcome.Stopped;
        var thread = new Thread(() =>
        {
            refused = Record.Exception(() => _host.Kernel.RunUntilQuiescent());
            _host.Kernel.BindToCurrentThread();
            _host.Reset(_host.Settings);
            outcome = _host.Kernel.RunUntilQuiescent();
        });
        thread.Start();
        thread.Join();
        Assert.IsType<ForeignThreadException>(refused);
        Assert.Equal(RunOutcome.Quiescent, outcome);
    }

    [Fact]
    public void An_actor_cannot_run_the_simulation_from_inside()
    {
        Start("nested", (_, _) => _host.Kernel.RunUntilQuiescent()).Tell("go");
        var failure = Assert.Throws<SimulationFailedException>(() => _host.Kernel.RunUntilQuiescent());
        Assert.IsType<InvalidOperationException>(failure.InnerException);
    }

    [Fact]
    public void Time_with_events_in_it_cannot_be_skipped()
    {
        var actor = Start("actor", static (_, _) => { });
        _host.Kernel.RunUntilQuiescent();
        _host.System.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(1), actor, "go", ActorRefs.NoSender);
        _host.Kernel.SkipIdleTimeTo(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        Assert.Throws<InvalidOperationException>(() => _host.Kernel.SkipIdleTimeTo(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_mailbox_of_another_kind_is_refused()
    {
        var props = LambdaActor.Of(static (_, _) => { }).WithMailbox("akka.actor.mailbox.bounded-queue-based");
        _host.System.ActorOf(props, "bounded");
        var failure = Assert.Throws<SimulationFailedException>(() => _host.Kernel.RunUntilQuiescent());
        Assert.Contains("Mailbox queue", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Waits for the end without Task.Wait, which may run the task on the waiting thread, and swallows what the action
    /// throws: the kernel must remember by itself.</summary>
    private static void OnPoolThread(Action action)
    {
        using var done = new ManualResetEventSlim();
        _ = Task.Run(() =>
        {
            try
            {
                action();
            }
            finally
            {
                done.Set();
            }
        });
        done.Wait();
    }

    private IActorRef Start(string name, Action<IUntypedActorContext, object> handle) =>
        _host.System.ActorOf(LambdaActor.Of(handle), name);
}
