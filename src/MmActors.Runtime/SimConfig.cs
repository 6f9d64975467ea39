using Akka.Configuration;
using MmActors.Runtime.Dispatch;

namespace MmActors.Runtime;

/// <summary>The whole configuration that turns an actor system into a simulation. Nothing outside this file sets Akka
/// options; actors run unchanged under Akka's own configuration.</summary>
internal static class SimConfig
{
    /// <summary>Parsed anew for every system: Akka's configuration objects are filled in lazily and not made for sharing
    /// between threads.</summary>
    public static Config Create() => ConfigurationFactory.ParseString(Text);

    private static string Text =>
        $$"""
        akka {
          loggers = []
          loglevel = OFF
          stdout-loglevel = OFF
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          scheduler.implementation = "{{NameOf<SimKernel>()}}"
          coordinated-shutdown {
            terminate-actor-system = off
            run-by-clr-shutdown-hook = off
            run-by-actor-system-terminate = off
          }
          actor {
            guardian-supervisor-strategy = "{{NameOf<FailRunSupervision>()}}"
            serializers.json = "{{NameOf<RefusingSerializer>()}}"
            default-dispatcher.type = "{{NameOf<SimDispatcherConfigurator>()}}"
            internal-dispatcher.type = "{{NameOf<SimDispatcherConfigurator>()}}"
            default-mailbox.mailbox-type = "{{NameOf<SimMailbox>()}}"
            mailbox {
              unbounded-queue-based.mailbox-type = "{{NameOf<SimMailbox>()}}"
              unbounded-deque-based.mailbox-type = "{{NameOf<SimMailbox>()}}"
            }
          }
        }
        """;

    private static string NameOf<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";
}
