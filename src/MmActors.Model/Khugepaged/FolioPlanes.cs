using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.Khugepaged;

/// <summary>Folio properties of a range lined up with its PTEs. Bits of PTEs that map nothing have no meaning.</summary>
internal struct FolioPlanes
{
    /// <summary>Folios that are not swapbacked.</summary>
    public Bits512 Lazyfree;

    /// <summary>Folios with R or Y set (KH-27).</summary>
    public Bits512 Referenced;

    /// <summary>Folios that count as mapped shared.</summary>
    public Bits512 Shared;

    /// <summary>Folios that end the loop: off the LRU, locked, or with a transient reference. A page of a large folio
    /// that is mapped by PTEs is always among them: the head has LargeMapped, no other page has an LRU flag.</summary>
    public Bits512 Odd;

    /// <summary>The range is exactly one large folio, mapped by PTEs.</summary>
    public bool IsOneLargeFolio;

    private const uint StateMask = (uint)(FolioFlags.Lru | FolioFlags.Locked | FolioFlags.LargeMapped) | FolioTable.TransientMask;
    private const uint ReferencedMask = (uint)(FolioFlags.Referenced | FolioFlags.Young);
    private const uint AskedMask = StateMask | ReferencedMask | (uint)FolioFlags.SwapBacked | FolioTable.MapMask;
    private const int Lanes = 16;

    /// <summary>Reads the planes. Right for every PTE below the first one that maps a page of a large folio, and for all
    /// of them when one large folio fills the range.</summary>
    /// <param name="folios">The page array.</param>
    /// <param name="table">The page table.</param>
    /// <param name="exactShared">VR-10.</param>
    /// <param name="planes">The planes.</param>
    [SkipLocalsInit]
    public static void Read(FolioTable folios, PteTable table, bool exactShared, out FolioPlanes planes)
    {
        ReadOnlySpan<int> pages = table.Pfns;
        if (!IsRun(folios, pages))
        {
            Span<uint> words = stackalloc uint[Geometry.PtesPerTable];
            Gather(folios.Words, pages, table.Present, words);
            OfWords(words, out planes);
        }
        else if (IsLargeFolio(folios, pages[0]))
        {
            OfLarge(folios, pages[0], exactShared, out planes);
        }
        else
        {
            OfWords(folios.Words.Slice(pages[0], Geometry.PtesPerTable), out planes);
        }
    }

    /// <summary>The word of all 512 folios, when every PTE maps the next page and all words agree on what a scan asks and
    /// would let it pass: the ordinary case.</summary>
    public static bool TryReadOrdinary(FolioTable folios, PteTable table, out FolioFlags flags)
    {
        ReadOnlySpan<int> pages = table.Pfns;
        flags = FolioFlags.None;
        if (!table.Present.IsFull || !IsRun(folios, pages))
        {
            return false;
        }

        ReadOnlySpan<uint> words = folios.Words.Slice(pages[0], Geometry.PtesPerTable);
        const uint PassingMask = StateMask | FolioTable.MapMask;
        const uint Passing = (uint)FolioFlags.Lru | FolioTable.MapOne;
        if ((words[0] & PassingMask) != Passing || (Differing(words) & AskedMask) != 0)
        {
            return false;
        }

        flags = (FolioFlags)words[0];
        return true;
    }

    private static bool IsRun(FolioTable folios, ReadOnlySpan<int> pages) =>
        (uint)pages[0] <= (uint)(folios.Pages - Geometry.PtesPerTable) && PageRuns.IsContiguous(pages);

    private static bool IsLargeFolio(FolioTable folios, int first) =>
        (first & (Geometry.PtesPerTable - 1)) == 0 && folios.IsLarge(first);

    /// <summary>Collects the words of scattered pages; a PTE that maps nothing gets the word of one that does.</summary>
    private static void Gather(ReadOnlySpan<uint> all, ReadOnlySpan<int> pages, in Bits512 present, Span<uint> words)
    {
        int some = present.NextSet(0);
        uint filler = some < pages.Length ? all[pages[some]] : 0;
        for (int lane = 0; lane < Bits512.Words; lane++)
        {
            ulong bits = present[lane];
            ReadOnlySpan<int> from = pages.Slice(lane * 64, 64);
            Span<uint> to = words.Slice(lane * 64, 64);
            if (bits == ulong.MaxValue)
            {
                GatherLane(all, from, to);
                continue;
            }

            to.Fill(filler);
            for (; bits != 0; bits &= bits - 1)
            {
                int index = System.Numerics.BitOperations.TrailingZeroCount(bits);
                to[index] = all[from[index]];
            }
        }
    }

