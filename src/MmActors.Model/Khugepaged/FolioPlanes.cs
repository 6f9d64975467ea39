using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.Khugepaged;

/// <summary>Folio properties of a range lined up with its PTEs. It can only be read when every present PTE maps a small
/// folio that is on an LRU list, unlocked, without transient references and mapped once: the ordinary case.</summary>
internal struct FolioPlanes
{
    /// <summary>Folios that are not swapbacked.</summary>
    public Bits512 Lazyfree;

    /// <summary>Folios with R or Y set (KH-27).</summary>
    public Bits512 Referenced;

    private const uint OrdinaryMask = (uint)(FolioFlags.Lru | FolioFlags.Locked) | FolioTable.TransientMask | FolioTable.MapMask;
    private const uint Ordinary = (uint)FolioFlags.Lru | FolioTable.MapOne;
    private const int Lanes = 16;

    /// <summary>Reads the planes; false when some folio needs the step-by-step scan.</summary>
    public static bool TryRead(FolioTable folios, PteTable table, out FolioPlanes planes)
    {
        planes = default;
        ReadOnlySpan<int> pages = table.Pfns;
        int first = pages[0];
        if (table.Present.IsFull && PageRuns.IsContiguous(pages))
        {
            return !folios.IsLarge(first) && !folios.IsLarge(first + Geometry.PtesPerTable - 1)
                && planes.ReadRun(folios.Words.Slice(first, Geometry.PtesPerTable), table.Present);
        }

        Span<uint> words = stackalloc uint[Geometry.PtesPerTable];
        return Gather(folios, table, words) && planes.ReadRun(words, table.Present);
    }

    /// <summary>Collects the words of scattered pages; false at the first page of a large folio.</summary>
    private static bool Gather(FolioTable folios, PteTable table, Span<uint> words)
    {
        ReadOnlySpan<uint> all = folios.Words;
        ReadOnlySpan<int> pages = table.Pfns;
        for (int lane = 0; lane < Bits512.Words; lane++)
        {
            ulong present = table.Present[lane];
            int end = (lane << 6) + 64;
            for (int index = lane << 6; present != 0 && index < end; index++)
            {
                if ((present >> index & 1) == 0)
                {
                    words[index] = Ordinary;
                    continue;
                }

                int pfn = pages[index];
                if (folios.IsLarge(pfn))
                {
                    return false;
                }

                words[index] = all[pfn];
            }
        }

        return true;
    }

    private bool ReadRun(ReadOnlySpan<uint> words, in Bits512 present)
    {
        ref uint start = ref MemoryMarshal.GetReference(words);
        Vector512<uint> odd = Vector512<uint>.Zero;
        Vector512<uint> mask = Vector512.Create(OrdinaryMask);
        Vector512<uint> expected = Vector512.Create(Ordinary);
        Vector512<uint> swapBacked = Vector512.Create((uint)FolioFlags.SwapBacked);
        Vector512<uint> referenced = Vector512.Create((uint)(FolioFlags.Referenced | FolioFlags.Young));
        Span<ushort> lazyfreeBits = MemoryMarshal.Cast<ulong, ushort>(Lazyfree.AsSpan());
        Span<ushort> referencedBits = MemoryMarshal.Cast<ulong, ushort>(Referenced.AsSpan());
        ReadOnlySpan<ushort> presentBits = MemoryMarshal.Cast<ulong, ushort>(Unsafe.AsRef(in present).AsSpan());
        for (int group = 0; group < Geometry.PtesPerTable / Lanes; group++)
        {
            Vector512<uint> word = Vector512.LoadUnsafe(ref start, (nuint)(group * Lanes));
            lazyfreeBits[group] = (ushort)Vector512.Equals(word & swapBacked, Vector512<uint>.Zero).ExtractMostSignificantBits();
            referencedBits[group] = (ushort)~Vector512.Equals(word & referenced, Vector512<uint>.Zero).ExtractMostSignificantBits();
            Vector512<uint> strange = (word & mask) ^ expected;
            if (presentBits[group] == ushort.MaxValue)
            {
                odd |= strange;
            }
            else if (presentBits[group] != 0)
            {
                ulong bits = ~Vector512.Equals(strange, Vector512<uint>.Zero).ExtractMostSignificantBits();
                odd |= Vector512.Create((uint)bits & presentBits[group]);
            }
        }

        return odd == Vector512<uint>.Zero;
    }
}
