using CsCheck;
using MmActors.Model.Memory;
using MmActors.Model.Reclaim;

namespace MmActors.Model.Tests.Reclaim;

public class SlabScanTests
{
    private static readonly Gen<(long Objects, long Deferred, int Priority, int Scans)> Looks =
        Gen.Select(Gen.Long[0, 2000], Gen.Long[0, 4000], Gen.Int[0, 12], Gen.Int[0, 40]);

    [Theory] // DS-10
    [InlineData(64, new long[] { 0, 0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128 })]
    [InlineData(20, new long[] { 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 10, 20, 40 })]
    [InlineData(4, new long[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 8 })]
    public void DS_10_delta_from_priority_12_to_0(long objects, long[] deltas) =>
        Assert.Equal(deltas, Enumerable.Range(0, 13).Select(i => new SlabScan(objects, 0, 12 - i).Delta));

    [Fact] // DS-10
    public void DS_10_sixty_four_THPs_are_scanned_at_priority_1()
    {
        List<(int Priority, long Total, long New)> rows = Descend(64, 0, out int scan);
        Assert.Equal([2, 6, 14, 30, 62], rows.Where(row => row.Priority is <= 6 and >= 2).Select(row => row.New));
        Assert.Equal((1, 95L), (rows[^1].Priority, rows[^1].Total));
        Assert.Equal(95, scan);
    }

    [Theory] // DS-10a
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    [InlineData(16, 1)]
    [InlineData(20, 1)]
    public void DS_10a_a_short_queue_is_nearly_last_in_line(long objects, int priority) =>
        Assert.Equal(priority, Descend(objects, 0, out _)[^1].Priority);

    [Fact] // DS-10b, surprise 24: (priority, delta, total, new)
    public void DS_10b_carry_over_fires_at_24()
    {
        (int Priority, long Delta, long Total, long New)[] recorded =
        [
            (4, 2, 2, 2), (4, 2, 2, 4), (4, 2, 2, 6), (3, 6, 6, 12), (2, 12, 15, 24), (4, 2, 3, 26), (3, 6, 9, 32),
            (2, 12, 20, 44), (5, 0, 1, 44), (4, 2, 4, 46), (3, 6, 11, 48),
        ];
        long deferred = 0;
        foreach ((int priority, long delta, long total, long expected) in recorded)
        {
            var slab = new SlabScan(24, deferred, priority);
            Assert.False(slab.TryNext(out _));
            deferred = slab.NewDeferred();
            Assert.Equal((delta, total, expected), (slab.Delta, slab.Total, deferred));
        }

        var fires = new SlabScan(24, deferred, 2);
        Assert.True(fires.TryNext(out int scan));
        Assert.Equal(24, scan);
        fires.Accept();
        Assert.False(fires.TryNext(out _));
        Assert.Equal(36, fires.NewDeferred());
    }

    [Theory] // DS-10c and the table of 3.7
    [InlineData(409, 8, 28)]
    [InlineData(511, 36, 0)]
    public void DS_10c_a_walk_that_splits_nothing_carries_everything_over(int maxPtesNone, long carried, long scanned)
    {
        var slab = new SlabScan(20, 16, 1);
        Assert.Equal((20L, 28L), (slab.Delta, slab.Total));
        Assert.True(slab.TryNext(out int scan));
        Assert.Equal(28, scan);
        if (Splits(maxPtesNone) > 0)
        {
            slab.Accept();
        }
        else
        {
            slab.Stop();
        }

        Assert.False(slab.TryNext(out _));
        Assert.Equal((carried, scanned), (slab.NewDeferred(), slab.Scanned));
    }

    [Theory] // DS-9, 3.7: every row of the first call, then sixteen calls in vain
    [InlineData(409, 8, 10)]
    [InlineData(511, 36, 0)]
    public void DS_9_twenty_THPs_without_swap_follow_the_table(int maxPtesNone, long carried, int split)
    {
        var write = new ReclaimWrite(256);
        var call = new ReclaimCall();
        var events = new List<(int Priority, long Total, long New)>();
        (int queue, int splits, int calls) = (20, 0, 0);
        long deferred = 0;
        while (!write.IsDone)
        {
            calls++;
            call.Begin(write.NextGoal, isMemcg: true);
            do
            {
                int before = queue;
                var slab = new SlabScan(before, deferred, call.Priority);
                while (slab.TryNext(out _))
                {
                    int found = queue == 0 ? 0 : Splits(maxPtesNone);
                    (queue, splits) = (0, splits + found);
                    Answer(ref slab, found > 0);
                }

                deferred = slab.NewDeferred();
                if (before > 0)
                {
                    events.Add((call.Priority, slab.Total, deferred));
                }
            }
            while (call.NextPriority());
            Assert.Equal(2, call.Pass);
            write.Add(call.Reclaimed);
        }

        Assert.Equal((17, true, 64L), (calls, write.Failed, write.NextGoal));
        Assert.Equal(split, splits);
        Assert.All(events.Take(8), row => Assert.Equal((0, 0), (row.Total, row.New)));
        Assert.Equal([(4, 2L, 2L), (3, 4L, 6L), (2, 11L, 16L), (1, 28L, carried)], events.Skip(8));
    }

