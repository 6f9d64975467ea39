using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MmActors.Experiments.Validation;

namespace MmActors.Experiments.Rendering;

/// <summary>Recorded runs against the simulator: scores, first differences, and both event sequences side by side.</summary>
public static class ScoreboardReport
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n" };

    /// <summary>Scores summed over runs, category by category.</summary>
    public static ImmutableArray<CategoryScore> Total(IEnumerable<ValidatedRun> runs)
    {
        ImmutableArray<CategoryScore> all = [.. runs.SelectMany(static run => run.Scores)];
        return [.. Categories.Names.Select(name => new CategoryScore(
            name,
            all.Where(score => score.Name == name).Sum(static score => score.Matched),
            all.Where(score => score.Name == name).Sum(static score => score.Total)))];
    }

    /// <summary>The scoreboard and the first difference of each run.</summary>
    /// <param name="runs">The runs, in the order they are shown.</param>
    /// <param name="isPartial">Not all runs were compared: interrupted.</param>
    public static Report Scoreboard(IReadOnlyList<ValidatedRun> runs, bool isPartial)
    {
        List<ReportBlock> blocks = [new Heading(1, $"mmactors validate: {Figures.Plural(runs.Count, "recorded run")} against the simulator")];
        if (isPartial)
        {
            blocks.Add(new Paragraph("PARTIAL RESULT: interrupted; only these runs were compared."));
        }

        blocks.Add(new Paragraph("Matched of compared. Times of operations and of khugepaged's wakes are the recording's; everything else is computed."));
        blocks.Add(new Table(
            [new("run", IsFigure: false), .. Categories.Names.Select(static name => new Column(name))],
            [.. runs.Select(static run => Row(run.Name, run.Scores)), Row("all", Total(runs)), Shares(Total(runs))]));
        blocks.Add(new Heading(2, "First difference of each run"));
        blocks.Add(new Statements([.. runs.Select(First)]));
        ImmutableArray<string> raced = [.. runs.Where(static run => run.Race is not null).Select(Raced)];
        if (!raced.IsEmpty)
        {
            blocks.Add(new Heading(2, "Runs that a race decided"));
            blocks.Add(new Paragraph("From the moment reclaim, or a fault of another task, and khugepaged worked on the same pages, repeats of "
                + "a real kernel differ too (RN-22): what follows is not scored line by line but by what the run comes to (outcomes)."));
            blocks.Add(new Statements(raced));
        }

        int overlapping = runs.Sum(static run => run.Overlapping);
        if (overlapping > 0)
        {
            blocks.Add(new Paragraph($"Not compared: {Figures.Count(overlapping)} figures and windows of snapshots that the recorder read "
                + "while an operation or a pass was changing them (RN-11, RN-24)."));
        }

        return new Report(blocks);
    }

    /// <summary>The score of a user's own trace.</summary>
    public static Report OfTrace(ValidatedRun run) => new(
    [
        new Heading(1, $"mmactors validate: the trace {run.Name} against the simulator"),
        new Paragraph("Matched of compared: decisions and their order. Times are not compared; the simulator keeps its own."),
        new Table(
            [new("category", IsFigure: false), new("matched"), new("compared"), new("share")],
            [.. run.Scores.Where(static score => score.Total > 0).Select(static score => ImmutableArray.Create(
                score.Name, Figures.Count(score.Matched), Figures.Count(score.Total), score.Share.ToString("0.00%", CultureInfo.InvariantCulture)))]),
        new Heading(2, "First difference"),
        new Statements([First(run)]),
    ]);

    /// <summary>The aligned event sequences of one run, and all its differences.</summary>
    public static Report Explanation(ValidatedRun run)
    {
        ImmutableArray<AlignedLine> lines = run.Explain();
        return new Report(
        [
            new Heading(1, $"mmactors validate --explain {run.Name}"),
            new Table(
                [new("category", IsFigure: false), new("matched"), new("compared")],
                [.. run.Scores.Select(static score => ImmutableArray.Create(score.Name, Figures.Count(score.Matched), Figures.Count(score.Total)))]),
            new Heading(2, "Differences"),
            new Statements(run.Differences.IsEmpty
                ? ["None."] : [.. run.Differences.OrderBy(static difference => difference.Time).Select(Sentence)]),
            new Heading(2, "khugepaged's lines: = both, - only recorded, + only simulated"),
            new Statements([.. lines.Select(Aligned)]),
        ]);
    }

    /// <summary>One JSON document: <c>{runs: [{name, categories: {NAME: {matched, total}}, first_difference}], total: {…}}</c>.</summary>
    public static void WriteJson(TextWriter writer, IReadOnlyList<ValidatedRun> runs, bool isPartial)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteBoolean("partial", isPartial);
            json.WriteStartArray("runs");
            foreach (ValidatedRun run in runs)
            {
                json.WriteStartObject();
                json.WriteString("name", run.Name);
                WriteScores(json, "categories", run.Scores);
                json.WriteNumber("not_compared", run.Overlapping);
                if (run.Race is { } race)
                {
                    json.WriteNumber("race_t_s", Math.Round(race.TotalSeconds, 6));
                    WriteScores(json, "not_scored", [run.AfterRace]);
                }
                WriteDifference(json, run.First);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteScores(json, "total", Total(runs));
            json.WriteEndObject();
        }

        writer.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        writer.Write('\n');
    }

    /// <summary>One line a run and category, RFC 4180.</summary>
    public static void WriteCsv(TextWriter writer, IEnumerable<ValidatedRun> runs)
    {
        writer.Write("run,category,matched,total\r\n");
        foreach (ValidatedRun run in runs)
        {
            foreach (CategoryScore score in run.Scores)
            {
                writer.Write(string.Create(
                    CultureInfo.InvariantCulture, $"{ResultCsv.Field(run.Name)},{score.Name},{score.Matched},{score.Total}\r\n"));
            }
        }
    }

    private static void WriteScores(Utf8JsonWriter json, string name, ImmutableArray<CategoryScore> scores)
    {
        json.WriteStartObject(name);
        foreach (CategoryScore score in scores)
        {
            json.WriteStartObject(score.Name);
            json.WriteNumber("matched", score.Matched);
            json.WriteNumber("total", score.Total);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteDifference(Utf8JsonWriter json, Difference? first)
    {
        if (first is null)
        {
            json.WriteNull("first_difference");
            return;
        }

        json.WriteStartObject("first_difference");
        json.WriteString("category", first.Category);
        json.WriteNumber("t_s", Math.Round(first.Time.TotalSeconds, 6));
        json.WriteString("place", first.Place);
        json.WriteString("recorded", first.Recorded);
        json.WriteString("simulated", first.Simulated);
        json.WriteString("rule", first.Rule);
        json.WriteEndObject();
    }

    private static ImmutableArray<string> Row(string name, ImmutableArray<CategoryScore> scores) =>
        [name, .. scores.Select(static score => score.Total == 0
            ? "-" : string.Create(CultureInfo.InvariantCulture, $"{score.Matched}/{score.Total}"))];

    private static ImmutableArray<string> Shares(ImmutableArray<CategoryScore> scores) =>
        ["share", .. scores.Select(static score => score.Total == 0 ? "-" : score.Share.ToString("0.00%", CultureInfo.InvariantCulture))];

    private static string Raced(ValidatedRun run) => string.Create(CultureInfo.InvariantCulture,
        $"{run.Name}: at {run.Race!.Value.TotalSeconds:0.000} s; {run.AfterRace.Matched} of {run.AfterRace.Total} later comparisons match, in no score.");

    private static string First(ValidatedRun run) => run.First is { } first ? $"{run.Name}: {Sentence(first)}" : $"{run.Name}: none.";

    private static string Sentence(Difference difference) => string.Create(CultureInfo.InvariantCulture,
        $"{difference.Time.TotalSeconds:0.000} s, {difference.Category}, {difference.Place}: recorded {Quoted(difference.Recorded)}, "
        + $"simulated {Quoted(difference.Simulated)} ({difference.Rule})");

    private static string Quoted(string line) => line.Length == 0 ? "nothing" : $"'{line}'";

    private static string Aligned(AlignedLine line)
    {
        string time = string.Create(CultureInfo.InvariantCulture, $"{line.Time.TotalSeconds,9:0.000}");
        return line.Recorded == line.Simulated ? $"{time} = {line.Recorded}"
            : line.Simulated.Length == 0 ? $"{time} - {line.Recorded}"
            : line.Recorded.Length == 0 ? $"{time} + {line.Simulated}"
            : $"{time} - {line.Recorded} + {line.Simulated}";
    }
}
