using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;

namespace MmActors.Runtime.Dispatch;

/// <summary>Never executes anything: hands what became runnable to the kernel, and tells it of failed actors.</summary>
internal sealed class SimDispatcher : MessageDispatcher
{
    private readonly SimKernel _kernel;

    public SimDispatcher(MessageDispatcherConfigurator configurator, SimKernel kernel, string id)
        : base(configurator)
    {
        _kernel = kernel;
        Id = id;
        Throughput = 1; // the queue enforces it, see SimMessageQueue
    }

    /// <inheritdoc/>
    public override void SystemDispatch(ActorCell cell, SystemMessage message)
    {
        if (message is Failed failed)
        {
            _kernel.ActorFailed(failed.Child, failed.Cause);
        }

        base.SystemDispatch(cell, message);
    }

    /// <inheritdoc/>
    protected override void ExecuteTask(IRunnable run) => _kernel.MakeRunnable(run);

    /// <inheritdoc/>
    protected override void Shutdown()
    {
        // Owns no thread, so there is nothing to give back.
    }
}

/// <summary>Builds the one dispatcher of each configured name. Akka instantiates it by name from
/// <see cref="SimConfig"/>.</summary>
internal sealed class SimDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly SimDispatcher _dispatcher;

    /// <summary>Called by Akka.</summary>
    public SimDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites)
    {
        var kernel = prerequisites.Scheduler as SimKernel
            ?? throw new InvalidOperationException($"{nameof(SimDispatcher)} needs {nameof(SimKernel)} as the scheduler.");
        _dispatcher = new SimDispatcher(this, kernel, config.GetString("id", "sim-dispatcher"));
    }

    /// <inheritdoc/>
    public override MessageDispatcher Dispatcher() => _dispatcher;
}
