using System.Diagnostics;
using Akka.Actor;

namespace MmActors.Runtime.Tests;

public sealed class TimerTests : IDisposable
{
    private readonly SimHost _host = SimHost.Start();
    private readonly Journal _journal = new();
    private readonly IActorRef _listener;

    public TimerTests()
    {
        _listener = _host.System.ActorOf(Props.Create(() => new ListeningActor(_journal)), "listener");
    }

    private IScheduler Scheduler => _host.System.Scheduler;

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_one_shot_timer_fires_once_at_its_time()
    {
        Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(3), _listener, "once", ActorRefs.NoSender);
        Assert.Equal(RunOutcome.Quiescent, _host.Kernel.RunUntilQuiescent());
        Assert.Equal(["3 once"], _journal.Lines);
        Assert.Equal(TimeSpan.FromMilliseconds(3), _host.Kernel.Now);
        Assert.Equal(1, _host.Kernel.TimersFired);
    }

    [Fact]
    public void A_repeating_timer_keeps_its_beat_to_the_horizon_inclusive()
    {
        Scheduler.ScheduleTellRepeatedly(
            TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10), _listener, "beat", ActorRefs.NoSender);
        Assert.Equal(RunOutcome.HorizonReached, _host.Kernel.RunUntil(TimeSpan.FromMilliseconds(31)));
        Assert.Equal(["1 beat", "11 beat", "21 beat", "31 beat"], _journal.Lines);
        Assert.Equal(RunOutcome.HorizonReached, _host.Kernel.RunUntil(TimeSpan.FromMilliseconds(40)));
        Assert.Equal(4, _journal.Lines.Count);
    }

    [Fact]
    public void Equal_due_times_fire_in_schedule_order()
    {
        var expected = new List<string>();
        for (var number = 0; number < 200; number++)
        {
            Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(5), _listener, number, ActorRefs.NoSender);
            Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(9 - (number % 3)), _listener, "other", ActorRefs.NoSender);
            expected.Add($"5 {number}");
        }

        _host.Kernel.RunUntil(TimeSpan.FromMilliseconds(6));
        Assert.Equal(expected, _journal.Lines);
        _host.Kernel.RunUntilQuiescent();
        Assert.Equal(400, _journal.Lines.Count);
        Assert.Equal(TimeSpan.FromMilliseconds(9), _host.Kernel.Now);
    }

    [Fact]
    public void A_cancelled_timer_neither_fires_nor_moves_the_clock()
    {
        var cancelable = Scheduler.ScheduleTellOnceCancelable(TimeSpan.FromDays(9), _listener, "never", ActorRefs.NoSender);
        Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(2), _listener, "soon", ActorRefs.NoSender);
        cancelable.Cancel();
        Assert.Equal(RunOutcome.Quiescent, _host.Kernel.RunUntilQuiescent());
        Assert.Equal(["2 soon"], _journal.Lines);
        Assert.Equal(TimeSpan.FromMilliseconds(2), _host.Kernel.Now);
    }

    [Fact]
    public void A_repeating_timer_stops_when_cancelled_from_an_actor()
    {
        var cancelable = new Cancelable(Scheduler);
        var canceller = _host.System.ActorOf(LambdaActor.Of((_, _) => cancelable.Cancel()), "canceller");
        var beat = TimeSpan.FromMilliseconds(10);
        Scheduler.ScheduleTellRepeatedly(beat, beat, _listener, "beat", ActorRefs.NoSender, cancelable);
        Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(25), canceller, "now", ActorRefs.NoSender);
        Assert.Equal(RunOutcome.Quiescent, _host.Kernel.RunUntilQuiescent());
        Assert.Equal(["10 beat", "20 beat"], _journal.Lines);
    }

    [Fact]
    public void An_action_timer_runs_its_action()
    {
        var times = new List<TimeSpan>();
        Scheduler.Advanced.ScheduleOnce(TimeSpan.FromSeconds(2), () => times.Add(_host.Kernel.Now));
        _host.Kernel.RunUntilQuiescent();
        Assert.Equal([TimeSpan.FromSeconds(2)], times);
    }

    [Fact]
    public void A_timer_for_now_waits_until_nothing_is_runnable()
    {
        var starter = _host.System.ActorOf(
            LambdaActor.Of((context, _) =>
            {
                context.System.Scheduler.ScheduleTellOnce(TimeSpan.Zero, _listener, "timer", ActorRefs.NoSender);
                _listener.Tell("message 1");
                _listener.Tell("message 2");
            }),
            "starter");
        starter.Tell("go");
        _host.Kernel.RunUntilQuiescent();
        Assert.Equal(["0 message 1", "0 message 2", "0 timer"], _journal.Lines);
    }

    [Fact]
    public void Two_virtual_days_take_no_real_time()
    {
        Scheduler.ScheduleTellRepeatedly(
            TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), _listener, "scan", ActorRefs.NoSender);
        var begin = Stopwatch.GetTimestamp();
        Assert.Equal(RunOutcome.HorizonReached, _host.Kernel.RunUntil(TimeSpan.FromDays(2)));
        Assert.Equal(2 * 24 * 360, _journal.Lines.Count);
        Assert.True(Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(20));
        Assert.Equal(RunKernel.Epoch + TimeSpan.FromDays(2), Scheduler.Now);
        Assert.Equal(TimeSpan.FromDays(2), Scheduler.MonotonicClock);
        Assert.Equal(TimeSpan.FromDays(2), Scheduler.HighResMonotonicClock);
    }

    [Fact]
    public void Renewed_timeouts_do_not_pile_up()
    {
        var heap = new TimerHeap();
        for (var number = 0; number < 100_000; number++)
        {
            var cancelable = new Cancelable(Scheduler);
            heap.Add(number, new TimerJob { Payload = "x", Receiver = _listener, Cancelable = cancelable });
            cancelable.Cancel();
        }

        Assert.InRange(heap.Count, 1, 1024);
        heap.Add(5, new TimerJob { Payload = "live", Receiver = _listener });
        Assert.True(heap.TryPeek(out var due));
        Assert.Equal(5, due);
        Assert.Equal("live", heap.RemoveFirst().Payload);
        Assert.False(heap.TryPeek(out _));
        Assert.Equal(0, heap.Count);
    }

    [Fact]
    public void The_heap_orders_any_input_by_due_time_then_arrival()
    {
        var random = new SeededRandom(7);
        var heap = new TimerHeap();
        var expected = new List<(long Due, int Number)>();
        for (var number = 0; number < 5000; number++)
        {
            var due = random.NextInt64(300);
            var cancelable = number % 3 == 0 ? new Cancelable(Scheduler) : null;
            heap.Add(due, new TimerJob { Payload = number, Receiver = _listener, Cancelable = cancelable });
            cancelable?.Cancel();
            if (cancelable is null)
            {
                expected.Add((due, number));
            }
        }

        var actual = new List<(long Due, int Number)>();
        while (heap.TryPeek(out var due))
        {
            actual.Add((due, (int)heap.RemoveFirst().Payload));
        }

        Assert.Equal(expected.OrderBy(item => item.Due).ThenBy(item => item.Number), actual);
    }
}
