namespace MmActors.Model.Memory;

/// <summary>Where a folio stands in one list round of reclaim (reclaim.md 4.6).</summary>
public enum FolioStage : byte
{
    /// <summary>Isolated; nothing decided.</summary>
    Isolated,
    /// <summary>Locked; its mappings are asked whether it was accessed (RC-25).</summary>
    Ageing,
    /// <summary>To be reclaimed; still without a swap slot where it needs one.</summary>
    Reclaiming,
    /// <summary>No slot was free (RC-37).</summary>
    NoSlot,
    /// <summary>It can be unmapped.</summary>
    Unmapping,
    /// <summary>Unmapped; to be written to swap.</summary>
    Writing,
    /// <summary>Clean and unmapped: its place in the swap cache is all that holds it.</summary>
    Leaving,
    /// <summary>Nothing but the isolation holds it: it is freed when it is put back.</summary>
    Freed,
    /// <summary>Goes back to the list its flags name.</summary>
    Kept,
    /// <summary>Goes back as an active folio.</summary>
    Activated,
    /// <summary>It was split: its pages stand further back in the batch.</summary>
    Split,
}

/// <summary>One folio of a round.</summary>
public struct FolioItem
{
    /// <summary>Its head page.</summary>
    public int Head;

    /// <summary>Its pages when it was isolated.</summary>
    public int Pages;

    /// <summary>Family of mms that may map it.</summary>
    public int Family;

    /// <summary>Mms that found it accessed.</summary>
    public byte YoungMappings;

    /// <summary>A reference walk gave up (RC-25).</summary>
    public bool IsContended;

    /// <summary>A walk that unmapped it was stopped: it stays mapped (RC-31).</summary>
    public bool IsStopped;

    /// <summary>No mapping of a lazyfree folio was dirty when its accessed bits were collected; noted only for
    /// <see cref="Injection.PlantedBug.LostRedirty"/>.</summary>
    public bool LookedClean;

    /// <summary>Where it stands.</summary>
    public FolioStage Stage;
}

/// <summary>The folios of one list round, oldest first, handed from actor to actor as the round proceeds: whoever holds
/// the message owns the batch.</summary>
public sealed class FolioBatch
{
    private FolioItem[] _items = new FolioItem[32];

    /// <summary>Folios in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>The folios; changing the batch moves them.</summary>
    public Span<FolioItem> Items => _items.AsSpan(0, Count);

    /// <summary>One folio.</summary>
    public ref FolioItem this[int index] => ref _items[index];

    /// <summary>Appends an isolated folio.</summary>
    public void Add(FolioTable folios, int head)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Count * 2);
        }

        _items[Count++] = new FolioItem
        {
            Head = head,
            Pages = folios.FolioPages(head),
            Family = folios.Owner(head).Family,
        };
    }

    /// <summary>Empties it for the next round.</summary>
    public void Clear() => Count = 0;

    /// <summary>Whether a folio stands there.</summary>
    public bool Any(FolioStage stage)
    {
        foreach (ref readonly FolioItem item in Items)
        {
            if (item.Stage == stage)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Families of the folios that stand there, in order of first occurrence.</summary>
    public void FamiliesAt(FolioStage stage, List<int> families)
    {
        families.Clear();
        foreach (ref readonly FolioItem item in Items)
        {
            if (item.Stage == stage && !families.Contains(item.Family))
            {
                families.Add(item.Family);
            }
        }
    }
}
