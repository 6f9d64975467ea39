using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>One int per PTE.</summary>
[InlineArray(Geometry.PtesPerTable)]
public struct PtePfns
{
    private int _pfn0;
}

/// <summary>One byte per PTE.</summary>
[InlineArray(Geometry.PtesPerTable)]
public struct PteBytes
{
    private byte _byte0;
}

/// <summary>A page table of 512 PTEs as bit planes (state-model.md 1.1). A PTE that is in none of the planes
/// <see cref="Present"/>, <see cref="Zero"/> and <see cref="NonPresent"/> is none.</summary>
/// <remarks>About 6 bytes a page, and with the folio side 19 bytes per mapped 4 KiB page.</remarks>
public sealed class PteTable
{
    /// <summary>Maps a page of an anon folio.</summary>
    public Bits512 Present;

    /// <summary>Maps the shared zero page.</summary>
    public Bits512 Zero;

    /// <summary>Swap entries, migration entries and markers (SM-1).</summary>
    public Bits512 NonPresent;

    /// <summary>The accessed bit, y.</summary>
    public Bits512 Young;

    /// <summary>The dirty bit, d.</summary>
    public Bits512 Dirty;

    /// <summary>The write bit, w.</summary>
    public Bits512 Writable;

    /// <summary>Write-protected by userfaultfd.</summary>
    public Bits512 UffdWp;

    /// <summary>Swap entries whose page was this process's alone (the exclusive marker of S).</summary>
    public Bits512 SwapExclusive;

    /// <summary>Pages that may read as zero although something else was written last: freed by MADV_FREE and not
    /// written since (invariant 4).</summary>
    public Bits512 MayBeZero;

    /// <summary>The page each present PTE maps; the slot of a swap entry.</summary>
    public PtePfns Pfns;

    /// <summary>Content tag last written to each page by this process (invariant 4).</summary>
    public PteBytes LastWritten;

    /// <summary>PTEs that map nothing and hold nothing.</summary>
    public Bits512 NonePtes => ~(Present | Zero | NonPresent);

    /// <summary>Whether the PTE maps this page.</summary>
    public bool Maps(int index, int pfn) => Present.Has(index) && Pfns[index] == pfn;

    /// <summary>PTEs that map a page of this order-9 folio. Page i is mapped by PTE i: huge pages lie at the same place in
    /// every mm.</summary>
    public Bits512 MappingsOf(int head)
    {
        Bits512 inFolio = default;
        Vector512<int> first = Vector512.Create(head);
        Vector512<uint> pages = Vector512.Create((uint)Geometry.PtesPerTable);
        ReadOnlySpan<Vector512<int>> vectors = MemoryMarshal.Cast<int, Vector512<int>>(Pfns);
        for (int index = 0; index < vectors.Length; index++)
        {
            ulong bits = Vector512.LessThan((vectors[index] - first).AsUInt32(), pages).ExtractMostSignificantBits();
            inFolio[index >> 2] |= bits << ((index & 3) * Vector512<int>.Count);
        }

        return inFolio & Present;
    }

    /// <summary>Makes these PTEs none.</summary>
    public void ClearPtes(in Bits512 ptes)
    {
        Present = Present.Without(ptes);
        Zero = Zero.Without(ptes);
        NonPresent = NonPresent.Without(ptes);
        Young = Young.Without(ptes);
        Dirty = Dirty.Without(ptes);
        Writable = Writable.Without(ptes);
        UffdWp = UffdWp.Without(ptes);
        SwapExclusive = SwapExclusive.Without(ptes);
    }

    /// <summary>Makes the PTE none.</summary>
    public void ClearPte(int index)
    {
        Present.Clear(index);
        Zero.Clear(index);
        NonPresent.Clear(index);
        Young.Clear(index);
        Dirty.Clear(index);
        Writable.Clear(index);
        UffdWp.Clear(index);
        SwapExclusive.Clear(index);
    }

    /// <summary>T17: the page the PTE maps went to swap.</summary>
    public void MapSwap(int index, int slot)
    {
        bool exclusive = Writable.Has(index);
        ClearPte(index);
        NonPresent.Set(index);
        Pfns[index] = slot;
        if (exclusive)
        {
            SwapExclusive.Set(index);
        }
    }

    /// <summary>Replaces whatever the PTE held by a mapping of this page.</summary>
    public void MapPage(int index, int pfn, bool young, bool dirty, bool writable)
    {
        ClearPte(index);
        Present.Set(index);
        Pfns[index] = pfn;
        if (young)
        {
            Young.Set(index);
        }

        if (dirty)
        {
            Dirty.Set(index);
        }

        if (writable)
        {
            Writable.Set(index);
        }
    }

    /// <summary>Empties the table for reuse.</summary>
    public void Reset()
    {
        Present = Zero = NonPresent = Young = Dirty = Writable = UffdWp = SwapExclusive = MayBeZero = default;
        ((Span<byte>)LastWritten).Clear();
    }
}
