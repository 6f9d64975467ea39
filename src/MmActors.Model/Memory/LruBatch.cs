namespace MmActors.Model.Memory;

/// <summary>A per-CPU batch of 31 folios waiting for one LRU operation; each holds a transient reference (SM-8).</summary>
public sealed class LruBatch
{
    /// <summary>Folios a batch holds; it is executed when the last place is filled.</summary>
    public const int Capacity = 31;

    private readonly int[] _heads = new int[Capacity];

    /// <summary>Folios waiting.</summary>
    public int Count { get; private set; }

    /// <summary>The waiting folios, oldest first.</summary>
    public ReadOnlySpan<int> Heads => _heads.AsSpan(0, Count);

    /// <summary>Adds a folio; true when the batch must be executed now.</summary>
    public bool Push(int head)
    {
        _heads[Count++] = head;
        return Count == Capacity;
    }

    /// <summary>Forgets the folios after they were executed.</summary>
    public void Clear() => Count = 0;
}
