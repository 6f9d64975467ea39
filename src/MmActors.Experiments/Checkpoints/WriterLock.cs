namespace MmActors.Experiments.Checkpoints;

/// <summary>Held by the one process that may write to a place of checkpoints, until it ends in whatever way. Two that write would number
/// their checkpoints alike and delete each other's pieces. On a server it is lost with its connection: then nothing may be written
/// before it is taken again, and what others wrote meanwhile has been read.</summary>
public sealed class WriterLock : IDisposable
{
    /// <summary>Why it cannot be taken again, where another process was faster.</summary>
    internal const string InUse = "another process writes its checkpoints there at this moment";

    private const string Suffix = ".lock";
    private const int SharingViolation = unchecked((int)0x8007_0020);
    private static readonly int[] Refusals = [11, 35, SharingViolation]; // EWOULDBLOCK on Linux and on others

    private readonly Lock _gate = new();
    private readonly CheckpointLocation _location;
    private readonly string _owner = Guid.NewGuid().ToString("N");
    private int _times = 1;
    private IDisposable? _held;
    private bool _isOver;

    private WriterLock(CheckpointLocation location, IDisposable? held)
    {
        _location = location;
        _held = held;
    }

    /// <summary>Takes the lock.</summary>
    /// <exception cref="CheckpointRefusedException">Another process has it, or the server cannot be reached.</exception>
    public static WriterLock Take(CheckpointLocation location) => new(location, location.File is { } file ? OfFile(file, location) : OfServer(location));

    /// <summary>Names this holding of it: another one each time it is taken, of this process or not.</summary>
    internal string Holding => FormattableString.Invariant($"{_owner}-{_times}");

    /// <summary>Whether that was a holding of this lock, now or before.</summary>
    internal bool IsOwn(string holding) => holding.StartsWith(_owner, StringComparison.Ordinal);

    /// <summary>Sees that it is held, and takes it again where it has been lost; <see cref="Holding"/> is another one then.</summary>
    /// <returns>Why nothing may be written; null where it is held.</returns>
    internal string? Refresh()
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return "the run has ended";
            }

            if (_location.IsFile || _held is ServerLock held && held.IsHeld())
            {
                return null;
            }

            try
            {
                return TakeAgain();
            }
            catch (Exception fault) when (CheckpointLocation.IsUnreachable(fault))
            {
                return CheckpointLocation.ReasonOf(fault);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            _held?.Dispose();
        }
    }

    private string? TakeAgain()
    {
        bool hadRemains = false;
        if (_held is ServerLock lost)
        {
            lost.Dispose();
            hadRemains = lost.EndRemains(_location);
            _held = null; // not before its remains have been looked for
        }

        _held = ServerLock.Take(_location);
        if (_held is null)
        {
            return hadRemains ? "its connection was lost" : InUse;
        }

        _times++;
        return null;
    }

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
            throw Refusal($"'{location.Name}'");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null; // where no file can be made nobody can write, and it is said by whoever tries
        }
    }

    private static ServerLock OfServer(CheckpointLocation location) =>
        location.Reach(ServerLock.Take) ?? throw Refusal($"database {location.Name}");

    private static CheckpointRefusedException Refusal(string place) =>
        new($"another process writes its checkpoints to {place} at this moment: wait for its end, or stop it with Ctrl-C");
}
