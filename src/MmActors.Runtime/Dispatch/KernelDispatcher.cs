using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;

namespace MmActors.Runtime.Dispatch;

/// <summary>Never executes anything: hands what became runnable to the kernel, and tells it of failed actors.</summary>
internal sealed class KernelDispatcher : MessageDispatcher
{
    private readonly RunKernel _kernel;

    public KernelDispatcher(MessageDispatcherConfigurator configurator, RunKernel kernel, string id)
        : base(configurator)
    {
        _kernel = kernel;
        Id = id;
        Throughput = 1; // messages take turns: no pair of actors talks on while others wait
        ThroughputDeadlineTime = kernel.MailboxDeadline;
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
internal sealed class KernelDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly KernelDispatcher _dispatcher;

    /// <summary>Called by Akka.</summary>
    public KernelDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites)
    {
        var kernel = prerequisites.Scheduler as RunKernel
            ?? throw new InvalidOperationException($"{nameof(KernelDispatcher)} needs a {nameof(RunKernel)} as the scheduler.");
        _dispatcher = new KernelDispatcher(this, kernel, config.GetString("id", "kernel-dispatcher"));
    }

    /// <inheritdoc/>
    public override MessageDispatcher Dispatcher() => _dispatcher;
}