    /// <summary>The words of 64 pages, eight to an instruction where the processor has one for it.</summary>
    private static unsafe void GatherLane(ReadOnlySpan<uint> all, ReadOnlySpan<int> pages, Span<uint> words)
    {
        if (!Avx2.IsSupported || !AreBelow(pages, all.Length))
        {
            for (int index = 0; index < pages.Length && index < words.Length; index++)
            {
                words[index] = all[pages[index]];
            }

            return;
        }

        ReadOnlySpan<Vector256<int>> from = MemoryMarshal.Cast<int, Vector256<int>>(pages);
        Span<Vector256<int>> to = MemoryMarshal.Cast<uint, Vector256<int>>(words);
        fixed (uint* first = all)
        {
            for (int index = 0; index < from.Length && index < to.Length; index++)
            {
                to[index] = Avx2.GatherVector256((int*)first, from[index], sizeof(uint));
            }
        }
    }

    private static bool AreBelow(ReadOnlySpan<int> pages, int limit)
    {
        Vector512<uint> largest = Vector512<uint>.Zero;
        foreach (Vector512<int> vector in MemoryMarshal.Cast<int, Vector512<int>>(pages))
        {
            largest = Vector512.Max(largest, vector.AsUInt32());
        }

        return Vector512.LessThanAll(largest, Vector512.Create((uint)limit));
    }

    private static void OfLarge(FolioTable folios, int head, bool exactShared, out FolioPlanes planes)
    {
        const uint State = StateMask & ~(uint)FolioFlags.LargeMapped;
        uint word = folios.Word(head);
        planes.IsOneLargeFolio = true;
        planes.Lazyfree = AllOrNone((word & (uint)FolioFlags.SwapBacked) == 0);
        planes.Referenced = AllOrNone((word & ReferencedMask) != 0);
        planes.Shared = AllOrNone(folios.MappedShared(head, exactShared));
        planes.Odd = AllOrNone((word & State) != (uint)FolioFlags.Lru);
    }

    /// <summary>A property in which all words agree costs no pass of its own.</summary>
    private static void OfWords(ReadOnlySpan<uint> words, out FolioPlanes planes)
    {
        uint differing = Differing(words);
        planes.IsOneLargeFolio = false;
        planes.Lazyfree = Plane(words, differing, (uint)FolioFlags.SwapBacked, 0);
        planes.Referenced = ~Plane(words, differing, ReferencedMask, 0);
        planes.Shared = ~Plane(words, differing, FolioTable.MapMask, FolioTable.MapOne);
        planes.Odd = ~Plane(words, differing, StateMask, (uint)FolioFlags.Lru);
    }

    private static Bits512 Plane(ReadOnlySpan<uint> words, uint differing, uint mask, uint value) =>
        (differing & mask) == 0 ? AllOrNone((words[0] & mask) == value) : Equal(words, mask, value);

    private static Bits512 AllOrNone(bool all) => all ? Bits512.All : Bits512.None;

    /// <summary>Bits in which not all words are alike.</summary>
    private static uint Differing(ReadOnlySpan<uint> words)
    {
        Vector512<uint> first = Vector512.Create(words[0]);
        Vector512<uint> even = Vector512<uint>.Zero;
        Vector512<uint> odd = Vector512<uint>.Zero;
        ReadOnlySpan<Vector512<uint>> vectors = MemoryMarshal.Cast<uint, Vector512<uint>>(words);
        for (int index = 0; index + 1 < vectors.Length; index += 2)
        {
            even |= vectors[index] ^ first;
            odd |= vectors[index + 1] ^ first;
        }

        Vector256<uint> half = (even | odd).GetLower() | (even | odd).GetUpper();
        Vector128<uint> quarter = half.GetLower() | half.GetUpper();
        ulong eighth = quarter.AsUInt64()[0] | quarter.AsUInt64()[1];
        return (uint)eighth | (uint)(eighth >> 32);
    }

    /// <summary>The pages whose word shows exactly this value under the mask.</summary>
    private static Bits512 Equal(ReadOnlySpan<uint> words, uint mask, uint value)
    {
        Vector512<uint> masks = Vector512.Create(mask);
        Vector512<uint> values = Vector512.Create(value);
        ReadOnlySpan<Vector512<uint>> vectors = MemoryMarshal.Cast<uint, Vector512<uint>>(words);
        Bits512 bits = default;
        for (int lane = 0; lane < Bits512.Words; lane++)
        {
            ulong found = 0;
            for (int quarter = 0; quarter < 64 / Lanes; quarter++)
            {
                Vector512<uint> word = vectors[(lane * 4) + quarter] & masks;
                found |= Vector512.Equals(word, values).ExtractMostSignificantBits() << (quarter * Lanes);
            }

            bits[lane] = found;
        }

        return bits;
    }
}
