using System.Collections.Immutable;
using MmActors.Experiments.Recording;
using MmActors.Experiments.Rendering;
using MmActors.Model;
using OxyPlot;
using OxyPlot.Series;

namespace MmActors.Experiments.Html.Charts;

/// <summary>Ranges from top to bottom, time from left to right, colour is what most of a range is; khugepaged's cursor is a mark over
/// the ranges it looked at.</summary>
internal static class MemoryMapChart
{
    private const double RowHeight = 4;
    private const double LeastHeight = 30;
    private const double MostHeight = 102.4;
    private const double MarkWidth = 3.2;

    /// <summary>The chart of one run; null when nothing was recorded.</summary>
    public static Chart? Of(RunRecording recording, string id, string label)
    {
        if (recording.Lanes.IsEmpty || recording.Memory.IsEmpty)
        {
            return null;
        }

        var drawing = new Drawing(recording.Lanes.Select(static lane => Math.Clamp(RowHeight * lane.Cells.Length, LeastHeight, MostHeight)));
        drawing.AddTimeAxis(recording.End);
        var blocks = recording.Lanes.Select(static lane => MapBlock.Of(lane).ToImmutableArray()).ToArray();
        for (var i = 0; i < recording.Lanes.Length; i++)
        {
            var lane = recording.Lanes[i];
            var key = $"lane{i}";
            drawing.AddLane(key, TitleOf(recording, lane), NoteOf(lane), lane.Windows, isDownward: true);
            AddStates(drawing, key, lane, blocks[i], recording);
            AddLooks(drawing, key, lane, [.. recording.Looks.Where(look => look.Lane == i)], recording);
        }

        return new Chart(drawing.ToSvg(id, label), Data(recording, blocks));
    }

    /// <summary>khugepaged's looks, those that follow each other in one region with one result in one row.</summary>
    public static Table Looks(RunRecording recording)
    {
        List<(Look First, Look Last, int Count, long Pages)> rows = [];
        foreach (var look in recording.Looks)
        {
            if (rows is [.., var last] && last.First.Lane == look.Lane && last.First.Status == look.Status
                && look.Time - last.Last.Time < recording.Interval)
            {
                rows[^1] = (last.First, look, last.Count + look.Ranges, last.Pages + look.Charge);
            }
            else
            {
                rows.Add((look, look, look.Ranges, look.Charge));
            }
        }

        return new Table(
            [new("t s"), new("region", IsFigure: false), new("result", IsFigure: false), new("looks"), new("pages charged")],
            [.. rows.Select(row => (ImmutableArray<string>)
            [
                Figures.Fixed(row.First.Time.TotalSeconds, recording.Interval < TimeSpan.FromMilliseconds(1) ? 5 : 3), TitleOf(recording, recording.Lanes[row.First.Lane]), row.First.Status.Text(),
                Figures.Count(row.Count), Figures.Count(row.Pages),
            ])]);
    }

    private static string TitleOf(RunRecording recording, MapLane lane) =>
        recording.Lanes.Count(other => other.Task == lane.Task) == 1 ? lane.Task : $"{lane.Task}/{lane.Region}";

    private static string NoteOf(MapLane lane)
    {
        var most = Enumerable.Range(0, lane.Cells[0].Length).Max(column => lane.Cells.Count(row => row[column] == PageState.Huge));
        return most == 0 ? "never huge" : $"at most {most} of {lane.Cells.Length} {(lane.WindowsPerRow == 1 ? "ranges" : "rows")} huge";
    }

    private static void AddStates(Drawing drawing, string key, MapLane lane, ImmutableArray<MapBlock> blocks, RunRecording recording)
    {
        var boxes = Timed.Boxes(key);
        foreach (var block in blocks)
        {
            var (from, to) = block.Times(recording);
            boxes.Items.Add(new RectangleBarItem(from, block.FirstWindow(lane), to, block.WindowBehind(lane))
            {
                Color = Ink.Of(Timed.States.First(state => state.State == block.State).Role),
            });
        }

        drawing.Model.Series.Add(boxes);
    }

    /// <summary>One mark for the rows one look after another met in one column; solid where they were collapsed, hollow where they were
    /// refused, a hair where they were huge already.</summary>
    private static void AddLooks(Drawing drawing, string key, MapLane lane, ImmutableArray<Look> looks, RunRecording recording)
    {
        var solid = Timed.Boxes(key);
        var hollow = Timed.Boxes(key, Ink.Text);
        var width = MarkWidth * drawing.PerUnit;
        foreach (var column in looks.GroupBy(look => look.Time.Ticks / recording.Interval.Ticks))
        {
            var x = column.First().Time.TotalSeconds;
            var rows = column.SelectMany(static look => Enumerable.Range(look.Row, look.RowBehind - look.Row), static (look, row) => (Row: row, look.Kind))
                .GroupBy(static look => look.Row).OrderBy(static row => row.Key)
                .Select(static row => (Row: row.Key, Kind: row.Max(static look => look.Kind))).ToArray();
            for (var i = 0; i < rows.Length;)
            {
                var (first, kind) = rows[i];
                var next = first;
                for (; i < rows.Length && rows[i].Row == next && rows[i].Kind == kind; i++)
                {
                    next++;
                }

                var half = (kind == LookKind.AlreadyHuge ? 0.3 : 0.5) * width;
                var behind = Math.Min(lane.Windows, next * lane.WindowsPerRow);
                (kind == LookKind.Refused ? hollow : solid).Items.Add(new RectangleBarItem(x - half, first * lane.WindowsPerRow, x + half, behind)
                {
                    Color = kind switch
                    {
                        LookKind.Collapsed => Ink.Text,
                        LookKind.Refused => Ink.Page,
                        _ => OxyColor.FromAColor(110, Ink.Text),
                    },
                });
            }
        }

        drawing.Model.Series.Add(solid);
        drawing.Model.Series.Add(hollow);
    }

    private static Table Data(RunRecording recording, ImmutableArray<MapBlock>[] blocks) => new(
        [
            new("region", IsFigure: false), new("first range"), new("last range"), new("from s"), new("to s"),
            new("state", IsFigure: false),
        ],
        [.. recording.Lanes.SelectMany((lane, i) => blocks[i].Select(block =>
        {
            var (from, to) = block.Times(recording);
            return (ImmutableArray<string>)
            [
                TitleOf(recording, lane), Figures.Count(block.FirstWindow(lane)), Figures.Count(block.WindowBehind(lane) - 1),
                recording.Seconds(from), recording.Seconds(to), Timed.States.First(state => state.State == block.State).Words,
            ];
        }))]);
}
