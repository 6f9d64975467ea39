using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Journal;
using Akka.Persistence.Sql.Snapshot;
using AkkaConfig = Akka.Configuration.Config;

namespace MmActors.Experiments.Checkpoints;

/// <summary>An ordinary actor system, on threads of its own, whose journal and snapshot store are tables of one database: Akka's
/// persistence as it comes. Nothing of it is ever shown to the user but what went wrong.</summary>
internal static class StorageSystem
{
    /// <summary>Name of the journal.</summary>
    public const string Journal = "mmactors-run";

    /// <summary>Name of the snapshot that says how many events the journal has at least.</summary>
    public const string JournalEnd = "mmactors-run-end";

    /// <summary>Starts the system. Where its tables cannot be made it goes on trying, and says so to its log alone, which nobody prints:
    /// whoever wants to know listens to it.</summary>
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
              loglevel = ERROR
              stdout-loglevel = OFF
              loggers = []
              log-dead-letters = off
              coordinated-shutdown.run-by-clr-shutdown-hook = off
              persistence.journal {
                plugin = "akka.persistence.journal.sql"
                sql {
                  {{settings}}
                  replay-filter.mode = off # it would hide what one writes who had to wait for another writer
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

    /// <summary>Why the tables could not be made, told of once for each attempt; null for all else in the log.</summary>
    public static Exception? ReasonIn(Error logged) =>
        (logged.LogClass == typeof(SqlWriteJournal) || logged.LogClass == typeof(SqlSnapshotStore))
        && logged.Cause is not ApplicationException ? logged.Cause : null; // one of those is the restart after it

    /// <summary>The snapshot store.</summary>
    public static IActorRef Snapshots(ActorSystem system) => Persistence.Instance.Apply(system).SnapshotStoreFor(string.Empty);

    /// <summary>Name under which the pieces of a checkpoint are stored.</summary>
    public static string PiecesOf(int checkpoint) => FormattableString.Invariant($"mmactors-checkpoint-{checkpoint}");
}
