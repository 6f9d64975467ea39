using System.Runtime.CompilerServices;
using MmActors.Model.Units;

namespace MmActors.Model.Memory;

/// <content>Order-9 folios: their mappings are counted in the block, their flags and references in the head's word.</content>
public sealed partial class FolioTable
{
    /// <summary>Turns an allocated order-9 block into a folio that nobody maps yet.</summary>
    public void InitLarge(int head, FolioFlags flags)
    {
        ref Block block = ref BlockOf(head);
        block = new Block { IsLarge = true, IsUniform = true };
        _words[head] = (uint)flags;
    }

    /// <summary>The block goes back to single pages; callers rewrite the words.</summary>
    internal void DissolveLarge(int head) => BlockOf(head) = default;

    /// <summary>PMD mappings of an order-9 folio.</summary>
    public int PmdMapCount(int head) => (int)(Interlocked.Read(ref BlockOf(head).Maps) >> 32);

    /// <summary>PTE mappings of an order-9 folio, over all its subpages.</summary>
    public int PteMapCount(int head) => (int)Interlocked.Read(ref BlockOf(head).Maps);

    /// <summary>SM-7: mappings of the folio.</summary>
    public int MapCount(int head) => IsLarge(head) ? PmdMapCount(head) + PteMapCount(head) : PageMapCount(head);

    /// <summary>Adds a PMD mapping.</summary>
    public void MapPmd(int head)
    {
        Interlocked.Add(ref BlockOf(head).Maps, PmdMapOne);
        SetFlags(head, FolioFlags.LargeMapped);
    }

    /// <summary>Removes a PMD mapping; true when the caller must free the folio.</summary>
    public bool UnmapPmd(int head)
    {
        Get(head); // until it has been looked whether this was the last mapping, nobody else may free it
        long maps = Interlocked.Add(ref BlockOf(head).Maps, -PmdMapOne);
        Require(maps >= 0, head, "unmapped more often than mapped");
        if (maps == 0)
        {
            DropLargeMapped(head);
        }

        return Put(head);
    }

    /// <summary>fork: one more mm maps the folio by a PMD. Before the first time, its pages get words of their own, so that two mms
    /// which replace their PMDs by page tables at the same time only add to them.</summary>
    public void SharePmd(int head)
    {
        ref Block block = ref BlockOf(head);
        if (!block.HasPageWords)
        {
            _words.AsSpan(head + 1, Geometry.PtesPerTable - 1).Clear();
            block.HasPageWords = true;
        }

        MapPmd(head);
    }

    /// <summary>Adds a PTE mapping of one subpage.</summary>
    public void MapSubpage(int pfn)
    {
        int head = pfn & ~(Geometry.PtesPerTable - 1);
        AddMapping(pfn);
        Interlocked.Increment(ref BlockOf(head).Maps);
        SetFlags(head, FolioFlags.LargeMapped);
    }

    /// <summary>Removes a PTE mapping of one subpage; true when the caller must free the whole folio.</summary>
    public bool UnmapSubpage(int pfn)
    {
        int head = pfn & ~(Geometry.PtesPerTable - 1);
        RemoveMapping(pfn);
        return Interlocked.Decrement(ref BlockOf(head).Maps) == 0 && DropLargeMapped(head);
    }

    /// <summary>SM-12: one PMD mapping becomes 512 PTE mappings.</summary>
    public void PmdMapToPtes(int head)
    {
        ref Block block = ref BlockOf(head);
        AddMapping(head);
        if (!block.HasPageWords)
        {
            block.HasPageWords = true;
            _words.AsSpan(head + 1, Geometry.PtesPerTable - 1).Fill(MapOne);
        }
        else
        {
            for (int pfn = head + 1; pfn < head + Geometry.PtesPerTable; pfn++)
            {
                AddMapping(pfn);
            }
        }

        Interlocked.Add(ref block.Maps, Geometry.PtesPerTable - PmdMapOne);
    }

    /// <summary>Anon-exclusive is tracked per folio for order 9: cleared when fork shares it.</summary>
    public bool IsLargeExclusive(int head) => !BlockOf(head).SharedByFork;

    /// <summary>Marks the order-9 folio shared or exclusive again.</summary>
    public void SetLargeExclusive(int head, bool exclusive) => BlockOf(head).SharedByFork = !exclusive;

    /// <summary>SM-10 (VR-10 off) or the exact test (VR-10 on): does more than one process seem to map the folio?</summary>
    public bool MappedShared(int pfn, bool exact)
    {
        if (!IsLarge(pfn))
        {
            return PageMapCount(pfn) > 1;
        }

        int head = Head(pfn);
        if (exact)
        {
            return !IsLargeExclusive(head) && MapCount(head) > 1 && HasSeveralMappers(head);
        }

        int mapCount = MapCount(head);
        return mapCount > 1 && (PmdMapCount(head) > 0 || mapCount > Geometry.PtesPerTable || PageMapCount(head) > 1);
    }

    /// <summary>Whether the folio's pages carry words of their own (it was mapped by PTEs at some time).</summary>
    internal bool HasPageWords(int head) => BlockOf(head).HasPageWords;

    /// <summary>The last mapping seems to be gone. It is not when somebody who holds a reference maps the folio again at the same
    /// time: he finds the flag still set, so it is looked at once more after it was cleared; and again after it was set, for he may
    /// have gone meanwhile and found it clear. The caller holds a reference where others are at work.</summary>
    private bool DropLargeMapped(int head)
    {
        do
        {
            uint word = Interlocked.And(ref _words[head], ~(uint)FolioFlags.LargeMapped) & ~(uint)FolioFlags.LargeMapped;
            if (Interlocked.Read(ref BlockOf(head).Maps) == 0)
            {
                return IsUnreferenced(word);
            }

            SetFlags(head, FolioFlags.LargeMapped);
        }
        while (Interlocked.Read(ref BlockOf(head).Maps) == 0);
        return false;
    }

    private bool HasSeveralMappers(int head)
    {
        if (PmdMapCount(head) > 1 || (PmdMapCount(head) == 1 && PteMapCount(head) > 0))
        {
            return true;
        }

        for (int pfn = head; HasPageWords(head) && pfn < head + Geometry.PtesPerTable; pfn++)
        {
            if (PageMapCount(pfn) > 1)
            {
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Block BlockOf(int head) => ref _blocks[head >> Geometry.PmdOrder];

    private struct Block
    {
        /// <summary>PMD mappings in the high half, PTE mappings in the low half: one atomic, so the last one is known.</summary>
        public long Maps;
        public bool IsLarge;
        public bool IsUniform;
        public bool HasPageWords;
        public bool SharedByFork;
        public byte UniformContent;
    }
}
