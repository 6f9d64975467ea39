using MmActors.Experiments.Recording;

namespace MmActors.Experiments.Html.Charts;

/// <summary>Neighbouring rows of a region that were in one state for the same time.</summary>
/// <param name="FirstRow">First row.</param>
/// <param name="RowBehind">Row behind the last.</param>
/// <param name="First">First sample.</param>
/// <param name="Behind">Sample behind the last.</param>
/// <param name="State">The state.</param>
internal sealed record MapBlock(int FirstRow, int RowBehind, int First, int Behind, PageState State)
{
    /// <summary>All blocks of a region, from its first range on.</summary>
    public static IEnumerable<MapBlock> Of(MapLane lane)
    {
        List<MapBlock> above = [];
        for (var row = 0; row < lane.Cells.Length; row++)
        {
            List<MapBlock> here = [];
            foreach (var run in Runs(lane, row))
            {
                var same = above.FirstOrDefault(block => block.First == run.First && block.Behind == run.Behind && block.State == run.State);
                here.Add(same is null ? run : same with { RowBehind = row + 1 });
                above.Remove(same!);
            }

            foreach (var done in above)
            {
                yield return done;
            }

            above = here;
        }

        foreach (var done in above)
        {
            yield return done;
        }
    }

    /// <summary>Simulated seconds: a sample stands for the time since the one before it.</summary>
    public (double From, double To) Times(RunRecording recording) => (
        First * recording.Interval.TotalSeconds, Math.Min(Behind * recording.Interval.TotalSeconds, recording.End.TotalSeconds));

    /// <summary>Number of its first 2 MiB window.</summary>
    public int FirstWindow(MapLane lane) => FirstRow * lane.WindowsPerRow;

    /// <summary>Number of the window behind its last.</summary>
    public int WindowBehind(MapLane lane) => Math.Min(lane.Windows, RowBehind * lane.WindowsPerRow);

    private static IEnumerable<MapBlock> Runs(MapLane lane, int row)
    {
        var cells = lane.Cells[row];
        for (var first = 0; first < cells.Length;)
        {
            var behind = first + 1;
            while (behind < cells.Length && cells[behind] == cells[first])
            {
                behind++;
            }

            if (cells[first] is { } state)
            {
                yield return new MapBlock(row, row + 1, first, behind, state);
            }

            first = behind;
        }
    }
}
