using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>PMD entry states (state-model.md 1.2).</summary>
public enum PmdState : byte
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>Points to a page table, which may be empty.</summary>
    Table,
    /// <summary>Maps an order-9 folio.</summary>
    Huge,
    /// <summary>Maps the shared huge zero folio.</summary>
    HugeZero,
    /// <summary>Transient huge migration entry.</summary>
    Migration,
}

/// <summary>A HUGE mapping: O(1) state for 512 pages, plus what invariant 4 must remember about their content.</summary>
public sealed class HugeMapping
{
    /// <summary>Head page of the order-9 folio.</summary>
    public required int Head { get; init; }

    /// <summary>The PMD's accessed bit.</summary>
    public bool Young { get; set; }

    /// <summary>The PMD's dirty bit.</summary>
    public bool Dirty { get; set; }

    /// <summary>The PMD's write bit.</summary>
    public bool Writable { get; set; }

    /// <summary>Tag last written to every page, when it is the same one.</summary>
    public byte UniformWritten { get; private set; }

    /// <summary>Tags page by page, once they differ.</summary>
    public byte[]? Written { get; private set; }

    /// <summary>Pages freed by MADV_FREE and not written since.</summary>
    public Bits512 MayBeZero;

    /// <summary>Tag last written to one page.</summary>
    public byte LastWritten(int index) => Written is null ? UniformWritten : Written[index];

    /// <summary>Tags last written to all pages.</summary>
    public void CopyWritten(Span<byte> tags)
    {
        if (Written is null)
        {
            tags.Fill(UniformWritten);
        }
        else
        {
            Written.CopyTo(tags);
        }
    }

    /// <summary>Every page was overwritten with the same tag.</summary>
    public void WriteAll(byte tag)
    {
        UniformWritten = tag;
        Written = null;
        MayBeZero = default;
    }

    /// <summary>One page was written.</summary>
    public void Write(int index, byte tag)
    {
        MayBeZero.Clear(index);
        if (Written is null)
        {
            if (UniformWritten == tag)
            {
                return;
            }

            Written = new byte[Geometry.PtesPerTable];
            Array.Fill(Written, UniformWritten);
        }

        Written[index] = tag;
    }

    /// <summary>Takes over the record of a page table that is collapsed.</summary>
    public void TakeWritten(ReadOnlySpan<byte> tags)
    {
        byte first = tags[0];
        UniformWritten = first;
        Written = tags.IndexOfAnyExcept(first) < 0 ? null : tags.ToArray();
    }
}

/// <summary>One PMD entry.</summary>
public struct PmdEntry
{
    /// <summary>What it holds.</summary>
    public PmdState State;

    /// <summary>The page table, in state Table.</summary>
    public PteTable? Table;

    /// <summary>The mapping, in state Huge.</summary>
    public HugeMapping? Huge;
}

/// <summary>The page-table tree of an mm down to PMD entries: one page of 512 entries per GiB that was ever touched;
/// a missing one is what the kernel reports as SCAN_PMD_NULL.</summary>
public sealed class PageDirectory
{
    private readonly SortedList<long, PmdEntry[]> _pages = [];
    private readonly SortedList<long, int> _serials = [];
    private int _lastSerial;
    private long _cachedKey = -1;
    private PmdEntry[] _cached = [];

    /// <summary>Keys of the existing pages of PMD entries, ascending: address >> 30.</summary>
    public IList<long> PageKeys => _pages.Keys;

    /// <summary>The 512 entries of one GiB.</summary>
    public PmdEntry[] PageAt(long key) => _pages[key];

    /// <summary>The entry of a range, or a null reference when its page of entries does not exist.</summary>
    public ref PmdEntry Find(long address)
    {
        long key = address >> Geometry.PudShift;
        if (key != _cachedKey)
        {
            if (!_pages.TryGetValue(key, out PmdEntry[]? page))
            {
                return ref System.Runtime.CompilerServices.Unsafe.NullRef<PmdEntry>();
            }

            _cachedKey = key;
            _cached = page;
        }

        return ref _cached[(int)(address >> Geometry.PmdShift) & (Geometry.PtesPerTable - 1)];
    }

    /// <summary>State of a range's entry; null when the upper table is missing (KH-23).</summary>
    public PmdState? StateOf(long address)
    {
        ref PmdEntry entry = ref Find(address);
        return System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry) ? null : entry.State;
    }

    /// <summary>Tells one page of PMD entries from a later one in the same place; 0 when there is none. A PMD pointer of
    /// the kernel stays valid as long as this does not change (khugepaged.md 2.8, C4).</summary>
    public int SerialOf(long address) => _serials.GetValueOrDefault(address >> Geometry.PudShift);

    /// <summary>The entry of a range, creating the upper table when it is missing.</summary>
    public ref PmdEntry Ensure(long address)
    {
        ref PmdEntry entry = ref Find(address);
        if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry))
        {
            return ref entry;
        }

        _pages.Add(address >> Geometry.PudShift, new PmdEntry[Geometry.PtesPerTable]);
        _serials.Add(address >> Geometry.PudShift, ++_lastSerial);
        return ref Find(address);
    }

    /// <summary>Frees every upper table that lies in [start, end) entirely, as free_pgtables does.</summary>
    public void Trim(long start, long end)
    {
        for (int index = _pages.Count - 1; index >= 0; index--)
        {
            long first = _pages.Keys[index] << Geometry.PudShift;
            if (first >= start && first + (1L << Geometry.PudShift) <= end)
            {
                _pages.RemoveAt(index);
                _serials.RemoveAt(index);
            }
        }

        _cachedKey = -1;
    }
}
