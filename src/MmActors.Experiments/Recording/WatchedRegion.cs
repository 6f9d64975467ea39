using System.Collections.Immutable;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Units;

namespace MmActors.Experiments.Recording;

/// <summary>A region whose ranges a recorder looks at, in whole 2 MiB windows from <see cref="Start"/> to
/// <see cref="End"/>.</summary>
internal sealed class WatchedRegion
{
    private readonly PageState?[][] _cells;
    private readonly int[] _most;
    private readonly int _windowsPerRow;

    /// <summary>Watches a region of an mm from now on.</summary>
    /// <param name="mm">The mm.</param>
    /// <param name="name">Name of the region.</param>
    /// <param name="start">Its first window.</param>
    /// <param name="end">Behind its last.</param>
    /// <param name="samples">How many samples at most.</param>
    /// <param name="isSparse">Whether its program may use a few pages of each range only, which then stand for the range.</param>
    public WatchedRegion(int mm, string name, long start, long end, int samples, bool isSparse)
    {
        Mm = mm;
        Name = name;
        Start = start;
        End = end;
        _windowsPerRow = ((Windows - 1) / RunRecorder.MostRows) + 1;
        _cells = [.. Enumerable.Range(0, ((Windows - 1) / _windowsPerRow) + 1).Select(_ => new PageState?[samples])];
        _most = new int[_cells.Length];
        Array.Fill(_most, isSparse ? 0 : Geometry.PtesPerTable);
    }

    public int Mm { get; }

    public string Name { get; }

    public long Start { get; }

    public long End { get; }

    public int Windows => (int)((End - Start) >> Geometry.PmdShift);

    /// <summary>Its task has exited.</summary>
    public bool IsGone { get; set; }

    public bool Contains(int mm, long address) => mm == Mm && address >= Start && address < End;

    public int RowOf(long address) => (int)((address - Start) >> Geometry.PmdShift) / _windowsPerRow;

    /// <summary>Takes down the first window of every row.</summary>
    public void Sample(Mm space, int column)
    {
        for (int row = 0; row < _cells.Length; row++)
        {
            long range = Start + ((long)row * _windowsPerRow << Geometry.PmdShift);
            RangeShares shares = RangeImages.SharesOf(space, range);
            _most[row] = Math.Max(_most[row], shares.IsHuge ? Geometry.PtesPerTable : shares.Small + shares.Lazyfree + shares.Swapped);
            _cells[row][column] = StateOf(shares, _most[row]);
        }
    }

    public MapLane ToLane(string task, int samples) => new(
        task, Name, Start, Windows, _windowsPerRow, [.. _cells.Select(row => row[..samples].ToImmutableArray())]);

    /// <summary>What most of the range is; of equal shares the one that holds memory.</summary>
    /// <param name="range">The pages.</param>
    /// <param name="used">How many of them stand for the range.</param>
    internal static PageState StateOf(in RangeShares range, int used = Geometry.PtesPerTable)
    {
        if (range.IsHuge)
        {
            return PageState.Huge;
        }

        ReadOnlySpan<(PageState State, int Pages)> shares =
        [
            (PageState.Small, range.Small), (PageState.Lazyfree, range.Lazyfree), (PageState.Swapped, range.Swapped),
            (PageState.None, used - range.Small - range.Lazyfree - range.Swapped),
        ];
        (PageState State, int Pages) most = shares[0];
        foreach ((PageState State, int Pages) share in shares)
        {
            most = share.Pages > most.Pages ? share : most;
        }

        return most.State;
    }
}
