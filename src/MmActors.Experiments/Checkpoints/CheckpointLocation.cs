using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace MmActors.Experiments.Checkpoints;

/// <summary>Where checkpoints are kept: an SQLite file, or a PostgreSQL database by its connection string.</summary>
public sealed class CheckpointLocation
{
    private const int SecondsToConnect = 10;
    private const int ReadOnly = 8; // SQLITE_READONLY
    private const string Proof = "mmactors"; // a table that shows, while a file is made, that it can be written to
    private const int SecondsBetweenSigns = 30; // what lies between forgets a connection on which nothing is said for long
    private static readonly byte[] SqliteMagic = "SQLite format 3\0"u8.ToArray();

    private readonly string _connection;

    private CheckpointLocation(string name, string connection, bool isFile)
    {
        Name = name;
        _connection = connection;
        IsFile = isFile;
    }

    /// <summary>As messages call it: no password in it.</summary>
    public string Name { get; }

    /// <summary>An SQLite file, not a server.</summary>
    public bool IsFile { get; }

    /// <summary>The whole path of the file; null for a server.</summary>
    internal string? File => IsFile ? _connection : null;

    /// <summary>Reads what the user gave: a connection string has a host in it, a file name has not.</summary>
    /// <exception cref="CheckpointRefusedException">It is neither.</exception>
    public static CheckpointLocation Parse(string given)
    {
        if (given.Length == 0)
        {
            throw new CheckpointRefusedException("checkpoints are kept in a file or in a PostgreSQL database, not in ''");
        }

        if (given.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) && given.Contains("://", StringComparison.Ordinal))
        {
            throw new CheckpointRefusedException(
                "a PostgreSQL database is named by 'Host=…;Username=…;Database=…', not by a URI");
        }

        if (!given.Contains("Host=", StringComparison.OrdinalIgnoreCase) && !given.Contains("Server=", StringComparison.OrdinalIgnoreCase))
        {
            string file = Path.GetFullPath(given);
            return new CheckpointLocation(given, file, isFile: true);
        }

