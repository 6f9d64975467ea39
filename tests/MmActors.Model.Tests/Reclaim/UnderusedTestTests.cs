using CsCheck;
using MmActors.Model.Memory;
using MmActors.Model.Reclaim;

namespace MmActors.Model.Tests.Reclaim;

public class UnderusedTestTests
{
    /// <summary>Nonzero pages of the ten recorded THPs (surprise 5; the second 64 were spread).</summary>
    internal static readonly int[] NonzeroOfTheTen = [0, 1, 64, 64, 102, 103, 104, 256, 448, 512];

    [Theory] // DS-16
    [InlineData(511, 0)]
    [InlineData(409, 5)]
    [InlineData(64, 8)]
    public void DS_16_the_recorded_THPs_are_split(int maxPtesNone, int split) =>
        Assert.Equal(split, NonzeroOfTheTen.Count(filled => UnderusedTest.IsUnderused(Thp(filled), maxPtesNone, out _)));

    [Theory] // DS-16: more than m zero pages
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(409)]
    [InlineData(510)]
    public void DS_16_the_limit_is_strict(int maxPtesNone)
    {
        Assert.True(UnderusedTest.IsUnderused(Thp(512 - maxPtesNone - 1), maxPtesNone, out _));
        Assert.False(UnderusedTest.IsUnderused(Thp(512 - maxPtesNone), maxPtesNone, out _));
    }

    [Fact] // DS-16
    public void DS_16_where_the_zero_pages_lie_does_not_matter()
    {
        byte[] spread = new byte[512];
        for (int i = 0; i < 64; i++)
        {
            spread[i * 8] = 1;
        }

        Assert.True(UnderusedTest.IsUnderused(spread, 409, out _));
        Assert.True(UnderusedTest.IsUnderused(spread, 447, out _));
        Assert.False(UnderusedTest.IsUnderused(spread, 448, out _));
    }

    [Fact] // DS-16, DS-18
    public void DS_16_the_walk_ends_as_soon_as_the_answer_is_certain()
    {
        UnderusedTest.IsUnderused(Thp(0), 409, out int allZero);
        UnderusedTest.IsUnderused(Thp(512), 409, out int allFilled);
        UnderusedTest.IsUnderused(Thp(102), 409, out int last);
        UnderusedTest.IsUnderused(Thp(512), 511, out int off);
        Assert.Equal((410, 103, 512, 0), (allZero, allFilled, last, off));
    }

    [Fact] // DS-16, DS-18
    public void DS_16_the_answer_and_the_pages_examined_are_those_of_a_walk() =>
        Gen.Select(Gen.Byte[0, 3].Array[512], Gen.Int[0, 3], Gen.Int[0, 511]).Sample((tags, filledFrom, maxPtesNone) =>
        {
            byte[] contents = [.. tags.Select(tag => tag >= filledFrom ? tag : (byte)0)];
            Assert.Equal(
                (Walk(contents, maxPtesNone, out int walked), walked),
                (UnderusedTest.IsUnderused(contents, maxPtesNone, out int examined), examined));
        });

    [Fact]
    public void A_part_of_a_THP_is_refused() =>
        Assert.Throws<InvariantException>(() => UnderusedTest.IsUnderused(new byte[511], 409, out _));

    /// <summary>The rule as it is written: page by page, until the answer is certain.</summary>
    private static bool Walk(byte[] contents, int maxPtesNone, out int examined)
    {
        int zeros = 0;
        for (examined = 1; maxPtesNone < 511 && examined <= 512; examined++)
        {
            zeros += contents[examined - 1] == 0 ? 1 : 0;
            if (zeros > maxPtesNone || examined - zeros >= 512 - maxPtesNone)
            {
                return zeros > maxPtesNone;
            }
        }

        examined = 0;
        return false;
    }

    /// <summary>A THP whose first pages are filled.</summary>
    internal static byte[] Thp(int filled)
    {
        byte[] tags = new byte[512];
        tags.AsSpan(0, filled).Fill(7);
        return tags;
    }
}
