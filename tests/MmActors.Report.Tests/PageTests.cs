using System.Text.RegularExpressions;

namespace MmActors.Report.Tests;

/// <summary>The page without a browser: what it says, that it needs nothing else, and that it is the same every time.</summary>
public partial class PageTests(SeedReport report) : IClassFixture<SeedReport>
{
    private static readonly string[] Variants = ["baseline", "skip", "refine", "both"];

    [Fact]
    public void The_headline_says_who_starved_and_why() => Assert.Contains(
        "<h1>hot2 starved in baseline because khugepaged spent half of its scan budget on memory that cold had already given back.</h1>", report.Html);

    [Fact] // 64 ranges of 512 PTEs without the skip; with both halves 1 per range (KH-15, VR-26)
    public void Below_it_stand_the_figures_that_carry_it() => Assert.Contains(
        "Its 64 looks at ranges of cold cost 32,768 pages of budget, 56 of them left the range as it was, and hot2 was never reached in 17 passes. "
        + "With both (both halves of the series) cold cost 64 pages, and hot2 had all 64 ranges huge at 160 s.", report.Html);

    [Fact]
    public void The_same_command_makes_the_same_bytes()
    {
        var again = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".html");
        try
        {
            SeedReport.Run("compare", "hot-cold-hot", "--report", again);
            Assert.Equal(File.ReadAllBytes(report.File), File.ReadAllBytes(again));
        }
        finally
        {
            File.Delete(again);
        }
    }

    [Fact]
    public void Recording_does_not_change_a_run()
    {
        var hashes = Hash().Matches(SeedReport.Run("compare", "hot-cold-hot", "--format", "csv")).Select(static match => match.Value).Distinct().ToArray();
        Assert.Equal(3, hashes.Length); // baseline and refine are one run (VR-21)
        Assert.All(hashes, hash => Assert.Contains(hash, report.Html));
    }

    [Fact]
    public void Nothing_is_fetched_from_anywhere()
    {
        Assert.DoesNotContain("http", report.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script", report.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", report.Html, StringComparison.OrdinalIgnoreCase);
        Assert.Equal([], Source().Matches(report.Html).Select(static match => match.Value));
        Assert.All(Url().Matches(report.Html), match => Assert.StartsWith("url(#", match.Value));
    }

    [Fact]
    public void Every_reference_inside_the_page_has_one_target()
    {
        var ids = Id().Matches(report.Html).Select(static match => match.Groups[1].Value).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(Url().Matches(report.Html), match => Assert.Contains(match.Value[5..^1], ids));
    }

    [Fact] // map, budget and memory of four variants; collapses and stalls
    public void Every_chart_is_there_with_a_name_and_its_data()
    {
        Assert.Equal((3 * Variants.Length) + 2, report.Drawings.Count);
        Assert.All(report.Drawings, drawing => Assert.NotEqual("", drawing.Attribute("aria-label")!.Value));
        Assert.Equal(report.Drawings.Count, Regex.Count(report.Html, "</svg>\n<details><summary>[^<]+</summary>\n<div class=\"scroll\"><table>"));
    }

    [Theory] // one mark for each pass and lane: 8 ranges cost a pass's 4096 pages; cold costs 64 pages with both halves
    [InlineData("baseline", 9, 7)]
    [InlineData("both", 16, 1)]
    public void The_cursor_is_solid_where_it_collapsed_and_hollow_where_it_did_not(string variant, int solid, int hollow)
    {
        var map = report.Drawings.Single(drawing => drawing.Attribute("aria-label")!.Value == $"Memory map of {variant}");
        var marks = map.Descendants("rect").Select(static rect => rect.Attribute("style")?.Value ?? "").ToArray();
        Assert.Equal(solid, marks.Count(static style => style.StartsWith("fill:var(--ink);", StringComparison.Ordinal)));
        Assert.Equal(hollow, marks.Count(static style => style.StartsWith("fill:var(--page);stroke:var(--ink);", StringComparison.Ordinal)));
    }

    [Fact]
    public void No_stand_in_colour_is_left() => Assert.DoesNotContain("rgb(", report.Html);

    [Fact]
    public void The_page_says_how_to_get_it_again()
    {
        Assert.Contains("<pre>mmactors compare hot-cold-hot --seed 1 --report report.html</pre>", report.Html);
        Assert.Contains("mmactors run hot-cold-hot --variant both --seed 1 --machine native --tlb reach</td>", report.Html);
        Assert.Contains("mmactors run hot-cold-hot --variant both --seed 1 --machine kvm --tlb reach</td>", report.Html);
    }

    [Fact] // the qualification sentences are those of the terminal, each unbroken
    public void The_sentences_of_the_terminal_are_on_the_page()
    {
        var sentences = report.Output.Replace("\n  ", " ", StringComparison.Ordinal).Split('\n')
            .Where(static line => line.StartsWith("- ", StringComparison.Ordinal)).ToArray();
        Assert.True(sentences.Length >= 18, $"only {sentences.Length} sentences in the terminal");
        Assert.All(sentences, sentence => Assert.Contains($"<li>{Escaped(sentence[2..])}</li>", report.Html));
    }

    [Fact]
    public void The_real_time_of_a_run_is_not_on_it() => Assert.DoesNotContain("wall s", report.Html);

    private static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex Hash();

    [GeneratedRegex("(src|href|srcset|poster|data)=\"[^\"]*\"")]
    private static partial Regex Source();

    [GeneratedRegex(@"url\([^)]*\)")]
    private static partial Regex Url();

    [GeneratedRegex("\\bid=\"([^\"]*)\"")]
    private static partial Regex Id();
}
