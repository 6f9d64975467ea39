using Akka.Configuration;
using MmActors.Runtime.Concurrent;
using MmActors.Runtime.Dispatch;

namespace MmActors.Runtime;

/// <summary>The whole configuration that turns an actor system into a simulation. Nothing outside this file sets Akka
/// options; actors run unchanged under Akka's own configuration.</summary>
internal static class SimConfig
{
    /// <summary>Parsed anew for every system: Akka's configuration objects are filled in lazily and not made for sharing
    /// between threads.</summary>
    public static Config Create() => Under<SimKernel>();

    /// <summary>The same system, run by threads at the same time.</summary>
    public static Config CreateConcurrent() => Under<ConcurrentKernel>();

    private static Config Under<TKernel>()
        where TKernel : RunKernel =>
        ConfigurationFactory.ParseString(Text(NameOf<TKernel>(), NameOf<KernelDispatcherConfigurator>(), NameOf<KernelMailbox>()));

    private static string Text(string kernel, string dispatcher, string mailbox) =>
        $$"""
        akka {
          loggers = []
          loglevel = OFF
          stdout-loglevel = OFF
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          scheduler.implementation = "{{kernel}}"
          coordinated-shutdown {
            terminate-actor-system = off
            run-by-clr-shutdown-hook = off
            run-by-actor-system-terminate = off
          }
          actor {
            guardian-supervisor-strategy = "{{NameOf<FailRunSupervision>()}}"
            serializers.json = "{{NameOf<RefusingSerializer>()}}"
            default-dispatcher.type = "{{dispatcher}}"
            internal-dispatcher.type = "{{dispatcher}}"
            default-mailbox.mailbox-type = "{{mailbox}}"
            mailbox {
              unbounded-queue-based.mailbox-type = "{{mailbox}}"
              unbounded-deque-based.mailbox-type = "{{mailbox}}"
            }
          }
        }
        """;

    private static string NameOf<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";
}
