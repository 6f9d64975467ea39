using System.Collections.Immutable;
using MmActors.Experiments.Html.Charts;
using MmActors.Experiments.Recording;
using MmActors.Experiments.Rendering;

namespace MmActors.Experiments.Html;

/// <summary>The sections with charts: each says in a line how it is read and has its data as tables.</summary>
internal sealed class ChartSections(Markup markup, ReportPageInput page, ReportInput input, Answer answer)
{
    private readonly ImmutableArray<(string Variant, RunRecording Recording)> _recordings = answer.Ordered(page.Recordings);

    /// <summary>Adds the sections that have something to show.</summary>
    public void Write()
    {
        MemoryMap();
        Budget();
        Comparison();
        Memory();
        Histograms();
    }

    private void MemoryMap()
    {
        var leftOut = _recordings.Sum(static one => one.Recording.LanesLeftOut);
        var coarse = _recordings.SelectMany(static one => one.Recording.Lanes).Any(static lane => lane.WindowsPerRow > 1);
        Section("map", "Memory over time",
            "Each band is one task's memory: its 2 MiB ranges from top to bottom, simulated time from left to right. The thin upright marks are "
                + "khugepaged's cursor: solid where it made ranges huge, hollow where it spent budget and left them as they were."
                + (coarse ? $" Of a region with more than {RunRecorder.MostRows} ranges a row shows the first of several." : "")
                + (leftOut == 0 ? "" : $" {leftOut} smaller regions are left out.") + Idle(),
            [
                .. Timed.States.Select(static state => (state.Role, state.Words)), ("mark-solid", "khugepaged collapsed it"),
                ("mark-hollow", "khugepaged left it as it was"), ("mark-thin", "already huge"),
            ],
            (recording, id, variant) => MemoryMapChart.Of(recording, id, $"Memory map of {variant}"),
            "State of every range over time",
            recording => ("khugepaged's looks in order", MemoryMapChart.Looks(recording)));
    }

    /// <summary>Of a scenario made for exploring most of the time is for the searches' stragglers: nothing happens in it.</summary>
    private string Idle() => _recordings.Max(static one => one.Recording.IdleFrom) is { } idle
        ? $" The last task had exited at {Figures.Span(idle)}; the rest of the run is not drawn." : "";

    private void Budget()
    {
        var end = BudgetChart.AxisEnd(_recordings.Select(static one => one.Recording), input.Shown);
        Section("budget", "Where khugepaged's budget went",
            "Each bar is what one task's ranges were charged within a slice of time, in pages of scan budget; its colour says what came of it. The same time axis "
                + "as above. VISITs and stepped-over VMAs (1 page each) are not drawn.",
            BudgetChart.Legend(_recordings.Select(static one => one.Recording)),
            (recording, id, variant) => BudgetChart.Of(recording, input.Shown, end, id, $"Scan budget by task over time, {variant}"),
            "Budget by task and status over time");
    }

    private void Memory()
    {
        var ends = MemoryChart.AxisEnds(_recordings.Select(static one => one.Recording));
        Section("memory", "LRU lists and free memory",
            "Stacked: how many MiB lie on each list that reclaim takes pages from; pages given back with MADV_FREE move to the inactive file list. Below: free memory of the node.",
            [.. MemoryChart.Lists.Select(static list => (list.Role, list.Words)), ("free", "free")],
            (recording, id, variant) => MemoryChart.Of(recording, ends, id, $"LRU lists and free memory over time, {variant}"),
            "Lists and free memory in pages, where they change");
    }

    private void Comparison()
    {
        if (input.Result.Variants.IsEmpty)
        {
            return;
        }

        markup.Raw("<section id=\"comparison\">").Element("h2", SeedSection.Title(input))
            .Element("p class=\"guide\"", SeedSection.Guide(input))
            .Grid(SeedSection.Table(input), "mm");
        if (!input.MoreSeeds.IsEmpty)
        {
            markup.Raw("<details><summary>Means and confidence intervals</summary>").Grid(SeedSection.Intervals(input)).Raw("</details>");
        }

        markup.Raw("</section>");
    }

    private void Histograms()
    {
        ImmutableArray<(string, ImmutableArray<TimeSpan>)> Durations(Func<RunRecording, ImmutableArray<TimeSpan>> of) =>
            [.. _recordings.Select(one => (one.Variant, of(one.Recording)))];

        var collapses = HistogramChart.Of(
            Durations(static recording => recording.Collapses), "duration of one collapse", "collapses", "Histogram of collapse durations per variant");
        var stalls = HistogramChart.Of(
            Durations(static recording => recording.Stalls), "duration of one stall", "stalls", "Histogram of stalls per variant");
        if (collapses is null && stalls is null)
        {
            return;
        }

        markup.Raw("<section id=\"durations\">").Element("h2", "Collapses and stalls")
            .Element("p class=\"guide\"", "How many of each duration, in buckets of 1, 2 and 5. A collapse counts from isolating its pages to its end: so long mmap_lock is held for "
                + "write. A stall is a task's wait for mmap_lock; that of a collapse is none.")
            .Raw("<div class=\"pair\">");
        Figure("collapses", collapses, "durations of collapses");
        Figure("stalls", stalls, "durations of stalls");
        markup.Raw("</div></section>");
    }

    private void Section(
        string id, string title, string guide, IEnumerable<(string Role, string Words)> legend, Func<RunRecording, string, string, Chart?> chart,
        string dataTitle, Func<RunRecording, (string Title, Table Data)>? more = null)
    {
        var charts = _recordings.Select((one, i) => (one.Variant, one.Recording, Chart: chart(one.Recording, $"{id}{i}", one.Variant)))
            .Where(static one => one.Chart is not null).ToArray();
        if (charts.Length == 0)
        {
            return;
        }

        markup.Raw($"<section id=\"{id}\">").Element("h2", title).Element("p class=\"guide\"", guide);
        markup.Raw($"<p class=\"legend\">{string.Concat(legend.Select(static entry =>
            $"<span><i class=\"{entry.Role}\"></i>{Markup.Escape(entry.Words)}</span>"))}</p>");
        markup.Raw($"<div class=\"{(charts.Length == 1 ? "single" : "pair")}\">");
        foreach (var (variant, recording, drawn) in charts)
        {
            markup.Raw($"<figure><figcaption>{Markup.Escape(variant)} <small>{Markup.Escape(Switches(variant))}</small></figcaption>").Raw(drawn!.Svg)
                .Raw($"<details><summary>{Markup.Escape(dataTitle)}</summary>").Grid(drawn.Data).Raw("</details>");
            if (more?.Invoke(recording) is { } further)
            {
                markup.Raw($"<details><summary>{Markup.Escape(further.Title)}</summary>").Grid(further.Data).Raw("</details>");
            }

            markup.Raw("</figure>");
        }

        markup.Raw("</div></section>");
    }

    /// <summary>What a name such as "both" stands for.</summary>
    private string Switches(string variant)
    {
        var result = input.Result.Variants.First(candidate => candidate.Name == variant);
        return $"{result.Preset}, charging: {SwitchWords.Of(result.Switches.Charging)}, lazyfree: {SwitchWords.Of(result.Switches.Lazyfree)}";
    }

    private void Figure(string title, Chart? chart, string dataTitle)
    {
        if (chart is not null)
        {
            markup.Raw("<figure>").Element("figcaption", title).Raw(chart.Svg)
                .Raw($"<details><summary>{Markup.Escape($"Data: {dataTitle}")}</summary>").Grid(chart.Data).Raw("</details></figure>");
        }
    }
}
