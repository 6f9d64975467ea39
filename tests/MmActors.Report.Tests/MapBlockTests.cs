using System.Collections.Immutable;
using MmActors.Experiments.Html.Charts;
using MmActors.Experiments.Recording;
using MmActors.Model.AddressSpaces;

namespace MmActors.Report.Tests;

/// <summary>How ranges become blocks of a map.</summary>
public class MapBlockTests
{
    [Fact]
    public void Equal_neighbours_are_one_block()
    {
        var blocks = MapBlock.Of(Lane("..hh", "..hh", ".hhh")).OrderBy(static block => (block.FirstRow, block.First)).ToArray();
        Assert.Equal(
            [
                new MapBlock(0, 2, 0, 2, PageState.Small), new MapBlock(0, 2, 2, 4, PageState.Huge),
                new MapBlock(2, 3, 0, 1, PageState.Small), new MapBlock(2, 3, 1, 4, PageState.Huge),
            ],
            blocks);
    }

    [Theory] // '-' is before the region is mapped or after its task has exited
    [InlineData("-..lls", "--.lll", "------", "h.h.h-")]
    [InlineData("....", "h..h", "....")]
    [InlineData("l")]
    public void Blocks_cover_every_cell_once(params string[] rows)
    {
        var lane = Lane(rows);
        var covered = new PageState?[rows.Length, rows[0].Length];
        foreach (var block in MapBlock.Of(lane))
        {
            for (var row = block.FirstRow; row < block.RowBehind; row++)
            {
                for (var sample = block.First; sample < block.Behind; sample++)
                {
                    Assert.Null(covered[row, sample]);
                    covered[row, sample] = block.State;
                }
            }
        }

        Assert.All(
            Enumerable.Range(0, rows.Length).SelectMany(row => Enumerable.Range(0, rows[0].Length).Select(sample => (row, sample))),
            cell => Assert.Equal(lane.Cells[cell.row][cell.sample], covered[cell.row, cell.sample]));
    }

    [Theory] // the largest share decides; of equal ones, present before lazyfree before swapped before nothing
    [InlineData(true, 0, 0, 0, PageState.Huge)]
    [InlineData(false, 512, 0, 0, PageState.Small)]
    [InlineData(false, 1, 511, 0, PageState.Lazyfree)]
    [InlineData(false, 100, 100, 312, PageState.Swapped)]
    [InlineData(false, 1, 0, 0, PageState.None)]
    [InlineData(false, 256, 0, 256, PageState.Small)]
    [InlineData(false, 256, 0, 0, PageState.Small)]
    public void A_range_is_what_most_of_it_is(bool isHuge, int small, int lazyfree, int swapped, PageState state) =>
        Assert.Equal(state, WatchedRegion.StateOf(new RangeShares(isHuge, small, lazyfree, swapped)));

    [Theory] // eight pages stand for a range of which no more were ever used
    [InlineData(8, 0, 0, PageState.Small)]
    [InlineData(1, 7, 0, PageState.Lazyfree)]
    [InlineData(1, 0, 3, PageState.None)]
    [InlineData(0, 0, 4, PageState.Swapped)]
    public void A_sparse_range_is_judged_by_the_pages_it_uses(int small, int lazyfree, int swapped, PageState state) =>
        Assert.Equal(state, WatchedRegion.StateOf(new RangeShares(false, small, lazyfree, swapped), used: 8));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(1.9, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 3)]
    [InlineData(9.9, 3)]
    [InlineData(10, 4)]
    [InlineData(410, 8)]
    [InlineData(1_000_000, 19)]
    public void Durations_fall_into_buckets_of_1_2_and_5(double microseconds, int bucket) =>
        Assert.Equal(bucket, HistogramChart.Bucket(TimeSpan.FromTicks((long)(microseconds * TimeSpan.TicksPerMicrosecond))));

    private static MapLane Lane(params string[] rows) => new(
        "task", "buf", 0, rows.Length, 1,
        [.. rows.Select(static row => row.Select(static letter => letter switch
        {
            '-' => (PageState?)null,
            '.' => PageState.Small,
            'h' => PageState.Huge,
            'l' => PageState.Lazyfree,
            _ => PageState.Swapped,
        }).ToImmutableArray())]);
}
