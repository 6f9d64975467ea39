using Akka.Actor;
using MmActors.Runtime.Strategies;

namespace MmActors.Runtime.HashProbe;

/// <summary>A small world that touches everything whose order Akka leaves to chance: many children stopped at once, a restart
/// of siblings, death watch, stash, timers and random draws. Its trace hash is the same wherever it runs.</summary>
public static class ProbeWorld
{
    private const int Workers = 24;

    /// <summary>The hash of one traced run.</summary>
    public static string TraceHash(string strategy, ulong seed)
    {
        using var host = SimHost.Start(Settings(strategy, seed));
        Run(host);
        return host.Kernel.Trace!.HashHex;
    }

    /// <summary>Hashes of the same run twice on one reused system.</summary>
    public static (string First, string Second) TraceHashesReused(string strategy, ulong seed)
    {
        using var host = SimHost.Start(Settings(strategy, seed));
        Run(host);
        var first = host.Kernel.Trace!.HashHex;
        host.Reset(Settings(strategy, seed));
        Run(host);
        return (first, host.Kernel.Trace!.HashHex);
    }

    /// <summary>Work items the thread pool finished while a warmed-up world ran.</summary>
    public static long PoolWorkItemsDuringRun()
    {
        using var host = SimHost.Start(Settings("fifo", 1));
        Run(host);
        host.Reset(Settings("fifo", 1));
        Thread.Sleep(200); // lets start-up's own work items finish
        var before = ThreadPool.CompletedWorkItemCount;
        Run(host);
        Thread.Sleep(200);
        return ThreadPool.CompletedWorkItemCount - before;
    }

    /// <summary>Sets the world up and runs it to its end.</summary>
    public static void Run(SimHost host)
    {
        host.System.ActorOf(Props.Create(() => new ProbeRoot(Workers, host.Settings.Seed)), "run");
        var outcome = host.Kernel.RunUntilQuiescent();
        if (outcome != RunOutcome.Quiescent || host.Kernel.Steps < 500)
        {
            throw new InvalidOperationException($"Probe ended as {outcome} after {host.Kernel.Steps} steps.");
        }
    }

    private static SimSettings Settings(string strategy, ulong seed) => new()
    {
        Seed = seed,
        Strategy = strategy == "random" ? new SeededRandomStrategy() : new FifoStrategy(),
        Trace = true,
        FailurePolicy = ActorFailurePolicy.LeaveToSupervisors,
    };
}
