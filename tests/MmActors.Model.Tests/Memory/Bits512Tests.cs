using CsCheck;
using MmActors.Model.Memory;

namespace MmActors.Model.Tests.Memory;

/// <summary>Every operation of the bit plane against an array of 512 booleans.</summary>
public class Bits512Tests
{
    private const int Size = 512;

    private static readonly Gen<bool[]> Plane = Gen.OneOf(
        Gen.Bool.Array[Size],
        Gen.Int[0, Size - 1].Array[0, 5].Select(set => Enumerable.Range(0, Size).Select(set.Contains).ToArray()),
        Gen.Int[0, Size - 1].Array[0, 5].Select(unset => Enumerable.Range(0, Size).Select(i => !unset.Contains(i)).ToArray()));

    [Fact]
    public void Single_bits_agree_with_an_array() =>
        Gen.Select(Plane, Gen.Int[0, Size - 1], Gen.Bool).Sample((plane, index, set) =>
        {
            Bits512 bits = ToBits(plane);
            Assert.Equal(plane[index], bits.Has(index));
            if (set)
            {
                bits.Set(index);
            }
            else
            {
                bits.Clear(index);
            }

            plane[index] = set;
            AssertSame(plane, bits);
            AssertSame([.. Enumerable.Range(0, Size).Select(i => i == index)], Bits512.Single(index));
        });

    [Fact]
    public void Counts_and_searches_agree_with_an_array() =>
        Gen.Select(Plane, Gen.Int[0, Size], Gen.Int[0, Size]).Sample((plane, place, skip) =>
        {
            Bits512 bits = ToBits(plane);
            int[] set = [.. Enumerable.Range(0, Size).Where(i => plane[i])];
            Assert.Equal(set.Length, bits.Count());
            Assert.Equal(set.Count(i => i < place), bits.CountBelow(place));
            Assert.Equal(set.Where(i => i >= place).DefaultIfEmpty(Size).First(), bits.NextSet(place));
            Assert.Equal(skip < set.Length ? set[skip] : Size, bits.NthSet(skip));
            int last = Math.Min(place, Size - 1);
            Assert.Equal(Enumerable.Range(0, last + 1).TakeWhile(i => plane[last - i]).Count(), bits.RunEndingAt(last));
            Assert.Equal(set.Length == 0, bits.IsEmpty);
            Assert.Equal(set.Length == Size, bits.IsFull);
        });

    [Fact]
    public void Set_algebra_agrees_with_arrays() =>
        Gen.Select(Plane, Plane).Sample((left, right) =>
        {
            Bits512 a = ToBits(left);
            Bits512 b = ToBits(right);
            AssertSame(Zip(left, right, static (x, y) => x && y), a & b);
            AssertSame(Zip(left, right, static (x, y) => x || y), a | b);
            AssertSame(Zip(left, right, static (x, y) => x && !y), a.Without(b));
            AssertSame([.. left.Select(static x => !x)], ~a);
            Assert.Equal(left.SequenceEqual(right), a == b);
            Assert.Equal(left.SequenceEqual(right), !(a != b));
            Assert.True(a.Equals((object)ToBits(left)));
        });

    [Fact]
    public void Ranges_agree_with_an_array() =>
        Gen.Select(Gen.Int[0, Size], Gen.Int[0, Size]).Sample((first, end) =>
            AssertSame([.. Enumerable.Range(0, Size).Select(i => i >= first && i < end)], Bits512.Range(first, end)));

    [Fact]
    public void Places_of_a_value_agree_with_an_array() =>
        Gen.Select(Plane, Gen.Byte).Sample((plane, value) =>
            AssertSame(plane, Bits512.WhereEqual(plane.Select(set => set ? value : (byte)~value).ToArray(), value)));

    [Fact]
    public void None_and_all_are_what_they_say()
    {
        Assert.Equal((0, true, false), (Bits512.None.Count(), Bits512.None.IsEmpty, Bits512.None.IsFull));
        Assert.Equal((512, false, true), (Bits512.All.Count(), Bits512.All.IsEmpty, Bits512.All.IsFull));
    }

    [Fact]
    public void The_span_is_the_plane_itself()
    {
        Bits512 bits = default;
        bits.AsSpan()[3] = 1UL << 5;
        Assert.Equal(Bits512.Single((3 * 64) + 5), bits);
    }

    private static Bits512 ToBits(bool[] plane)
    {
        Bits512 bits = default;
        for (int index = 0; index < Size; index++)
        {
            if (plane[index])
            {
                bits[index >> 6] |= 1UL << (index & 63);
            }
        }

        return bits;
    }

    private static bool[] Zip(bool[] left, bool[] right, Func<bool, bool, bool> combine) => [.. left.Zip(right, combine)];

    private static void AssertSame(bool[] expected, Bits512 actual)
    {
        for (int index = 0; index < Size; index++)
        {
            Assert.Equal(expected[index], (actual[index >> 6] & (1UL << (index & 63))) != 0);
        }
    }
}
