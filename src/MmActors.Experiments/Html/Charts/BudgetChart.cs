using System.Collections.Immutable;
using MmActors.Experiments.Recording;
using MmActors.Experiments.Rendering;
using MmActors.Model;
using OxyPlot.Series;

namespace MmActors.Experiments.Html.Charts;

/// <summary>Pages charged to khugepaged's budget per slice of time, a lane per task, stacked by what came of it.</summary>
internal static class BudgetChart
{
    private const double LaneHeight = 44;

    /// <summary>Outcomes from the bottom of a stack to its top.</summary>
    private static readonly (string Role, Func<ScanResult, bool> Holds)[] Outcomes =
    [
        ("huge", static status => status == ScanResult.Succeed),
        ("lazyfree", static status => status == ScanResult.PageLazyfree),
        ("page", static status => status is not (ScanResult.Succeed or ScanResult.PageLazyfree or ScanResult.PmdMapped)),
        ("small", static status => status == ScanResult.PmdMapped),
    ];

    /// <summary>The outcomes that occurred, as a legend names them.</summary>
    public static IEnumerable<(string Role, string Words)> Legend(IEnumerable<RunRecording> recordings)
    {
        ScanResult[] met = [.. recordings.SelectMany(static recording => recording.Budget).Select(static entry => entry.Status).Distinct().Order()];
        foreach (var (role, holds) in Outcomes)
        {
            string[] statuses = [.. met.Where(holds).Select(static status => status.Text())];
            if (statuses.Length > 0)
            {
                yield return role switch
                {
                    "huge" => (role, "collapsed"),
                    "small" => (role, "already huge"),
                    "page" => ("hollow", $"left as it was: {Figures.And(statuses)}"),
                    _ => (role, $"left as it was: {Figures.And(statuses)}"),
                };
            }
        }
    }

    /// <summary>The charts' common end of the axis.</summary>
    public static double AxisEnd(IEnumerable<RunRecording> recordings, Func<string, string> shown) =>
        Timed.AxisEnd(recordings.SelectMany(recording => recording.Budget.GroupBy(entry => (entry.Slice, shown(entry.Task)))
            .Select(static group => (double)group.Sum(static entry => entry.Pages))).DefaultIfEmpty(0).Max());

    /// <summary>The chart of one run; null when nothing was charged.</summary>
    /// <param name="recording">The run.</param>
    /// <param name="shown">The name a task is shown under.</param>
    /// <param name="axisEnd">End of every lane's axis.</param>
    /// <param name="id">Unique in the page.</param>
    /// <param name="label">What it shows, for those who cannot see it.</param>
    public static Chart? Of(RunRecording recording, Func<string, string> shown, double axisEnd, string id, string label)
    {
        if (recording.Budget.IsEmpty || recording.End <= TimeSpan.Zero)
        {
            return null;
        }

        string[] tasks = [.. recording.Lanes.Select(lane => shown(lane.Task))
            .Concat(recording.Budget.Select(entry => shown(entry.Task))).Distinct()];
        var drawing = new Drawing(tasks.Select(static _ => LaneHeight));
        drawing.AddTimeAxis(recording.End);
        for (var i = 0; i < tasks.Length; i++)
        {
            BudgetSlice[] own = [.. recording.Budget.Where(entry => shown(entry.Task) == tasks[i])];
            drawing.AddLane($"lane{i}", tasks[i], $"{Figures.Count(own.Sum(static entry => entry.Pages))} pages charged", axisEnd, isDownward: false);
            AddStacks(drawing, $"lane{i}", own, recording);
        }

        return new Chart(drawing.ToSvg(id, label), Data(recording, shown));
    }

    private static void AddStacks(Drawing drawing, string key, BudgetSlice[] slices, RunRecording recording)
    {
        var plain = Timed.Boxes(key);
        var hollow = Timed.Boxes(key, Ink.Text);
        var length = recording.SliceLength.TotalSeconds;
        foreach (var slice in slices.GroupBy(static entry => entry.Slice))
        {
            double bottom = 0;
            foreach (var (role, holds) in Outcomes)
            {
                var pages = slice.Where(entry => holds(entry.Status)).Sum(static entry => entry.Pages);
                if (pages > 0)
                {
                    (role == "page" ? hollow : plain).Items.Add(new RectangleBarItem(
                        (slice.Key + 0.12) * length, bottom, (slice.Key + 0.88) * length, bottom + pages)
                    { Color = Ink.Of(role) });
                    bottom += pages;
                }
            }
        }

        drawing.Model.Series.Add(plain);
        drawing.Model.Series.Add(hollow);
    }

    private static Table Data(RunRecording recording, Func<string, string> shown) => new(
        [new("from s"), new("to s"), new("task", IsFigure: false), new("status", IsFigure: false), new("ranges"), new("pages charged")],
        [.. recording.Budget.GroupBy(entry => (entry.Slice, Task: shown(entry.Task), entry.Status)).Select(group => (ImmutableArray<string>)
        [
            recording.Seconds(group.Key.Slice * recording.SliceLength.TotalSeconds),
            recording.Seconds((group.Key.Slice + 1) * recording.SliceLength.TotalSeconds),
            group.Key.Task, group.Key.Status.Text(), Figures.Count(group.Sum(static entry => entry.Ranges)),
            Figures.Count(group.Sum(static entry => entry.Pages)),
        ])]);
}
