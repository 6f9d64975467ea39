using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MmActors.Model.Tlb;

/// <summary>The entries of one translation buffer: per set a row of tags in order of use, padded to whole vectors and
/// aligned to a cache line. Empty ways are at the end of a row, so they are filled before anything is dropped.</summary>
internal sealed class LruSets
{
    private const uint Empty = uint.MaxValue;
    private const int AlignmentTags = 16;

    private readonly uint[] _storage;
    private readonly int _firstTag;

    public LruSets(TlbLevel level, int vectorTags)
    {
        Ways = level.Ways;
        SetMask = level.Sets - 1;
        SetShift = BitOperations.Log2((uint)level.Sets);
        RowTags = (level.Ways + vectorTags - 1) / vectorTags * vectorTags;
        _storage = GC.AllocateUninitializedArray<uint>(level.Sets * RowTags + AlignmentTags, pinned: true);
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(_storage, 0);
        _firstTag = (int)(-address / sizeof(uint)) & (AlignmentTags - 1);
        Clear();
    }

    public int Ways { get; }

    public int SetMask { get; }

    public int SetShift { get; }

    /// <summary>Distance between the rows of neighbouring sets.</summary>
    public int RowTags { get; }

    /// <summary>First number whose tag does not fit: numbers must be below it.</summary>
    public long NumberLimit => (long)int.MaxValue << SetShift;

    /// <summary>The same entries for a hot loop, with everything a look-up needs at hand.</summary>
    public LruRows Rows => new(
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_storage), _firstTag), SetMask, SetShift, RowTags, Ways);

    /// <summary>Empties every way.</summary>
    public void Clear() => Array.Fill(_storage, Empty);

    /// <summary>Drops every translation of one 2 MiB range, small or huge; the others keep their order.</summary>
    public void RemoveRange(long range, int smallPerRangeShift)
    {
        for (var set = 0; set <= SetMask; set++)
        {
            var row = _storage.AsSpan(_firstTag + set * RowTags, Ways);
            var kept = 0;
            foreach (var tag in row)
            {
                var number = (long)(tag >> 1) << SetShift | (uint)set;
                var rangeOfTag = (tag & 1) != 0 ? number : number >> smallPerRangeShift;
                if (tag != Empty && rangeOfTag != range)
                {
                    row[kept++] = tag;
                }
            }

            row[kept..].Fill(Empty);
        }
    }
}

/// <summary>The rows of an <see cref="LruSets"/>.</summary>
internal readonly ref struct LruRows(ref uint first, int setMask, int setShift, int rowTags, int ways)
{
    private readonly ref uint _first = ref first;
    private readonly int _setMask = setMask;
    private readonly int _setShift = setShift;
    private readonly int _rowTags = rowTags;
    private readonly int _ways = ways;

    /// <summary>Looks a translation up and makes it the most recently used of its set.</summary>
    /// <param name="number">Page number for a small page, 2 MiB range number for a huge one.</param>
    /// <param name="huge">1 for a huge page, 0 for a small one: part of the tag.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Touch<TSet>(long number, uint huge)
        where TSet : struct, ILruSet
    {
        ref var front = ref Unsafe.Add(ref _first, ((int)number & _setMask) * _rowTags);
        return TSet.Touch(ref front, _ways, (uint)(number >> _setShift) << 1 | huge);
    }
}
