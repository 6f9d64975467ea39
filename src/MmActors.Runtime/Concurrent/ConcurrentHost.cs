using Akka.Actor;
using Akka.Event;

namespace MmActors.Runtime.Concurrent;

/// <summary>An actor system under a <see cref="ConcurrentKernel"/>, for one run.</summary>
public sealed class ConcurrentHost : IRunHost
{
    private static readonly TimeSpan TerminationPatience = TimeSpan.FromMinutes(2);

    private readonly ExtendedActorSystem _system;
    private readonly ConcurrentKernel _kernel;
    private bool _disposed;

    private ConcurrentHost(ExtendedActorSystem system, ConcurrentKernel kernel)
    {
        _system = system;
        _kernel = kernel;
    }

    /// <inheritdoc/>
    public ActorSystem System => _system;

    /// <inheritdoc/>
    public IRunKernel Kernel => _kernel;

    /// <inheritdoc/>
    public bool IsConcurrent => true;

    /// <summary>Starts a system at time zero; none of its actors runs before the kernel is told to.</summary>
    public static ConcurrentHost Start(ConcurrentSettings? settings = null)
    {
        settings ??= new ConcurrentSettings();
        var system = (ExtendedActorSystem)ActorSystem.Create("sim", SimConfig.CreateConcurrent());
        var kernel = (ConcurrentKernel)system.Scheduler;
        kernel.Begin(settings);
        if (settings.Log is { } log)
        {
            new LogTap(system, kernel, log with { Write = OneAtATime(log.Write) }).Attach();
        }

        return new ConcurrentHost(system, kernel);
    }

    /// <summary>Stops the system with everything in it. Safe after a failure and from any thread.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _kernel.LeaveUnattended();
        var terminated = _system.Terminate();
        if (!terminated.Wait(TerminationPatience))
        {
            throw new TimeoutException("The concurrent actor system did not terminate.");
        }
    }

    private static Action<TimeSpan, LogEvent> OneAtATime(Action<TimeSpan, LogEvent> write)
    {
        var gate = new Lock();
        return (time, line) =>
        {
            lock (gate)
            {
                write(time, line);
            }
        };
    }
}
