namespace MmActors.Experiments.Checkpoints;

/// <summary>What the simulation's thread sees of the storage, and the only thing both sides touch.</summary>
internal sealed class StoreBoard
{
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _changed = new();
    private readonly Queue<string> _notes = new();
    private RunHistory? _history;
    private CheckpointManifest? _last;
    private string? _trouble;
    private int _handedOver;
    private int _settled;
    private int _pendingRows;
    private int _failures;

    /// <summary>A checkpoint is being written, or on its way to whoever writes it.</summary>
    public bool IsSaving => Read(() => _handedOver > _settled);

    /// <summary>Summaries that are not safe yet.</summary>
    public int PendingRows => Read(() => _pendingRows);

    /// <summary>What the journal said when it was last read; null until then.</summary>
    public RunHistory? History
    {
        get => Read(() => _history);
        set => Change(() => _history = value);
    }

    /// <summary>The last checkpoint that was written by this process.</summary>
    public CheckpointManifest? Last
    {
        get => Read(() => _last);
        set => Change(() => _last = value);
    }

    /// <summary>What is wrong at the moment, or null.</summary>
    public string? Trouble => Read(() => _trouble);

    /// <summary>How often something could not be written.</summary>
    public int Failures => Read(() => _failures);

    /// <summary>One more checkpoint is handed over.</summary>
    public void BeginSaving() => Change(() => _handedOver++);

    /// <summary>So many of those handed over are stored or given up.</summary>
    public void Settle(int checkpoints) => Change(() => _settled = checkpoints);

    /// <summary>One more summary waits, says one thread, or one less, says another.</summary>
    public void AddPendingRows(int more) => Change(() => _pendingRows += more);

    /// <summary>Something could not be written; said once until it works again, and once more when another process is the reason.</summary>
    public void Fail(string reason, string name) => Change(() =>
    {
        _failures++;
        if (_trouble is null || (reason == WriterLock.InUse && _trouble != reason))
        {
            _notes.Enqueue($"cannot write to {name}: {reason}; trying again until it works");
        }

        _trouble = reason;
    });

    /// <summary>Something was written.</summary>
    public void Succeed(string name) => Change(() =>
    {
        if (_trouble is not null)
        {
            _notes.Enqueue($"{name} can be written again");
        }

        _trouble = null;
    });

    /// <summary>The next line for the user, or null.</summary>
    public string? NextNote() => Read(() => _notes.TryDequeue(out string? note) ? note : null);

    /// <summary>Waits until something is so; false when it took too long.</summary>
    public bool WaitUntil(Func<bool> isSo, TimeSpan patience)
    {
        long begin = Environment.TickCount64;
        while (!isSo())
        {
            TimeSpan left = patience - TimeSpan.FromMilliseconds(Environment.TickCount64 - begin);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            _changed.Wait(left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
            _changed.Reset();
        }

        return true;
    }

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
        }

        _changed.Set();
    }
}
