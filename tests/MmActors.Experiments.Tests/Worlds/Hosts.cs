using System.Collections.Concurrent;
using MmActors.Runtime;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>Hosts that are reset and used again: starting one costs more than a small program's whole run.</summary>
internal static class Hosts
{
    private static readonly ConcurrentBag<SimHost> Idle = [];

    public static void Use(SimSettings settings, Action<SimHost> run)
    {
        if (Idle.TryTake(out SimHost? host))
        {
            host.Kernel.BindToCurrentThread();
            host.Reset(settings);
        }
        else
        {
            host = SimHost.Start(settings);
        }

        try
        {
            run(host);
        }
        finally
        {
            Idle.Add(host);
        }
    }
}
