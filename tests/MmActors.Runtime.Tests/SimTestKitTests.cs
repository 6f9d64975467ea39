using Akka.Actor;
using MmActors.TestSupport;

namespace MmActors.Runtime.Tests;

public class SimTestKitTests : SimTestKit
{
    [Fact]
    public void A_reply_is_there_when_tell_returns()
    {
        var echo = Sys.ActorOf(Props.Create<EchoActor>(), "echo");
        echo.Tell("hello", TestActor);
        Assert.True(HasMessages);
        ExpectMsg("hello");
        Assert.Equal(TimeSpan.Zero, Now);
    }

    [Fact]
    public void Probes_watch_and_receive()
    {
        var probe = CreateTestProbe("probe");
        var echo = Sys.ActorOf(Props.Create<EchoActor>(), "echo");
        probe.Watch(echo);
        probe.Send(echo, 7);
        probe.ExpectMsg(7);
        Sys.Stop(echo);
        probe.ExpectTerminated(echo);
        ExpectNoMsg();
    }

    [Fact]
    public void Time_stands_still_until_advanced()
    {
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromHours(3), TestActor, "late", ActorRefs.NoSender);
        AdvanceTo(TimeSpan.FromHours(3) - TimeSpan.FromTicks(1));
        Assert.False(HasMessages);
        AdvanceBy(TimeSpan.FromTicks(1));
        ExpectMsg("late");
        AdvanceBy(TimeSpan.FromHours(1)); // nothing is left to happen, and still the clock moves
        Assert.Equal(TimeSpan.FromHours(4), Now);
    }

    [Fact]
    public void An_explored_section_runs_only_when_told()
    {
        Kernel.AutoPump = false;
        var echo = Sys.ActorOf(Props.Create<EchoActor>(), "echo");
        echo.Tell("first", TestActor);
        Assert.False(HasMessages);
        Assert.Equal(RunOutcome.Quiescent, RunUntilQuiescent());
        ExpectMsg("first");
    }

    [Fact]
    public void A_failing_actor_fails_the_next_advance()
    {
        Sys.ActorOf(Props.Create<FaultyActor>(), "faulty").Tell("boom");
        var failure = Assert.Throws<SimulationFailedException>(() => AdvanceBy(TimeSpan.Zero));
        Assert.IsType<InvalidOperationException>(failure.InnerException);
        Assert.Contains("/user/faulty", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_nobody_asks_for_fails_the_test_at_its_end()
    {
        using var careless = new CarelessTest();
        Assert.Throws<SimulationFailedException>(careless.Dispose);
    }

    [Fact]
    public void An_expected_failure_is_handed_over()
    {
        Sys.ActorOf(Props.Create<FaultyActor>(), "faulty").Tell("boom");
        Assert.Equal("boom", ExpectFailure().InnerException!.Message);
    }

    [Fact]
    public void A_test_actor_ref_runs_on_the_calling_thread()
    {
        var reference = ActorOfAsTestActorRef<EchoActor>("direct");
        reference.Tell("hello", TestActor);
        ExpectMsg("hello");
    }

    private sealed class EchoActor : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }

    private sealed class FaultyActor : UntypedActor
    {
        protected override void OnReceive(object message) => throw new InvalidOperationException($"{message}");
    }

    private sealed class CarelessTest : SimTestKit
    {
        public CarelessTest() => Sys.ActorOf(Props.Create<FaultyActor>(), "faulty").Tell("boom");
    }
}