    [Fact] // DS-9: the cap counts with the N of the moment
    public void DS_9_a_shrinking_queue_shrinks_the_carry_over() =>
        Assert.Equal((12, 10), (new SlabScan(6, 12, 12).NewDeferred(), new SlabScan(5, 12, 12).NewDeferred()));

    [Fact] // DS-9
    public void DS_9_an_empty_queue_keeps_the_carry_over()
    {
        var slab = new SlabScan(0, 36, 0);
        Assert.False(slab.TryNext(out _));
        Assert.Equal(36, slab.NewDeferred());
    }

    [Fact] // DS-8: drop_caches
    public void DS_8_one_look_at_priority_0_empties_a_short_queue()
    {
        var slab = new SlabScan(20, 0, 0);
        Assert.True(slab.TryNext(out int scan));
        Assert.Equal(40, scan);
        slab.Accept();
        Assert.False(slab.TryNext(out _));
        Assert.Equal(0, slab.NewDeferred());
    }

    [Fact] // DS-9: 600 = 4 × 128 + 88
    public void DS_9_a_long_queue_is_scanned_in_batches_of_128()
    {
        var slab = new SlabScan(300, 0, 0);
        for (int i = 0; i < 4; i++)
        {
            Assert.True(slab.TryNext(out int scan));
            Assert.Equal(128, scan);
            slab.Accept();
        }

        Assert.False(slab.TryNext(out _));
        Assert.Equal((512L, 88L), (slab.Scanned, slab.NewDeferred()));
    }

    [Fact]
    public void A_scan_is_accounted_once()
    {
        var slab = new SlabScan(20, 0, 0);
        Assert.Throws<InvariantException>(() => slab.Accept());
        Assert.True(slab.TryNext(out _));
        slab.Accept();
        Assert.Throws<InvariantException>(() => slab.Accept());
    }

    [Fact] // DS-9
    public void DS_9_what_is_not_scanned_is_carried_over_up_to_the_cap() => Looks.Sample(look =>
    {
        (long objects, long deferred, int priority, int scans) = look;
        var slab = new SlabScan(objects, deferred, priority);
        int made = 0;
        while (slab.TryNext(out int scan))
        {
            Assert.InRange(scan, 1, 128);
            Answer(ref slab, accept: made++ < scans);
        }

        Assert.InRange(slab.Scanned, 0, slab.Total);
        Assert.True(slab.Total <= 2 * objects);
        long carried = slab.NewDeferred();
        if (objects == 0)
        {
            Assert.Equal(deferred, carried);
            return;
        }

        Assert.Equal(Math.Min(deferred + slab.Delta - slab.Scanned, 2 * objects), carried);
        Assert.True(carried >= 0);
        if (made <= scans)
        {
            Assert.True(slab.Total - slab.Scanned < Math.Min(128, objects));
        }
    });

    private static void Answer(ref SlabScan slab, bool accept)
    {
        if (accept)
        {
            slab.Accept();
        }
        else
        {
            slab.Stop();
        }
    }

    /// <summary>Priorities 12, 11, … with their totals and carry-over, up to the one that is due.</summary>
    private static List<(int Priority, long Total, long New)> Descend(long objects, long deferred, out int scan)
    {
        var rows = new List<(int, long, long)>();
        for (int priority = 12; priority >= 0; priority--)
        {
            var slab = new SlabScan(objects, deferred, priority);
            bool due = slab.TryNext(out scan);
            deferred = slab.NewDeferred();
            rows.Add((priority, slab.Total, deferred));
            if (due)
            {
                return rows;
            }
        }

        throw new InvalidOperationException("the queue was never due");
    }

    /// <summary>The ten recorded THPs, each twice.</summary>
    private static int Splits(int maxPtesNone) => 2 * UnderusedTestTests.NonzeroOfTheTen
        .Count(filled => UnderusedTest.IsUnderused(UnderusedTestTests.Thp(filled), maxPtesNone, out _));
}
