using MmActors.Cli;

namespace MmActors.Report.Tests;

/// <summary>The map on standard output: for a person only, unless it is asked for.</summary>
public class TerminalMapTests
{
    private static readonly string[] Command = ["run", "hot-cold-hot", "--variant", "both", "--until", "90s"];

    [Fact]
    public void A_pipe_gets_no_map()
    {
        var output = SeedReport.Run(Command);
        Assert.StartsWith("mmactors ", output);
        Assert.DoesNotContain("khugepaged collapsed it", output);
    }

    [Fact] // 2 s a column at most 84 columns: 90 samples of 0.5 s; hot1's first 8 ranges collapse at 0.02 s, hot2's at 82 s
    public void Asked_for_in_ascii_it_is_plain_everywhere()
    {
        var output = SeedReport.Run([.. Command, "--ascii"]);
        Assert.All(output[..output.IndexOf("mmactors ", StringComparison.Ordinal)], static letter => Assert.InRange(letter, '\n', '~'));
        Assert.Contains("both: 90 s, a column is 1.5 s\n  1 hot1/buf: 64 ranges\n  |C####", output);
        Assert.Contains($"  3 hot2/buf: 64 ranges\n  | {new string('.', 53)}C#####|\n", output);
    }

    [Fact]
    public void A_terminal_gets_it_in_colour_only_where_colour_is_wanted()
    {
        var (code, coloured, _) = SeedReport.RunAs(isInteractive: true, colour: true, Command);
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("\e[", coloured[..coloured.IndexOf("mmactors ", StringComparison.Ordinal)]);
        var (_, plain, _) = SeedReport.RunAs(isInteractive: true, colour: false, Command);
        Assert.Contains("┃█████", plain);
        Assert.DoesNotContain("\e", plain);
    }

    [Fact]
    public void The_data_formats_have_no_map()
    {
        var (_, output, _) = SeedReport.RunAs(isInteractive: true, colour: true, [.. Command, "--format", "csv"]);
        Assert.StartsWith("scenario,", output);
    }
}
