using System.Collections.Immutable;
using MmActors.Experiments.Recording;
using MmActors.Experiments.Rendering;
using OxyPlot;
using OxyPlot.Series;

namespace MmActors.Experiments.Html.Charts;

/// <summary>The evictable LRU lists of the node, stacked, and its free memory, over time.</summary>
internal static class MemoryChart
{
    private const double ListsHeight = 110;
    private const double FreeHeight = 60;
    private const double PagesPerMebibyte = 256;

    /// <summary>The lists from the bottom of the stack to its top, with the roles of their colours.</summary>
    public static readonly (string Role, string Words, Func<MemorySample, long> Pages)[] Lists =
    [
        ("anon-inactive", "inactive anon", static sample => sample.Lists.InactiveAnon),
        ("anon-active", "active anon", static sample => sample.Lists.ActiveAnon),
        ("lazyfree", "inactive file (lazyfree pages are here)", static sample => sample.Lists.InactiveFile),
        ("file-active", "active file", static sample => sample.Lists.ActiveFile),
    ];

    /// <summary>The charts' common ends of the axes, in MiB: lists and free memory.</summary>
    public static (double Lists, double Free) AxisEnds(IEnumerable<RunRecording> recordings)
    {
        MemorySample[] all = [.. recordings.SelectMany(static recording => recording.Memory)];
        return (Timed.AxisEnd(all.Select(static sample => sample.Lists.Total / PagesPerMebibyte).DefaultIfEmpty(0).Max()),
            Timed.AxisEnd(all.Select(static sample => sample.Free / PagesPerMebibyte).DefaultIfEmpty(0).Max()));
    }

    /// <summary>The chart of one run; null when nothing was recorded.</summary>
    public static Chart? Of(RunRecording recording, (double Lists, double Free) ends, string id, string label)
    {
        if (recording.Memory.IsEmpty)
        {
            return null;
        }

        var drawing = new Drawing([ListsHeight, FreeHeight]);
        drawing.AddTimeAxis(recording.End);
        drawing.AddLane("lists", "LRU lists, MiB", $"at most {Figures.Mebibytes(recording.Memory.Max(static sample => sample.Lists.Total))}", ends.Lists, isDownward: false);
        drawing.AddLane("free", "free memory, MiB", $"at least {Figures.Mebibytes(recording.Memory.Min(static sample => sample.Free))}", ends.Free, isDownward: false);
        for (var i = 0; i < Lists.Length; i++)
        {
            var below = i;
            AddArea(drawing, "lists", Lists[i].Role, recording,
                sample => Lists[..below].Sum(list => list.Pages(sample)), sample => Lists[..(below + 1)].Sum(list => list.Pages(sample)));
        }

        AddArea(drawing, "free", "free", recording, static _ => 0, static sample => sample.Free);
        return new Chart(drawing.ToSvg(id, label), Data(recording));
    }

    private static void AddArea(
        Drawing drawing, string key, string role, RunRecording recording, Func<MemorySample, long> bottom, Func<MemorySample, long> top)
    {
        if (recording.Memory.All(sample => top(sample) == bottom(sample)))
        {
            return;
        }

        var area = new AreaSeries { YAxisKey = key, Fill = Ink.Of(role), StrokeThickness = 0, Color = Ink.Of(role), Color2 = Ink.Of(role) };
        foreach (var sample in recording.Memory)
        {
            area.Points.Add(new DataPoint(sample.Time.TotalSeconds, top(sample) / PagesPerMebibyte));
            area.Points2.Add(new DataPoint(sample.Time.TotalSeconds, bottom(sample) / PagesPerMebibyte));
        }

        drawing.Model.Series.Add(area);
    }

    /// <summary>The samples, those left out that repeat the one before.</summary>
    private static Table Data(RunRecording recording) => new(
        [new("t s"), new("inactive_anon"), new("active_anon"), new("inactive_file"), new("active_file"), new("free")],
        [.. recording.Memory.Where((sample, i) => i == 0 || sample with { Time = recording.Memory[i - 1].Time } != recording.Memory[i - 1])
            .Select(sample => (ImmutableArray<string>)
            [
                recording.Seconds(sample.Time.TotalSeconds), .. Lists.Select(list => Figures.Count(list.Pages(sample))), Figures.Count(sample.Free),
            ])]);
}
