using Npgsql;

namespace MmActors.Experiments.Checkpoints;

/// <summary>An advisory lock of a PostgreSQL database, held by a connection that is used for nothing else: it ends with that connection,
/// whichever end breaks it.</summary>
internal sealed class ServerLock : IDisposable
{
    private const long Key = 0x6d6d_6163_746f_7273; // "mmactors"; such locks are of one database

    private readonly NpgsqlConnection _connection;
    private readonly int _backend;
    private readonly DateTime _backendStart;

    private ServerLock(NpgsqlConnection connection, int backend, DateTime backendStart)
    {
        _connection = connection;
        _backend = backend;
        _backendStart = backendStart;
    }

    /// <summary>Takes the lock; null when another process has it.</summary>
    public static ServerLock? Take(CheckpointLocation location)
    {
        NpgsqlConnection connection = location.Open();
        try
        {
            using var command = new NpgsqlCommand(
                $"select pg_try_advisory_lock({Key}), pid, backend_start from pg_stat_activity where pid = pg_backend_pid()", connection);
            using NpgsqlDataReader answer = command.ExecuteReader();
            answer.Read();
            if (answer.GetBoolean(0))
            {
                return new ServerLock(connection, answer.GetInt32(1), answer.GetDateTime(2));
            }
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        connection.Dispose();
        return null;
    }

    /// <summary>Asks the server, by one message there and back, whether it still knows this connection.</summary>
    public bool IsHeld()
    {
        try
        {
            using var command = new NpgsqlCommand("select 1", _connection);
            return command.ExecuteScalar() is 1;
        }
        catch (Exception fault) when (CheckpointLocation.IsUnreachable(fault))
        {
            return false;
        }
    }

    /// <summary>Ends what is left of this lock, which was lost, on a server that has not noticed: there it might last for hours.</summary>
    /// <returns>Whether there was something.</returns>
    public bool EndRemains(CheckpointLocation location)
    {
        using NpgsqlConnection connection = location.Open();
        using var command = new NpgsqlCommand(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where pid = $1 and backend_start = $2", connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = _backend });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = _backendStart });
        return command.ExecuteScalar() is long and > 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();
}
