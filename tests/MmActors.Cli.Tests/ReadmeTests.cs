using System.Globalization;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Tests;

/// <summary>The output that README.md shows is the real one. To accept a change, run the tests with MMACTORS_ACCEPT=1 and
/// look at the difference before committing it.</summary>
public class ReadmeTests
{
    [Fact]
    public void The_output_in_the_readme_is_the_output_of_the_default_command() =>
        RequireShown("output", ShownPart(Output([])));

    [Fact]
    public void The_explanation_in_the_readme_is_the_output_of_its_command() =>
        RequireShown("explain", Output(["explain", "hot-cold-hot", "hot2/buf/0"]));

    [Fact]
    public void The_full_scans_in_the_readme_are_the_output_of_their_command() =>
        RequireShown("scans", Output(["run", "idle-desktop", "--variant", "baseline", "--scan-report", "--until", "435s"]));

    [Fact]
    public void The_trace_in_the_readme_is_the_beginning_of_its_file()
    {
        string folder = Directory.CreateTempSubdirectory("readme").FullName;
        string trace = Path.Combine(folder, "trace.txt");
        Output(["run", "hot-cold-hot", "--variant", "both", "--ftrace", trace]);
        RequireShown("ftrace", string.Concat(File.ReadLines(trace).Where(static line => line[0] != '#').Take(4).Select(static line => line + "\n")));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_map_in_the_readme_is_the_output_of_its_command()
    {
        var output = Output(["compare", "hot-cold-hot", "--variant", "baseline", "--variant", "both", "--ascii"]);
        RequireShown("map", output[..output.IndexOf("\nmmactors ", StringComparison.Ordinal)]);
    }

    [Fact]
    public void The_scoreboard_in_the_readme_is_the_output_of_its_command()
    {
        string output = Output(["validate", GroundTruth, "--at-least", "97"]);
        RequireShown("scoreboard", output[..output.IndexOf("First difference", StringComparison.Ordinal)].TrimEnd('\n') + "\n");
    }

    /// <summary>The floor is the csv output over all public runs; here it is summed.</summary>
    [Fact]
    public void The_fidelity_in_the_readme_is_the_floor_that_the_tests_hold()
    {
        var rows = File.ReadLines(Path.Combine(GroundTruth, "floor.csv")).Skip(1).Select(static line => line.Split(',')).ToList();
        string table = string.Concat(rows.Select(static row => row[1]).Distinct().Select(category =>
        {
            var cells = rows.Where(row => row[1] == category).ToList();
            long matched = cells.Sum(static row => long.Parse(row[2], CultureInfo.InvariantCulture));
            long total = cells.Sum(static row => long.Parse(row[3], CultureInfo.InvariantCulture));
            return string.Create(CultureInfo.InvariantCulture, $"{category,-14} {matched,8} of {total,8} {(double)matched / total,8:0.00%}\n");
        }));
        RequireShown("fidelity", table);
        Assert.Equal(8, table.Count(static letter => letter == '\n'));
    }

    private static string GroundTruth => Path.Combine(Root(), "tests", "MmActors.Conformance.Tests", "GroundTruth");

    /// <summary>README.md has this between the two marks of that name.</summary>
    internal static void RequireShown(string mark, string shown)
    {
        var begin = $"<!-- {mark} begin -->\n```\n";
        var path = Path.Combine(Root(), "README.md");
        var readme = File.ReadAllText(path);
        var from = readme.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = readme.IndexOf($"```\n<!-- {mark} end -->", StringComparison.Ordinal);
        Assert.True(from > begin.Length && to >= from, $"README.md has no marked {mark}");
        if (Environment.GetEnvironmentVariable("MMACTORS_ACCEPT") == "1")
        {
            File.WriteAllText(path, readme[..from] + shown + readme[to..]);
            readme = File.ReadAllText(path);
            to = readme.IndexOf($"```\n<!-- {mark} end -->", StringComparison.Ordinal);
        }

        Assert.Equal(shown, readme[from..to]);
    }

    /// <summary>The first machine's table with its sentences, the ablation, and what reclaim and the shrinker got back:
    /// nothing that is measured.</summary>
    private static string ShownPart(string output)
    {
        var second = output.IndexOf("qemu-kvm (machine preset", StringComparison.Ordinal);
        var ablation = output.IndexOf("Ablation: ", StringComparison.Ordinal);
        var budget = output.IndexOf("Where khugepaged's budget went", StringComparison.Ordinal);
        var reclaim = output.IndexOf("What reclaim got back", StringComparison.Ordinal);
        var runs = output.IndexOf("Runs\n====", StringComparison.Ordinal);
        Assert.True(second > 0 && ablation > second && budget > ablation && reclaim > budget && runs > reclaim);
        return $"{output[..second].TrimEnd('\n')}\n\n[…]\n\n{output[ablation..budget].TrimEnd('\n')}\n\n[…]\n\n"
            + $"{output[reclaim..runs].TrimEnd('\n')}\n";
    }

    private static string Output(string[] args)
    {
        var output = new StringWriter();
        var terminal = new Terminal
        {
            Out = output,
            Error = new StringWriter(),
            Colour = false,
            ShowsProgress = false,
            Cancel = CancellationToken.None,
        };
        Assert.Equal(ExitCode.Success, MmActorsCommand.Run(args, terminal, new ShippedSimulator()));
        return output.ToString();
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "MmActors.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("no MmActors.sln above the tests");
        }

        return folder;
    }
}
