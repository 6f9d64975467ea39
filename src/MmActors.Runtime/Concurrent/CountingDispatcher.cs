using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;

namespace MmActors.Runtime.Concurrent;

/// <summary>Hands every mailbox that became runnable to the kernel, which counts it until its run is over, and tells the
/// kernel of failed actors.</summary>
internal sealed class CountingDispatcher : MessageDispatcher
{
    private readonly ConcurrentKernel _kernel;

    public CountingDispatcher(MessageDispatcherConfigurator configurator, ConcurrentKernel kernel, string id)
        : base(configurator)
    {
        _kernel = kernel;
        Id = id;
        Throughput = 1; // messages take turns as under the deterministic kernel: no pair of actors talks on while others wait
        ThroughputDeadlineTime = 0;
    }

    /// <inheritdoc/>
    public override void SystemDispatch(ActorCell cell, SystemMessage message)
    {
        if (message is Failed failed && failed.Cause is not ActorKilledException)
        {
            _kernel.ActorFailed(failed.Child, failed.Cause);
        }

        base.SystemDispatch(cell, message);
    }

    /// <inheritdoc/>
    protected override void ExecuteTask(IRunnable run) => _kernel.Execute(run);

    /// <inheritdoc/>
    protected override void Shutdown()
    {
        // The threads are the process's.
    }
}

/// <summary>Builds the one dispatcher of each configured name. Akka instantiates it by name from <see cref="SimConfig"/>.</summary>
internal sealed class CountingDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly CountingDispatcher _dispatcher;

    /// <summary>Called by Akka.</summary>
    public CountingDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites)
    {
        var kernel = prerequisites.Scheduler as ConcurrentKernel ?? throw new InvalidOperationException(
            $"{nameof(CountingDispatcher)} needs {nameof(ConcurrentKernel)} as the scheduler.");
        _dispatcher = new CountingDispatcher(this, kernel, config.GetString("id", "counting-dispatcher"));
    }

    /// <inheritdoc/>
    public override MessageDispatcher Dispatcher() => _dispatcher;
}
