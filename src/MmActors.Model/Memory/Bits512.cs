using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MmActors.Model.Memory;

/// <summary>One bit per PTE of a 2 MiB range: a property of 512 pages in one cache line.</summary>
[InlineArray(Words)]
public struct Bits512 : IEquatable<Bits512>
{
    /// <summary>64-bit words per plane.</summary>
    public const int Words = 8;

    private ulong _word0;

    /// <summary>No bit set.</summary>
    public static Bits512 None => default;

    /// <summary>Every bit set.</summary>
    public static Bits512 All => From(Vector512<ulong>.AllBitsSet);

    /// <summary>True when no bit is set.</summary>
    public readonly bool IsEmpty => Vector == Vector512<ulong>.Zero;

    /// <summary>True when every bit is set.</summary>
    public readonly bool IsFull => Vector == Vector512<ulong>.AllBitsSet;

    private readonly Vector512<ulong> Vector => Unsafe.As<Bits512, Vector512<ulong>>(ref Unsafe.AsRef(in this));

    /// <summary>The bits of [<paramref name="first"/>, <paramref name="end"/>), both 0…512.</summary>
    public static Bits512 Range(int first, int end) => From(Vector512.AndNot(VectorBelow(end), VectorBelow(first)));

    /// <summary>A plane with one bit set.</summary>
    public static Bits512 Single(int index)
    {
        Bits512 bits = default;
        bits[index >> 6] = 1UL << index;
        return bits;
    }

    /// <summary>The places of 512 bytes that hold this value.</summary>
    public static Bits512 WhereEqual(ReadOnlySpan<byte> bytes, byte value)
    {
        ReadOnlySpan<Vector512<byte>> vectors = MemoryMarshal.Cast<byte, Vector512<byte>>(bytes);
        Vector512<byte> wanted = Vector512.Create(value);
        Bits512 bits = default;
        for (int word = 0; word < Words; word++)
        {
            bits[word] = Vector512.Equals(vectors[word], wanted).ExtractMostSignificantBits();
        }

        return bits;
    }

    /// <summary>Whether bit <paramref name="index"/> is set.</summary>
    public readonly bool Has(int index) => (this[index >> 6] >> index & 1) != 0;

    /// <summary>Sets bit <paramref name="index"/>.</summary>
    public void Set(int index) => this[index >> 6] |= 1UL << index;

    /// <summary>Clears bit <paramref name="index"/>.</summary>
    public void Clear(int index) => this[index >> 6] &= ~(1UL << index);

    /// <summary>Number of set bits.</summary>
    public readonly int Count()
    {
        int count = 0;
        for (int word = 0; word < Words; word++)
        {
            count += BitOperations.PopCount(this[word]);
        }

        return count;
    }

    /// <summary>Number of set bits below <paramref name="end"/> (0…512).</summary>
    public readonly int CountBelow(int end)
    {
        int count = 0;
        int word = 0;
        for (; word < end >> 6; word++)
        {
            count += BitOperations.PopCount(this[word]);
        }

        return (end & 63) == 0 ? count : count + BitOperations.PopCount(this[word] & Below(end & 63));
    }

    /// <summary>Index of the first set bit at or after <paramref name="from"/>, or 512.</summary>
    public readonly int NextSet(int from)
    {
        int word = from >> 6;
        if (word >= Words)
        {
            return Units.Geometry.PtesPerTable;
        }

        ulong bits = this[word] & (ulong.MaxValue << from); // a shift counts modulo 64
        while (bits == 0)
        {
            if (++word == Words)
            {
                return Units.Geometry.PtesPerTable;
            }

            bits = this[word];
        }

        return (word << 6) + BitOperations.TrailingZeroCount(bits);
    }

    /// <summary>How many set bits in a row end with this one; 0 when it is clear.</summary>
    public readonly int RunEndingAt(int index)
    {
        int run = 0;
        for (int last = index; last >= 0; last = index - run)
        {
            int inWord = (last & 63) + 1;
            int ones = BitOperations.LeadingZeroCount(~(this[last >> 6] << (64 - inWord)));
            run += ones;
            if (ones < inWord)
            {
                break;
            }
        }

        return run;
    }

    /// <summary>Index of the (<paramref name="skip"/>+1)-th set bit, or 512 when there are no more than skip.</summary>
    public readonly int NthSet(int skip)
    {
        for (int word = 0; word < Words; word++)
        {
            int count = BitOperations.PopCount(this[word]);
            if (skip < count)
            {
                ulong bits = this[word];
                for (; skip > 0; skip--)
                {
                    bits &= bits - 1;
                }

                return (word << 6) + BitOperations.TrailingZeroCount(bits);
            }

            skip -= count;
        }

        return Units.Geometry.PtesPerTable;
    }

    /// <summary>Bits set in both.</summary>
    public static Bits512 operator &(in Bits512 left, in Bits512 right) => From(left.Vector & right.Vector);

    /// <summary>Bits set in either.</summary>
    public static Bits512 operator |(in Bits512 left, in Bits512 right) => From(left.Vector | right.Vector);

    /// <summary>The complement.</summary>
    public static Bits512 operator ~(in Bits512 bits) => From(~bits.Vector);

    /// <summary>Bits of this plane that are not in <paramref name="other"/>.</summary>
    public readonly Bits512 Without(in Bits512 other) => From(Vector512.AndNot(Vector, other.Vector));

    /// <summary>The eight words, lowest PTE first.</summary>
    [UnscopedRef]
    public Span<ulong> AsSpan() => MemoryMarshal.CreateSpan(ref _word0, Words);

    /// <inheritdoc/>
    public readonly bool Equals(Bits512 other) => Vector == other.Vector;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Bits512 other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => (int)(this[0] ^ this[7]);

    /// <summary>Same bits.</summary>
    public static bool operator ==(in Bits512 left, in Bits512 right) => left.Equals(right);

    /// <summary>Different bits.</summary>
    public static bool operator !=(in Bits512 left, in Bits512 right) => !left.Equals(right);

    private static ulong Below(int bit) => bit >= 64 ? ulong.MaxValue : (1UL << bit) - 1;

    /// <summary>All bits below this one, 0…512, in the eight words.</summary>
    private static Vector512<ulong> VectorBelow(int bit)
    {
        Vector512<ulong> word = Vector512.Create((ulong)(bit >> 6));
        Vector512<ulong> partial = Vector512.Equals(Vector512<ulong>.Indices, word) & Vector512.Create(Below(bit & 63));
        return Vector512.LessThan(Vector512<ulong>.Indices, word) | partial;
    }

    private static Bits512 From(Vector512<ulong> vector) => Unsafe.BitCast<Vector512<ulong>, Bits512>(vector);
}
