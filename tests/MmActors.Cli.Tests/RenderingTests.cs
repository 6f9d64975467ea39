using MmActors.Experiments.Rendering;
using MmActors.Experiments.Results;
using NJsonSchema;

namespace MmActors.Cli.Tests;

public class RenderingTests
{
    private const int Width = 110;

    [Fact]
    public void Text_report_of_the_default_experiment() =>
        GoldenFile.Check("compare.txt", Samples.Text(Reports.Comparison(Samples.Input())));

    [Fact]
    public void Markdown_report_has_the_content_of_the_text_report()
    {
        var markdown = new StringWriter();
        Reports.Comparison(Samples.Input()).WriteMarkdown(markdown);
        GoldenFile.Check("compare.md", markdown.ToString());
        Assert.Equal(Words(Samples.Text(Reports.Comparison(Samples.Input()))), Words(markdown.ToString()));
    }

    [Fact]
    public void Text_report_without_published_numbers_shows_end_states_and_full_scans()
    {
        var input = Samples.Input() with { Scenario = Samples.Scenario(published: false), Published = [] };
        GoldenFile.Check("compare-generic.txt", Samples.Text(Reports.Comparison(input)));
    }

    [Fact]
    public void Text_report_of_one_run() =>
        GoldenFile.Check("run.txt", Samples.Text(Reports.SingleRun(Samples.Input(Samples.Variant("both")))));

    [Fact]
    public void Lines_stay_within_the_width()
    {
        var text = Samples.Text(Reports.Comparison(Samples.Input()))
            + Samples.Text(Reports.SingleRun(Samples.Input(Samples.Variant("both"))));
        Assert.DoesNotContain(text.Split('\n'), line => line.Length > Width);
        Assert.DoesNotContain(text.Split('\n'), line => line.EndsWith(' '));
    }

    [Fact]
    public void A_table_that_is_too_wide_is_broken_and_repeats_its_keys()
    {
        var many = Enumerable.Range(1, 30).Select(i => Samples.Variant("both") with { Name = $"variant-{i}" });
        var text = Samples.Text(Reports.Comparison(Samples.Input([.. many])));
        Assert.DoesNotContain(text.Split('\n'), line => line.Length > Width);
        Assert.Contains("variant-30", text);
    }

    [Fact]
    public void Replicas_are_added_up_when_there_are_too_many_tasks_for_a_page()
    {
        var one = Samples.Variant("baseline");
        var many = one with
        {
            Tasks = [one.Tasks[0], .. Enumerable.Range(1, 50).Select(i => one.Tasks[1] with { Name = $"daemon-{i}" })],
            Timeline =
            [
                new(10, [new("hot1", 8), .. Enumerable.Range(1, 50).Select(i => new TaskHugeRanges($"daemon-{i}", 1))], []),
            ],
        };
        var input = Samples.Input(many) with { Scenario = Samples.Scenario(published: false), Published = [] };
        var text = Samples.Text(Reports.Comparison(input));
        Assert.Contains("51 tasks are shown as 2 rows", text);
        Assert.Contains("baseline  daemon x50       0/3200   6400.0", text);
        Assert.Contains("baseline  daemon x50  50\n", text);
        Assert.DoesNotContain("daemon-1", text);
        var csv = new StringWriter();
        ResultCsv.Write(csv, input.Result);
        Assert.Contains("daemon-50", csv.ToString());
    }

    [Fact]
    public void Colour_only_when_asked_for()
    {
        var coloured = new StringWriter();
        Reports.Comparison(Samples.Input()).WriteText(coloured, colour: true);
        Assert.Contains('\e', coloured.ToString());
        Assert.DoesNotContain('\e', Samples.Text(Reports.Comparison(Samples.Input())));
    }

    [Fact]
    public async Task Json_matches_its_golden_file_and_its_published_schema()
    {
        var json = new StringWriter();
        ResultJson.Write(json, Samples.Input().Result);
        GoldenFile.Check("compare.json", json.ToString());
        var schema = await JsonSchema.FromFileAsync(
            Path.Combine(AppContext.BaseDirectory, "config", "result.schema.json"));
        Assert.Empty(schema.Validate(json.ToString()));
    }

    [Fact]
    public async Task Schema_refuses_what_the_writer_never_writes()
    {
        var json = new StringWriter();
        ResultJson.Write(json, Samples.Input().Result);
        var schema = await JsonSchema.FromFileAsync(
            Path.Combine(AppContext.BaseDirectory, "config", "result.schema.json"));
        foreach (var (from, to) in new[]
        {
            ("\"whole-range\"", "\"WholeRange\""), ("\"oom_kills\": 0", "\"oom_kills\": -1"),
            ("\"partial\": false,", ""), ("\"wall_s\"", "\"wall\""), (new string('a', 32), "xyz"),
        })
        {
            Assert.Contains(from, json.ToString());
            Assert.NotEmpty(schema.Validate(json.ToString().Replace(from, to)));
        }
    }

    [Fact]
    public void Json_leaves_measured_out_when_there_is_none()
    {
        var json = new StringWriter();
        ResultJson.Write(json, Samples.Input(Samples.Variant("baseline")).Result);
        var tasks = System.Text.Json.JsonDocument.Parse(json.ToString()).RootElement
            .GetProperty("variants")[0].GetProperty("tasks");
        Assert.True(tasks.GetProperty("hot2").TryGetProperty("measured", out _));
        Assert.False(tasks.GetProperty("cold").TryGetProperty("measured", out _));
    }

    [Fact]
    public void Csv_of_the_default_experiment()
    {
        var csv = new StringWriter();
        ResultCsv.Write(csv, Samples.Input().Result);
        GoldenFile.Check("compare.csv", csv.ToString());
        Assert.All(csv.ToString().Split("\r\n")[..^1], line => Assert.Equal(8, line.Count(c => c == ',')));
    }

    [Theory] // RFC 4180, 2.5 to 2.7
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"no\"", "\"say \"\"no\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("cr\rhere", "\"cr\rhere\"")]
    public void Csv_fields_are_quoted_only_where_needed(string field, string written) =>
        Assert.Equal(written, ResultCsv.Field(field));

    [Fact]
    public void Csv_quotes_names_of_users()
    {
        var csv = new StringWriter();
        var result = Samples.Input(Samples.Variant("baseline") with { Name = "mine, \"new\"" }).Result;
        ResultCsv.Write(csv, result);
        Assert.Contains("\r\nhot-cold-hot,1,native,\"mine, \"\"new\"\"\",run,,hash,,", csv.ToString());
    }

    /// <summary>What both layouts say, without what only lays it out.</summary>
    private static IEnumerable<string> Words(string text) => text
        .Replace("\\_", "_").Replace("simulated without", "without").Replace("simulated with ", "with ")
        .Replace("simulated delta", "delta").Replace("published without", "without")
        .Replace("published with ", "with ").Replace("published delta", "delta")
        .Replace("error without", "without").Replace("error with ", "with ")
        .Split([' ', '\n', '|'], StringSplitOptions.RemoveEmptyEntries)
        .Where(word => !word.All(c => c is '-' or '=' or '#' or ':') && word is not "simulated" and not "published"
            and not "error");
}
