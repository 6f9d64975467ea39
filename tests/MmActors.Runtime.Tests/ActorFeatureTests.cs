using Akka.Actor;
using Akka.Event;

namespace MmActors.Runtime.Tests;

/// <summary>Everything of Akka that the simulation's actors rely on works under virtual time.</summary>
public sealed class ActorFeatureTests : IDisposable
{
    private readonly SimHost _host =
        SimHost.Start(new SimSettings { FailurePolicy = ActorFailurePolicy.LeaveToSupervisors });

    private readonly Journal _journal = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Stashed_messages_come_back_in_order_and_before_later_ones()
    {
        var door = Start(() => new DoorActor(_journal));
        foreach (var message in (string[])["a", "b", "open", "c"])
        {
            door.Tell(message);
        }

        _host.Kernel.RunUntilQuiescent();
        Assert.Equal(["0 a", "0 b", "0 c"], _journal.Lines);
    }

    [Fact]
    public void Actor_timers_fire_and_die_with_the_actor()
    {
        var ticker = Start(() => new TickerActor(_journal));
        _host.Kernel.RunUntil(TimeSpan.FromMilliseconds(25));
        ticker.Tell(PoisonPill.Instance);
        Assert.Equal(RunOutcome.Quiescent, _host.Kernel.RunUntilQuiescent());
        Assert.Equal(["5 single", "10 beat", "20 beat", "25 stopped"], _journal.Lines);
    }

    [Fact]
    public void A_watcher_learns_of_a_stop()
    {
        var victim = _host.System.ActorOf(LambdaActor.Of((_, _) => { }), "victim");
        var watcher = _host.System.ActorOf(
            LambdaActor.Of((context, message) =>
            {
                if (message is Terminated terminated)
                {
                    _journal.Write(context.System.Scheduler, $"terminated {terminated.ActorRef.Path.Name}");
                }
                else
                {
                    context.Watch(victim);
                }
            }),
            "watcher");
        watcher.Tell("watch");
        _host.Kernel.RunUntilQuiescent();
        _host.System.Stop(victim);
        _host.Kernel.RunUntilQuiescent();
        Assert.Equal(["0 terminated victim"], _journal.Lines);
    }

    [Fact]
    public void A_supervisor_restarts_a_failed_child_which_keeps_its_mailbox()
    {
        var parent = Start(() => new ParentActor(_journal));
        parent.Tell("one");
        parent.Tell("crash");
        parent.Tell("two");
        Assert.Equal(RunOutcome.Quiescent, _host.Kernel.RunUntilQuiescent());
        Assert.Null(_host.Kernel.Failure);
        Assert.Equal(["0 one", "0 restarted after crash", "0 two"], _journal.Lines);
    }

    [Fact]
    public void A_receive_timeout_counts_virtual_time()
    {
        var waiting = Start(() => new WaitingActor(_journal));
        _host.System.Scheduler.ScheduleTellOnce(TimeSpan.FromMinutes(9), waiting, "nudge", ActorRefs.NoSender);
        _host.Kernel.RunUntilQuiescent();
        Assert.Equal(["540000 nudge", "1140000 timeout"], _journal.Lines);
    }

    [Fact]
    public void A_poison_pill_lets_earlier_messages_through_and_sends_later_ones_to_dead_letters()
    {
        var dead = Start(() => new ListeningActor(_journal), "dead-letters");
        _host.System.EventStream.Subscribe(dead, typeof(AllDeadLetters));
        var target = Start(() => new ListeningActor(_journal), "target");
        target.Tell("before");
        target.Tell(PoisonPill.Instance);
        target.Tell("after");
        _host.Kernel.RunUntilQuiescent();
        Assert.Equal(2, _journal.Lines.Count);
        Assert.Equal("0 before", _journal.Lines[0]);
        Assert.Contains("after", _journal.Lines[1], StringComparison.Ordinal);
        Assert.True(((ActorRefWithCell)target).Underlying.IsTerminated);
    }

    [Fact]
    public void Each_step_handles_exactly_one_message()
    {
        var target = Start(() => new ListeningActor(_journal));
        _host.Kernel.RunUntilQuiescent();
        var before = _host.Kernel.Steps;
        for (var number = 0; number < 50; number++)
        {
            target.Tell(number);
        }

        _host.Kernel.RunUntilQuiescent();
        Assert.Equal(50, _host.Kernel.Steps - before);
    }

    [Fact]
    public void Two_full_mailboxes_take_turns_under_fifo()
    {
        var left = Start(() => new ListeningActor(_journal), "left");
        var right = Start(() => new ListeningActor(_journal), "right");
        for (var number = 0; number < 3; number++)
        {
            left.Tell($"left {number}");
            right.Tell($"right {number}");
        }

        _host.Kernel.RunUntilQuiescent();
        Assert.Equal(["0 left 0", "0 right 0", "0 left 1", "0 right 1", "0 left 2", "0 right 2"], _journal.Lines);
    }

    private IActorRef Start(Func<ActorBase> create, string name = "actor") =>
        _host.System.ActorOf(Props.CreateBy(new Producer(create)), name);

    private sealed class DoorActor(Journal journal) : UntypedActor, IWithUnboundedStash
    {
        public IStash Stash { get; set; } = null!;

        protected override void OnReceive(object message)
        {
            if (message is "open")
            {
                Become(Opened);
                Stash.UnstashAll();
            }
            else
            {
                Stash.Stash();
            }
        }

        private void Opened(object message) => journal.Write(Context.System.Scheduler, $"{message}");
    }

    private sealed class TickerActor(Journal journal) : UntypedActor, IWithTimers
    {
        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart()
        {
            Timers.StartPeriodicTimer("beat", "beat", TimeSpan.FromMilliseconds(10));
            Timers.StartSingleTimer("single", "single", TimeSpan.FromMilliseconds(5));
            Timers.StartSingleTimer("cancelled", "cancelled", TimeSpan.FromMilliseconds(6));
            Timers.Cancel("cancelled");
        }

        protected override void OnReceive(object message) => journal.Write(Context.System.Scheduler, $"{message}");

        protected override void PostStop() => journal.Write(Context.System.Scheduler, "stopped");
    }

    private sealed class ParentActor : UntypedActor
    {
        private readonly IActorRef _child;

        public ParentActor(Journal journal)
        {
            _child = Context.ActorOf(Props.CreateBy(new Producer(() => new FragileActor(journal))), "child");
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Restart);

        protected override void OnReceive(object message) => _child.Tell(message);
    }

    private sealed class FragileActor(Journal journal) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is "crash")
            {
                throw new InvalidOperationException("crash");
            }

            journal.Write(Context.System.Scheduler, $"{message}");
        }

        protected override void PostRestart(Exception reason) =>
            journal.Write(Context.System.Scheduler, $"restarted after {reason.Message}");
    }

    private sealed class WaitingActor(Journal journal) : UntypedActor
    {
        protected override void PreStart() => SetReceiveTimeout(TimeSpan.FromMinutes(10));

        protected override void OnReceive(object message)
        {
            if (message is ReceiveTimeout)
            {
                SetReceiveTimeout(null);
                journal.Write(Context.System.Scheduler, "timeout");
                return;
            }

            journal.Write(Context.System.Scheduler, $"{message}");
        }
    }
}