        try
        {
            var parts = new NpgsqlConnectionStringBuilder(given);
            parts.Timeout = given.Contains("Timeout=", StringComparison.OrdinalIgnoreCase) ? parts.Timeout : SecondsToConnect;
            if (string.IsNullOrWhiteSpace(parts.Host) || parts.Port is < 1 or > ushort.MaxValue)
            {
                throw new ArgumentException("it needs a host, and a port from 1 to 65535 if any");
            }

            using var tried = new NpgsqlConnection(parts.ConnectionString); // what does not go together is found here
            return new CheckpointLocation(NameOf(parts), parts.ConnectionString, isFile: false);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or KeyNotFoundException or InvalidOperationException
            or NotSupportedException or OverflowException)
        {
            throw new CheckpointRefusedException($"the PostgreSQL connection string cannot be used: {fault.Message}");
        }
    }

    private static string NameOf(NpgsqlConnectionStringBuilder parts) =>
        FormattableString.Invariant($"{parts.Database ?? parts.Username ?? "of the present user"} at {parts.Host}:{parts.Port}");

    /// <summary>The connection string for the database plugin.</summary>
    /// <param name="writes">False to open a file in such a way that nothing can change it.</param>
    internal string ConnectionString(bool writes) => IsFile
        ? new SqliteConnectionStringBuilder
        {
            DataSource = _connection,
            Mode = writes ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadOnly,
            Pooling = false,
            DefaultTimeout = SecondsToConnect,
        }.ConnectionString
        : _connection;

    /// <summary>Whether there is something already.</summary>
    /// <exception cref="CheckpointRefusedException">It cannot be reached.</exception>
    internal bool Exists()
    {
        if (IsFile)
        {
            return Path.Exists(_connection);
        }

        return Reach(static location =>
        {
            using NpgsqlConnection connection = location.Open();
            using DbCommand command = connection.CreateCommand();
            return HasTable(command, "journal");
        });
    }

    /// <summary>A connection to the server, open; of its own, so that its end is the end of the locks it has.</summary>
    internal NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_connection)
        {
            Pooling = false,
            KeepAlive = SecondsBetweenSigns,
            CommandTimeout = SecondsToConnect,
        }.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Asks the server for something.</summary>
    /// <exception cref="CheckpointRefusedException">It cannot be reached.</exception>
    internal T Reach<T>(Func<CheckpointLocation, T> ask)
    {
        try
        {
            return ask(this);
        }
        catch (Exception fault) when (IsUnreachable(fault))
        {
            throw new CheckpointRefusedException(
                $"cannot reach PostgreSQL database {Name}: {fault.GetBaseException().Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Whether a server, or the way to it, fails like this.</summary>
    internal static bool IsUnreachable(Exception fault) => fault is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException
        or ArgumentException or InvalidOperationException or IOException or UnauthorizedAccessException or NotSupportedException;

    /// <summary>Whether what exists was made for checkpoints and has none: its writer was killed right at the beginning.</summary>
    internal bool IsBlank()
    {
        try
        {
            return IsBlank(writes: false);
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode == ReadOnly && Path.Exists(_connection + "-journal"))
        {
            // Killed in the middle of a change, which SQLite undoes for whoever may write.
        }
        catch (DbException)
        {
            return false;
        }

        try
        {
            return IsBlank(writes: true);
        }
        catch (DbException)
        {
            return false;
        }
    }

    private bool IsBlank(bool writes)
    {
        using DbConnection connection = IsFile ? new SqliteConnection(ConnectionString(writes)) : new NpgsqlConnection(_connection);
        connection.Open();
        using DbCommand command = connection.CreateCommand();
        if (IsFile)
        {
            command.CommandText = "select count(*) from sqlite_master where type = 'table' "
                + $"and name not in ('{Proof}', 'journal', 'snapshot', 'tags', 'sqlite_sequence')";
            if (Count(command) > 0 || HasRows(command, Proof))
            {
                return false;
            }
        }

        // A journal without events is no new one where its end is marked.
        return !HasRows(command, $"journal where persistence_id = '{StorageSystem.Journal}'")
            && !HasRows(command, $"snapshot where persistence_id = '{StorageSystem.JournalEnd}'");
    }

    /// <summary>Whether a table is there and has rows, of those that a condition behind its name allows.</summary>
    private static bool HasRows(DbCommand command, string rows)
    {
        if (!HasTable(command, rows.Split(' ')[0]))
        {
            return false;
        }

        command.CommandText = $"select count(*) from {rows}";
        return Count(command) > 0;
    }

    private static bool HasTable(DbCommand command, string table)
    {
        command.CommandText = command is SqliteCommand
            ? $"select count(*) from sqlite_master where name = '{table}'"
            : $"select count(*) from pg_tables where tablename = '{table}' and schemaname = 'public'";
        return Count(command) > 0;
    }

    private static long Count(DbCommand command) => Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);

    /// <summary>Makes an empty file in which a writer killed at any moment leaves what was complete before.</summary>
    /// <exception cref="CheckpointRefusedException">It cannot be made.</exception>
    internal void Create()
    {
        if (!IsFile)
        {
            return;
        }

        try
        {
            using var connection = new SqliteConnection(ConnectionString(writes: true));
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"pragma journal_mode = wal; create table if not exists {Proof} (format integer); drop table {Proof};";
            command.ExecuteNonQuery();
        }
        catch (SqliteException fault)
        {
            throw new CheckpointRefusedException($"cannot write checkpoints to '{Name}': {ReasonOf(fault)}");
        }
    }

    /// <summary>Looks at a file without opening it as a database.</summary>
    /// <exception cref="CheckpointRefusedException">It is none.</exception>
    internal void RequireDatabase()
    {
        if (!IsFile)
        {
            return;
        }

        if (Directory.Exists(_connection))
        {
            throw new CheckpointRefusedException($"'{Name}' is a directory, and no checkpoint file");
        }

        if (!Path.Exists(_connection))
        {
            throw new CheckpointRefusedException($"'{Name}' does not exist, so there is nothing to resume from");
        }

        try
        {
            using var file = new FileStream(_connection, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] start = new byte[SqliteMagic.Length];
            if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start.AsSpan().SequenceEqual(SqliteMagic))
            {
                throw new CheckpointRefusedException($"'{Name}' is no checkpoint file: it is no SQLite database");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointRefusedException($"cannot read '{Name}': {fault.Message}");
        }
    }

    /// <summary>What went wrong, in one short clause.</summary>
    internal static string ReasonOf(Exception fault)
    {
        Exception cause = fault is AggregateException { InnerException: { } inner } ? inner : fault;
        for (Exception? at = cause; at is not null; at = at.InnerException)
        {
            if (at is SqliteException sqlite)
            {
                return sqlite.SqliteErrorCode switch
                {
                    8 => "the file or its directory is read-only",
                    10 => "the disk reports an I/O error",
                    11 => "the file is damaged",
                    13 => "the disk is full",
                    14 => "the file cannot be opened or created there",
                    26 => "the file is no SQLite database",
                    _ => sqlite.Message,
                };
            }
        }

        return cause.GetBaseException().Message.Split('\n')[0].TrimEnd('\r');
    }
}
