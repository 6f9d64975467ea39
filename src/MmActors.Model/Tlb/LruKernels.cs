using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MmActors.Model.Tlb;

/// <summary>How the LRU update of one set is computed; every choice gives the same hits.</summary>
public enum LruKernel
{
    /// <summary>A plain loop.</summary>
    Scalar,
    /// <summary>4 ways at a time (SSE, NEON).</summary>
    Vector128,
    /// <summary>8 ways at a time (AVX2).</summary>
    Vector256,
    /// <summary>16 ways at a time (AVX-512).</summary>
    Vector512,
}

/// <summary>Looks a tag up in one set and makes it the most recently used. A set keeps its tags in order of use, most
/// recent first, so a hit at position k and a miss are the same operation: shift positions 0…k (a miss: all, the last
/// falls out) by one and put the tag in front.</summary>
internal interface ILruSet
{
    /// <summary>Whether the tag was in the set; it is at the front afterwards.</summary>
    /// <param name="front">First of the set's tags; whole vectors may be read and written behind it.</param>
    /// <param name="ways">Tags in the set, 1…64.</param>
    /// <param name="tag">The tag, never the one that marks an empty way.</param>
    static abstract bool Touch(ref uint front, int ways, uint tag);
}

/// <summary>The definition in plain words; the fall-back without vector hardware.</summary>
internal readonly struct ScalarLruSet : ILruSet
{
    public static bool Touch(ref uint front, int ways, uint tag)
    {
        var carried = tag;
        for (var way = 0; way < ways; way++)
        {
            ref var slot = ref Unsafe.Add(ref front, way);
            (carried, slot) = (slot, carried);
            if (carried == tag)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Four ways per step. Each step rotates its ways by one, so the way that leaves at the end stands in lane 0 and
/// goes to lane 0 of the next step. Where the tag was found is data, not a branch: random accesses would mispredict it.
/// </summary>
internal readonly struct Vector128LruSet : ILruSet
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Touch(ref uint front, int ways, uint tag)
    {
        var tags = Vector128.Create(tag);
        var incoming = tags;
        var found = 0UL;
        for (var offset = 0; offset < ways; offset += Vector128<uint>.Count)
        {
            var old = Vector128.LoadUnsafe(ref front, (nuint)offset);
            ulong hits = Vector128.Equals(old, tags).ExtractMostSignificantBits();
            var last = BitOperations.TrailingZeroCount(hits | 1UL << (ways - offset - 1));
            var moved = found == 0 ? (uint)last + 1 : 0;
            var rotated = Vector128.Shuffle(old, Vector128.Create(3u, 0, 1, 2));
            var shifted = Vector128.ConditionalSelect(
                Vector128.CreateScalar(uint.MaxValue), incoming, rotated);
            var moves = Vector128.LessThan(Vector128<uint>.Indices, Vector128.Create(moved));
            Vector128.ConditionalSelect(moves, shifted, old).StoreUnsafe(ref front, (nuint)offset);
            incoming = rotated;
            found |= hits;
        }

        return found != 0;
    }
}

/// <summary>Eight ways per step, else as <see cref="Vector128LruSet"/>.</summary>
internal readonly struct Vector256LruSet : ILruSet
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Touch(ref uint front, int ways, uint tag)
    {
        var tags = Vector256.Create(tag);
        var incoming = tags;
        var found = 0UL;
        for (var offset = 0; offset < ways; offset += Vector256<uint>.Count)
        {
            var old = Vector256.LoadUnsafe(ref front, (nuint)offset);
            ulong hits = Vector256.Equals(old, tags).ExtractMostSignificantBits();
            var last = BitOperations.TrailingZeroCount(hits | 1UL << (ways - offset - 1));
            var moved = found == 0 ? (uint)last + 1 : 0;
            var rotated = Vector256.Shuffle(old, Vector256.Create(7u, 0, 1, 2, 3, 4, 5, 6));
            var shifted = Vector256.ConditionalSelect(
                Vector256.CreateScalar(uint.MaxValue), incoming, rotated);
            var moves = Vector256.LessThan(Vector256<uint>.Indices, Vector256.Create(moved));
            Vector256.ConditionalSelect(moves, shifted, old).StoreUnsafe(ref front, (nuint)offset);
            incoming = rotated;
            found |= hits;
        }

        return found != 0;
    }
}

/// <summary>Sixteen ways per step, else as <see cref="Vector128LruSet"/>.</summary>
internal readonly struct Vector512LruSet : ILruSet
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Touch(ref uint front, int ways, uint tag)
    {
        var tags = Vector512.Create(tag);
        var incoming = tags;
        var found = 0UL;
        for (var offset = 0; offset < ways; offset += Vector512<uint>.Count)
        {
            var old = Vector512.LoadUnsafe(ref front, (nuint)offset);
            ulong hits = Vector512.Equals(old, tags).ExtractMostSignificantBits();
            var last = BitOperations.TrailingZeroCount(hits | 1UL << (ways - offset - 1));
            var moved = found == 0 ? (uint)last + 1 : 0;
            var rotated = Vector512.Shuffle(old, Vector512.Create(15u, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14));
            var shifted = Vector512.ConditionalSelect(
                Vector512.CreateScalar(uint.MaxValue), incoming, rotated);
            var moves = Vector512.LessThan(Vector512<uint>.Indices, Vector512.Create(moved));
            Vector512.ConditionalSelect(moves, shifted, old).StoreUnsafe(ref front, (nuint)offset);
            incoming = rotated;
            found |= hits;
        }

        return found != 0;
    }
}
