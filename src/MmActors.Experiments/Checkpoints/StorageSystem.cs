using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Sql;
using AkkaConfig = Akka.Configuration.Config;

namespace MmActors.Experiments.Checkpoints;

/// <summary>An ordinary actor system, on threads of its own, whose journal and snapshot store are tables of one database: Akka's
/// persistence as it comes. Nothing of it is ever shown to the user but what went wrong.</summary>
internal static class StorageSystem
{
    /// <summary>Name of the journal.</summary>
    public const string Journal = "mmactors-run";

    /// <summary>Starts the system.</summary>
    /// <param name="location">The database.</param>
    /// <param name="writes">Whether it may be changed; its tables are made then.</param>
    public static ActorSystem Start(CheckpointLocation location, bool writes)
    {
        string settings = $$"""
            connection-string = "{{location.ConnectionString(writes).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}}"
            provider-name = "{{(location.IsFile ? "SQLite.MS" : "PostgreSQL.15")}}"
            auto-initialize = {{(writes ? "on" : "off")}}
            circuit-breaker {
              max-failures = 1000000
              call-timeout = 120s
              reset-timeout = 1s
            }
            recovery-event-timeout = 60s
            """;
        AkkaConfig config = Akka.Configuration.ConfigurationFactory.ParseString($$"""
            akka {
              loglevel = OFF
              stdout-loglevel = OFF
              loggers = []
              log-dead-letters = off
              coordinated-shutdown.run-by-clr-shutdown-hook = off
              persistence.journal {
                plugin = "akka.persistence.journal.sql"
                sql {
                  {{settings}}
                }
              }
              persistence.snapshot-store {
                plugin = "akka.persistence.snapshot-store.sql"
                sql {
                  {{settings}}
                }
              }
            }
            """);
        return ActorSystem.Create("checkpoints", config.WithFallback(SqlPersistence.DefaultConfiguration));
    }

    /// <summary>The snapshot store.</summary>
    public static IActorRef Snapshots(ActorSystem system) => Persistence.Instance.Apply(system).SnapshotStoreFor(string.Empty);

    /// <summary>Name under which the pieces of a checkpoint are stored.</summary>
    public static string PiecesOf(int checkpoint) => FormattableString.Invariant($"mmactors-checkpoint-{checkpoint}");
}
