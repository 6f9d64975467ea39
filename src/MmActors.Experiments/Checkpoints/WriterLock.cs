using Npgsql;

namespace MmActors.Experiments.Checkpoints;

/// <summary>Held by the one process that may write to a place of checkpoints, until it ends in whatever way. Two that write would number
/// their checkpoints alike and delete each other's pieces.</summary>
public sealed class WriterLock : IDisposable
{
    private const string Suffix = ".lock";
    private const long Key = 0x6d6d_6163_746f_7273; // "mmactors"; such locks are of one database
    private const int SharingViolation = unchecked((int)0x8007_0020);
    private static readonly int[] Refusals = [11, 35, SharingViolation]; // EWOULDBLOCK on Linux and on others

    private readonly IDisposable? _held;

    private WriterLock(IDisposable? held) => _held = held;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="CheckpointRefusedException">Another process has it, or the server cannot be reached.</exception>
    public static WriterLock Take(CheckpointLocation location) => new(location.File is { } file ? OfFile(file, location) : OfServer(location));

    /// <inheritdoc/>
    public void Dispose() => _held?.Dispose();

    /// <summary>A file beside it, which is gone when the lock is; what a killed process leaves is empty and locked by nobody.</summary>
    private static FileStream? OfFile(string file, CheckpointLocation location)
    {
        if (Directory.Exists(file))
        {
            return null;
        }

        try
        {
            return new FileStream(file + Suffix, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Read, // an open file that may be written to would keep the disk from being made read-only
                Share = FileShare.None,
                Options = FileOptions.DeleteOnClose,
                BufferSize = 0,
            });
        }
        catch (IOException fault) when (Refusals.Contains(fault.HResult))
        {
            throw InUse($"'{location.Name}'");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null; // where no file can be made nobody can write, and it is said by whoever tries
        }
    }

    private static NpgsqlConnection OfServer(CheckpointLocation location)
    {
        NpgsqlConnection connection = location.Connect();
        try
        {
            using var command = new NpgsqlCommand($"select pg_try_advisory_lock({Key})", connection);
            return command.ExecuteScalar() is true ? connection : throw InUse($"database {location.Name}");
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static CheckpointRefusedException InUse(string place) =>
        new($"another process writes its checkpoints to {place} at this moment: wait for its end, or stop it with Ctrl-C");
}
