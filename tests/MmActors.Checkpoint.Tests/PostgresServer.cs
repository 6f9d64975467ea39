using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MmActors.Experiments.Checkpoints;
using Npgsql;

namespace MmActors.Checkpoint.Tests;

/// <summary>A real PostgreSQL server of a test's own, on loopback, in a temporary folder; it does not run as root.</summary>
internal sealed class PostgresServer : IDisposable
{
    private const string Account = "postgres";

    private readonly string _folder = Directory.CreateTempSubdirectory("mmactors-postgres-").FullName;
    private readonly int _port = FreePort();

    private PostgresServer()
    {
        if (IsRoot)
        {
            Require(Process.Start("chown", [Account, _folder]));
        }

        Require(Launch("initdb", "-D", Path.Combine(_folder, "data"), "-U", "runner", "-A", "trust", "--no-sync", "-E", "UTF8"));
        Resume();
    }

    /// <summary>Where its programs are; null when none is installed.</summary>
    public static string? Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(static version => Path.Combine(version, "bin"))
            .FirstOrDefault(static bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;

    /// <summary>As an option takes it.</summary>
    public string Connection => $"Host=127.0.0.1;Port={_port};Username=runner;Database=postgres";

    /// <summary>Name in messages.</summary>
    public string Name => $"postgres at 127.0.0.1:{_port}";

    private static bool IsRoot => Environment.UserName == "root";

    public static PostgresServer Start() => new();

    /// <summary>Stops it as a crash would: connections break.</summary>
    public void Stop() => Require(Launch("pg_ctl", "-D", Path.Combine(_folder, "data"), "-m", "immediate", "-w", "stop"));

    /// <summary>Starts it again.</summary>
    public void Resume() => Require(Launch(
        "pg_ctl", "-D", Path.Combine(_folder, "data"), "-w", "-l", Path.Combine(_folder, "log"), "-o",
        $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder}", "start"));

    /// <summary>A connection of a test's own.</summary>
    public NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(Connection + ";Pooling=false");
        connection.Open();
        return connection;
    }

    /// <summary>The one value that a query gives.</summary>
    public object? Ask(string sql)
    {
        using NpgsqlConnection connection = Open();
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }

    /// <summary>Waits until a condition holds in the database.</summary>
    public void Until(string condition) => Until(() => Ask($"select {condition}") is true, condition);

    /// <summary>Waits until a checkpoint is complete: what happens to the server before that is another matter.</summary>
    public void UntilSaved() => Until(HoldsCheckpoint, "no checkpoint was stored");

    /// <summary>Ends the connection that has the writers' lock, and no other.</summary>
    public void EndLock()
    {
        Ask("select count(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory'");
        Until("not exists (select 1 from pg_locks where locktype = 'advisory')");
    }

    private static void Until(Func<bool> isSo, string what)
    {
        var patience = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(patience.Elapsed < Commands.Patience, what);
        }
    }

    private bool HoldsCheckpoint()
    {
        try
        {
            using StoredRun stored = StoredRun.Open(CheckpointLocation.Parse(Connection));
            return stored.History.Checkpoints.Count > 0;
        }
        catch (CheckpointRefusedException)
        {
            return false; // not even the beginning of a run
        }
    }

    public void Dispose()
    {
        Launch("pg_ctl", "-D", Path.Combine(_folder, "data"), "-m", "immediate", "-w", "stop").WaitForExit();
        Directory.Delete(_folder, recursive: true);
    }

    private Process Launch(string program, params string[] arguments)
    {
        string path = Path.Combine(Programs!, program);
        string[] command = IsRoot ? ["runuser", "-u", Account, "--", path, .. arguments] : [path, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = _folder, RedirectStandardOutput = true };
        return Process.Start(start)!;
    }

    private static void Require(Process process)
    {
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        process.Dispose();
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>A test that needs a PostgreSQL server (package postgresql): shown as skipped where none is installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        if (PostgresServer.Programs is null)
        {
            Skip = "no PostgreSQL server is installed (package postgresql)";
        }
    }
}
