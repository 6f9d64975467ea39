using System.Globalization;
using MmActors.Tracing;

namespace MmActors.Telemetry.Tests;

/// <summary>What README.md shows of series and spans is real. To accept a change, run the tests with MMACTORS_ACCEPT=1 and look
/// at the difference before committing it.</summary>
public sealed class ReadmeTests : IDisposable
{
    private readonly Commands _commands = new();

    public void Dispose() => _commands.Dispose();

    [Fact]
    public void The_series_in_the_readme_is_the_output_of_its_command()
    {
        _commands.Succeed("run", "hot-cold-hot", "--variant", "both", "--series", _commands.PathOf("out"), "--series-interval", "20s");
        string[][] rows = [.. File.ReadAllLines(_commands.PathOf("out/both.csv")).Select(static line => line.Split(','))];
        string[] shown = ["time_s", "thp_collapse_alloc", "pglazyfree", "budget_left", "hot1.huge_ranges", "cold.lazyfree_pages", "hot2.huge_ranges"];
        int[] places = [.. shown.Select(name => Array.IndexOf(rows[0], name))];
        RequireShown("series", string.Concat(rows.Select(row => string.Join(',', places.Select(place => row[place])) + "\n")));
    }

    [Fact]
    public void The_spans_in_the_readme_are_the_output_of_their_command()
    {
        _commands.Succeed("run", "hot-cold-hot", "--variant", "baseline", "--spans", _commands.PathOf("spans"));
        List<FileSpan> spans = FileSpan.Read(_commands.PathOf("spans"));
        FileSpan stall = spans.First(static span => span.Name == "stall");
        FileSpan cause = spans.Single(span => span.Id == stall.Links[0]);
        string shown = Line($"stall ({stall[MmAttributes.StallCall]} of {stall[MmAttributes.Task]})", stall)
            + Line($"  caused by collapse of {cause[MmAttributes.Address]}", cause)
            + string.Concat(spans.Where(span => span.Parent == cause.Id).Select(static step => Line($"    {step.Name}", step)));
        RequireShown("spans", shown);
    }

    private static string Line(string name, FileSpan span) => string.Create(
        CultureInfo.InvariantCulture, $"{name,-42} {span.Start / 1e9,14:F7} {(span.End - span.Start) / 1e3,8:F1}\n");

    private static void RequireShown(string mark, string shown)
    {
        string begin = $"<!-- {mark} begin -->\n```\n";
        string path = Path.Combine(DocumentationTests.Root(), "README.md");
        string readme = File.ReadAllText(path);
        int from = readme.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int to = readme.IndexOf($"```\n<!-- {mark} end -->", StringComparison.Ordinal);
        Assert.True(from > begin.Length && to >= from, $"README.md has no marked {mark}");
        if (Environment.GetEnvironmentVariable("MMACTORS_ACCEPT") == "1")
        {
            File.WriteAllText(path, readme[..from] + shown + readme[to..]);
            readme = File.ReadAllText(path);
            to = readme.IndexOf($"```\n<!-- {mark} end -->", StringComparison.Ordinal);
        }

        Assert.Equal(shown, readme[from..to]);
    }
}
