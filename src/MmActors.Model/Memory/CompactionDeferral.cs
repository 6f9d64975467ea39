namespace MmActors.Model.Memory;

/// <summary>Compaction that failed is tried again only at every 2nd, 4th, … 64th request (RC-9; defer_compaction).</summary>
public sealed class CompactionDeferral
{
    private const int MaxShift = 6;

    private int _shift;
    private int _considered;

    /// <summary>Asks whether this request must do without; counts it.</summary>
    public bool IsDeferred()
    {
        int limit = 1 << _shift;
        _considered = Math.Min(_considered + 1, limit);
        return _considered < limit;
    }

    /// <summary>A compaction ran to its end and made no block.</summary>
    public void Failed()
    {
        _considered = 0;
        _shift = Math.Min(_shift + 1, MaxShift);
    }

    /// <summary>A block was made.</summary>
    public void Succeeded() => _considered = _shift = 0;
}
