using Akka.Configuration;
using Akka.TestKit.Xunit2;
using MmActors.Runtime;

namespace MmActors.TestSupport;

/// <summary>Akka's TestKit on the simulation kernel: derive a test class from it and use TestActor, probes and ExpectMsg as
/// usual. Whatever the test sends is handled before Tell returns, at the present virtual time; time passes only by
/// <see cref="AdvanceTo"/>, <see cref="AdvanceBy"/> or <see cref="RunUntilQuiescent"/>. A message is thus there at once
/// or not at all, and no expectation waits.</summary>
/// <remarks>Tests must be synchronous (an await may resume on another thread) and must not use Within, AwaitAssert or
/// ExpectNoMsg with a real duration: those measure the wall clock. An exception in an actor fails the test, at its end
/// at the latest. To let a strategy order what happens, switch
/// <c>Kernel.AutoPump</c> off, send, and run.</remarks>
public abstract class SimTestKit : TestKit
{
    // Everything has been handled when an expectation looks; the patience is for a loaded machine, where the look itself may
    // come late, and costs only failing tests. TestKit's own
    // dispatcher would let the test actor receive in the middle of the sender's step.
    private const string Options =
        """
        akka.test {
          test-actor.dispatcher.type = "MmActors.Runtime.Dispatch.KernelDispatcherConfigurator, MmActors.Runtime"
          single-expect-default = 5s
          expect-no-message-default = 1ms
        }
        """;

    private readonly SimHost _host;
    private bool _failureSeen;

    /// <summary>Starts a system for one test.</summary>
    /// <param name="settings">Seed, strategy and the rest; the defaults when null.</param>
    protected SimTestKit(SimSettings? settings = null)
        : this(StartPumping(settings))
    {
    }

    private SimTestKit(SimHost host)
        : base(host.System)
    {
        _host = host;
    }

    /// <summary>The engine under <c>Sys</c>.</summary>
    protected SimKernel Kernel => _host.Kernel;

    /// <summary>Virtual time since the start of the test.</summary>
    protected new TimeSpan Now => Kernel.Now;

    /// <summary>Lets everything due up to and including the time happen, and moves the clock there.</summary>
    protected void AdvanceTo(TimeSpan time)
    {
        var outcome = Run(time);
        switch (outcome)
        {
            case RunOutcome.HorizonReached:
                break;
            case RunOutcome.Quiescent:
                Kernel.SkipIdleTimeTo(time);
                break;
            default:
                throw new InvalidOperationException($"Advancing to {time} ended as {outcome} at {Kernel.Now}.");
        }
    }

    /// <summary>Lets the next stretch of virtual time happen.</summary>
    protected void AdvanceBy(TimeSpan duration) => AdvanceTo(Kernel.Now + duration);

    /// <summary>Lets everything happen that will ever happen, however long it takes in virtual time.</summary>
    protected RunOutcome RunUntilQuiescent() => Run(TimeSpan.MaxValue);

    /// <summary>Hands over the failure of the run, which a test must ask for or be failed by: Tell cannot throw it.</summary>
    protected SimulationFailedException ExpectFailure()
    {
        _failureSeen = true;
        return Kernel.Failure ?? throw new InvalidOperationException("No actor failed.");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _host.Dispose();
        }

        base.Dispose(disposing);
        if (!_failureSeen && Kernel.Failure is { } unseen)
        {
            _failureSeen = true;
            throw unseen;
        }
    }

    private RunOutcome Run(TimeSpan horizon)
    {
        try
        {
            return Kernel.RunUntil(horizon);
        }
        catch (SimulationFailedException)
        {
            _failureSeen = true;
            throw;
        }
    }

    private static SimHost StartPumping(SimSettings? settings)
    {
        var host = SimHost.Start(settings, ConfigurationFactory.ParseString(Options));
        host.Kernel.AutoPump = true;
        return host;
    }
}
