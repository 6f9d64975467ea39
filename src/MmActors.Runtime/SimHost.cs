using Akka.Actor;
using Akka.Configuration;

namespace MmActors.Runtime;

/// <summary>A long-lived actor system under a <see cref="SimKernel"/>, reused for run after run: resetting costs a fraction
/// of starting. Hosts share nothing, so each of several threads may have its own.</summary>
public sealed class SimHost : IRunHost
{
    /// <summary>Long, since the system's last steps run on the thread pool, which others may keep busy.</summary>
    private static readonly TimeSpan TerminationPatience = TimeSpan.FromMinutes(2);

    private readonly ExtendedActorSystem _system;
    private bool _disposed;

    private SimHost(ExtendedActorSystem system, SimKernel kernel, SimSettings settings)
    {
        _system = system;
        Kernel = kernel;
        Settings = settings;
    }

    /// <summary>The actor system. Create top-level actors with explicit names: generated ones keep counting after a
    /// reset.</summary>
    public ActorSystem System => _system;

    /// <summary>The clock and the engine of <see cref="System"/>.</summary>
    public SimKernel Kernel { get; }

    /// <inheritdoc/>
    public bool IsConcurrent => false;

    IRunKernel IRunHost.Kernel => Kernel;

    /// <summary>What the present run was started with.</summary>
    public SimSettings Settings { get; private set; }

    /// <summary>Starts a system on the calling thread, at time zero with nothing runnable.</summary>
    /// <param name="settings">The first run; the defaults when null.</param>
    /// <param name="additional">Options of further Akka modules. They cannot override the simulation's own.</param>
    public static SimHost Start(SimSettings? settings = null, Config? additional = null)
    {
        settings ??= new SimSettings();
        var config = additional is null ? SimConfig.Create() : SimConfig.Create().WithFallback(additional);
        var system = (ExtendedActorSystem)ActorSystem.Create(settings.Name, config);
        var kernel = (SimKernel)system.Scheduler;
        if (settings.Log is { } log)
        {
            new LogTap(system, kernel, log).Attach();
        }

        kernel.WindDown(static () => { });
        kernel.SealSystemActors();
        kernel.Begin(settings);
        return new SimHost(system, kernel, settings);
    }

    /// <summary>Ends the present run, failed or not, and makes ready for another: stops every actor under /user, then sets
    /// clock, actor numbers, strategy and trace back. The next run cannot tell it from a fresh system.</summary>
    public void Reset(SimSettings settings)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (settings.Name != Settings.Name)
        {
            throw new ArgumentException($"The system is named '{Settings.Name}' for life.", nameof(settings));
        }

        Kernel.WindDown(StopUserActors);
        Kernel.Begin(settings);
        Settings = settings;
    }

    /// <summary>Stops the system with everything in it. Safe after a failure and from any thread.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Kernel.AutoPump = false;
        Kernel.BindToCurrentThread();
        Kernel.WindDown(() => _ = _system.Terminate());
        if (!_system.WhenTerminated.Wait(TerminationPatience))
        {
            throw new TimeoutException($"Actor system '{Settings.Name}' did not terminate.");
        }
    }

    private void StopUserActors()
    {
        var guardian = (ActorRefWithCell)_system.Guardian;
        var children = guardian.Children.OrderBy(static child => child.Path.Name, StringComparer.Ordinal);
        foreach (var child in children)
        {
            _system.Stop(child);
        }
    }
}
