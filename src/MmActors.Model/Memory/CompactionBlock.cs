namespace MmActors.Model.Memory;

/// <summary>How a direct compaction began (RC-9, UT-41).</summary>
public enum CompactionStart
{
    /// <summary>Too few free pages, or the request failed for want of free pages rather than of a block.</summary>
    Skipped,
    /// <summary>The pages that the CPUs gave back made a block; nothing need be moved.</summary>
    Ready,
    /// <summary>Earlier ones failed; this one waits its turn.</summary>
    Deferred,
    /// <summary>Every 2 MiB block holds a page that cannot be moved.</summary>
    NoBlock,
    /// <summary>The pages of a block are isolated, and their destinations allocated.</summary>
    Isolated,
}

/// <summary>One page on its way out of the block that is emptied.</summary>
public struct MovingPage
{
    /// <summary>Where it is.</summary>
    public int Old;

    /// <summary>Where it goes.</summary>
    public int New;

    /// <summary>Family of mms that may map it.</summary>
    public int Family;

    /// <summary>Its only mapping names the new page now.</summary>
    public bool IsMoved;
}

/// <summary>A 2 MiB block that direct compaction empties, handed from actor to actor: whoever holds the message owns it.</summary>
public sealed class CompactionBlock
{
    private readonly MovingPage[] _pages;
    private readonly bool _isWhole;

    /// <summary>Chosen, isolated and captured by the node (UT-41).</summary>
    /// <param name="head">Its first page.</param>
    /// <param name="pages">The pages that must leave.</param>
    /// <param name="captured">Its free blocks, out of the allocator's hands meanwhile.</param>
    internal CompactionBlock(int head, MovingPage[] pages, List<FreeBlock> captured)
    {
        Head = head;
        _pages = pages;
        Captured = captured;
        _isWhole = pages.Length + captured.Sum(static block => 1 << block.Order) == Units.Geometry.PtesPerTable;
    }

    /// <summary>First page of the block.</summary>
    public int Head { get; }

    /// <summary>The pages that must leave, by address.</summary>
    public Span<MovingPage> Pages => _pages;

    /// <summary>Its free blocks, out of the allocator's hands meanwhile.</summary>
    internal IReadOnlyList<FreeBlock> Captured { get; }

    /// <summary>Whether nothing is left in the block.</summary>
    public bool IsEmptied => _isWhole && Moved == _pages.Length;

    /// <summary>Pages that have left.</summary>
    public int Moved
    {
        get
        {
            int moved = 0;
            foreach (ref readonly MovingPage page in Pages)
            {
                moved += page.IsMoved ? 1 : 0;
            }

            return moved;
        }
    }

    /// <summary>Families that may map one of the pages, in order of first occurrence.</summary>
    public void Families(List<int> families)
    {
        families.Clear();
        foreach (ref readonly MovingPage page in Pages)
        {
            if (!families.Contains(page.Family))
            {
                families.Add(page.Family);
            }
        }
    }
}
