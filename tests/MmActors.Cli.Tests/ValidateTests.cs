using System.Text.Json;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Tests;

/// <summary>validate by its command: recorded runs, a user's own trace, and what is wrong with either.</summary>
public sealed class ValidateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("validate").FullName;

    private static string Runs => Path.Combine(Root(), "tests", "MmActors.Conformance.Tests", "GroundTruth");

    private static string Trace(string name) => Path.Combine(Root(), "tests", "MmActors.Experiments.Tests", "Traces", "Samples", name + ".txt.gz");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Json_has_each_category_and_the_first_difference()
    {
        var (code, output, error) = Run("validate", Path.Combine(Runs, "A-both"), "--format", "json");
        Assert.Equal((ExitCode.Success, ""), (code, error));
        JsonElement run = JsonDocument.Parse(output).RootElement.GetProperty("runs")[0];
        Assert.Equal("A-both", run.GetProperty("name").GetString());
        Assert.Equal(184, run.GetProperty("categories").GetProperty("scan_pmd").GetProperty("matched").GetInt32());
        Assert.Equal(184, run.GetProperty("categories").GetProperty("scan_pmd").GetProperty("total").GetInt32());
        Assert.Equal(JsonValueKind.Null, run.GetProperty("first_difference").ValueKind);
    }

    [Fact]
    public void A_difference_shows_both_lines_and_the_rule_and_at_least_decides_the_exit_code()
    {
        string run = Copy("I-skip");
        string scans = Unpack(run, "scan_pmd.csv");
        string[] lines = File.ReadAllLines(scans);
        Assert.Contains("succeeded", lines[1]);
        File.WriteAllLines(scans, [lines[0], lines[1].Replace("succeeded", "exceed_none_pte", StringComparison.Ordinal), .. lines[2..]]);
        var (code, output, error) = Run("validate", run);
        Assert.Equal(ExitCode.Mismatch, code);
        Assert.Contains("exceed_none_pte", output);
        Assert.Contains("(KH-28)", output.ReplaceLineEndings(" "));
        Assert.StartsWith("below 100 %: scan_pmd ", error);
        Assert.Equal(ExitCode.Success, Run("validate", run, "--at-least", "90").Code);
    }

    [Theory]
    [InlineData("events.csv", 2, "x,y\n")]
    [InlineData("scan_pmd.csv", 1, "t,role\n")]
    [InlineData("vmstat.json", 1, "{\n")]
    [InlineData("scenario.txt", 3, "frobnicate 1\n")]
    public void A_wrong_line_is_named_with_file_and_line(string file, int at, string line)
    {
        string run = Copy("I-skip");
        string path = Unpack(run, file);
        string[] lines = File.ReadAllLines(path);
        File.WriteAllText(path, string.Join('\n', lines[..(at - 1)]) + (at > 1 ? "\n" : "") + line);
        var (code, output, error) = Run("validate", run);
        Assert.Equal((ExitCode.Usage, ""), (code, output));
        Assert.StartsWith($"error: {path}", error);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("error: 'validate' takes one or more directories of recorded runs\n", "validate")]
    [InlineData("error: '--at-least' takes a percentage from 0 to 100, not '101'\n", "validate", "x", "--at-least", "101")]
    [InlineData("error: '--scenario' goes with '--trace FILE'\n", "validate", "--scenario", "hot-cold-hot")]
    [InlineData("error: '--mm' takes MM=TASK, an mm pointer or pid and a task, each mm once, not 'x'\n",
        "validate", "--trace", "A-both", "--scenario", "hot-cold-hot", "--mm", "x")]
    [InlineData("error: unknown variant 'bot'; did you mean 'both'? allowed: baseline, skip, refine, both\n",
        "validate", "--trace", "A-both", "--scenario", "hot-cold-hot", "--variant", "bot")]
    public void A_command_line_that_asks_for_nothing_sensible(string message, params string[] args)
    {
        var (code, output, error) = Run([.. args.Select(static word => word == "A-both" ? Trace(word) : word)]);
        Assert.Equal((ExitCode.Usage, "", message), (code, output, error));
    }

    [Fact]
    public void A_trace_of_the_same_workload_agrees_line_by_line()
    {
        var (code, output, error) = Run("validate", "--trace", Trace("A-both"), "--scenario", "hot-cold-hot", "--variant", "both", "--format", "csv");
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("A-both.txt.gz,scan_pmd,184,184\r\n", output);
        Assert.Contains("A-both.txt.gz,scan_calls,122,122\r\n", output);
        Assert.Contains("(pid 49): task cold, by name\n", error);
    }

    [Fact]
    public void A_trace_of_another_policy_differs_where_the_policy_does()
    {
        var (code, output, _) = Run("validate", "--trace", Trace("A-both"), "--scenario", "hot-cold-hot", "--variant", "skip");
        Assert.Equal(ExitCode.Mismatch, code);
        Assert.Contains("scan_calls, line 66", output.ReplaceLineEndings(" "));
        Assert.Contains("(KH-13", output);
    }

    [Fact]
    public void Mms_are_the_tasks_the_user_says()
    {
        var (_, _, error) = Run("validate", "--trace", Trace("A-both"), "--scenario", "hot-cold-hot", "--variant", "both", "--mm", "47=cold", "--mm", "49=hot1");
        Assert.Contains("(pid 47): task cold, as told\n", error);
        Assert.Contains("(pid 49): task hot1, as told\n", error);
        var (code, _, unknown) = Run("validate", "--trace", Trace("A-both"), "--scenario", "hot-cold-hot", "--mm", "47=warm");
        Assert.Equal(ExitCode.Usage, code);
        Assert.EndsWith("no task 'warm' for mm 47; tasks are hot1, cold, hot2, ctl\n", unknown);
    }

    private string Copy(string name)
    {
        string run = Path.Combine(_folder, name);
        Directory.CreateDirectory(run);
        foreach (string file in Directory.GetFiles(Path.Combine(Runs, name)))
        {
            File.Copy(file, Path.Combine(run, Path.GetFileName(file)));
        }

        return run;
    }

    /// <summary>The file in plain text, instead of its packed form.</summary>
    private static string Unpack(string run, string file)
    {
        string path = Path.Combine(run, file);
        if (File.Exists(path + ".gz"))
        {
            using (var packed = new System.IO.Compression.GZipStream(File.OpenRead(path + ".gz"), System.IO.Compression.CompressionMode.Decompress))
            using (FileStream plain = File.Create(path))
            {
                packed.CopyTo(plain);
            }

            File.Delete(path + ".gz");
        }

        return path;
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var terminal = new Terminal { Out = output, Error = error, Colour = false, ShowsProgress = false, Cancel = CancellationToken.None };
        int code = MmActorsCommand.Run(args, terminal, new ShippedSimulator());
        return (code, output.ToString(), error.ToString());
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
