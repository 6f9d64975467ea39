using System.IO.Compression;
using System.Text.Json;
using NJsonSchema;

namespace MmActors.Cli.Tests.Traces;

/// <summary>The questions of the new accounting's author, by --scan-report and by the awk script out of a trace.</summary>
public sealed class ScanReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("scans").FullName;

    private static string Tests => Path.Combine(Invocation.Root(), "tests");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact] // the author's idle desktop: 142 mapped, 178 without a table, 674 MB, 419 s before; the same ranges, 20 s after
    public void The_idle_desktop_has_the_published_histogram_and_time()
    {
        string[] baseline = Scan(2, Report("idle-desktop", "baseline"));
        Assert.Equal(
            ["@scan_pmd_status[succeeded]: 1", "@scan_pmd_status[page_pmd_mapped]: 142", "@scan_pmd_status[pmd_none]: 178"], baseline[..3]);
        Assert.InRange(Number(baseline[3]), 674 * 0.99, 674 * 1.01);
        Assert.InRange(Number(baseline[4]), 419 * 0.99, 419 * 1.01);
        string[] both = Scan(2, Report("idle-desktop", "both"));
        Assert.Equal(baseline[..3], both[..3]);
        Assert.InRange(Number(both[4]), 20 * 0.95, 20 * 1.05);
    }

    [Theory] // one form, from the run and from its trace
    [InlineData("hot-cold-hot", "both")]
    [InlineData("hot-cold-hot", "baseline")]
    [InlineData("idle-desktop", "baseline")]
    [InlineData("idle-desktop", "both")]
    [InlineData("mixed-load", "skip")]
    public void The_awk_script_gets_the_same_lines_out_of_the_trace(string scenario, string variant)
    {
        string trace = Path.Combine(_folder, "trace.txt");
        string report = Report(scenario, variant, "--ftrace", trace, "--ftrace-fields", "lab");
        string[] lines = [.. report.Split('\n').Where(static line => !line.StartsWith('#'))];
        Assert.Equal(string.Join('\n', lines), Invocation.Awk(trace));
        Assert.Contains(lines, static line => line.StartsWith("@scan_pmd_status[", StringComparison.Ordinal));
    }

    [Fact] // 5.3: the recorded 6.18 run and the simulated one, through the same script
    public void The_raw_trace_of_the_seed_run_and_the_simulated_one_have_the_same_histogram()
    {
        string recorded = Path.Combine(_folder, "recorded.txt");
        using (var packed = new GZipStream(
            File.OpenRead(Path.Combine(Tests, "MmActors.Experiments.Tests", "Traces", "Samples", "real-6.18-seed.txt.gz")), CompressionMode.Decompress))
        using (FileStream plain = File.Create(recorded))
        {
            packed.CopyTo(plain);
        }

        string simulated = Path.Combine(_folder, "simulated.txt");
        string scenario = Path.Combine(Tests, "MmActors.Conformance.Tests", "Recordings", "real-6.18-seed", "scenario.yaml");
        Assert.Equal(ExitCode.Success, Invocation.Run("run", scenario, "--ftrace", simulated).Code);
        Assert.Equal(["whole trace", "@scan_pmd_status[succeeded]: 128"], Histogram(recorded));
        Assert.Equal(Histogram(recorded), Histogram(simulated));
    }

    [Fact]
    public async Task Json_is_what_its_schema_says()
    {
        JsonSchema schema = await JsonSchema.FromJsonAsync(Invocation.Run("schema", "--scan-report").Output);
        string output = Report("hot-cold-hot", "both", "--format", "json");
        Assert.Empty(schema.Validate(output));
        foreach (var (from, to) in new[]
        {
            ("\"finished\": true", "\"finished\": 1"), ("\"ranges\": 64", "\"ranges\": 0"), ("\"SCAN_SUCCEED\"", "\"succeed\""),
            ("\"progress_pages\"", "\"progress\""),
        })
        {
            Assert.Contains(from, output);
            Assert.NotEmpty(schema.Validate(output.Replace(from, to, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void The_other_formats_have_the_same_scans()
    {
        JsonElement json = JsonDocument.Parse(Report("hot-cold-hot", "both", "--format", "json")).RootElement;
        JsonElement scan = Assert.Single(json.GetProperty("scans").EnumerateArray());
        Assert.True(scan.GetProperty("finished").GetBoolean());
        Assert.Equal(65758, scan.GetProperty("progress_pages").GetInt32());
        Assert.Equal(
            [("page_lazyfree", "SCAN_PAGE_LAZYFREE", 32, 64), ("succeeded", "SCAN_SUCCEED", 1, 128)],
            scan.GetProperty("statuses").EnumerateArray().Select(static status => (
                status.GetProperty("status").GetString(), status.GetProperty("identifier").GetString(),
                status.GetProperty("number").GetInt32(), status.GetProperty("ranges").GetInt32())));
        string[] csv = Report("hot-cold-hot", "both", "--format", "csv").Split("\r\n");
        Assert.Equal("scenario,seed,machine,variant,scan,finished,from_s,to_s,progress_pages,passes,visits,status,number,ranges", csv[0]);
        Assert.StartsWith("hot-cold-hot,1,native,both,1,true,", csv[1]);
        Assert.EndsWith(",65758,17,131,page_lazyfree,32,64", csv[1]);
        Assert.Contains("```\n# mmactors ", Report("hot-cold-hot", "both", "--format", "md"));
    }

    [Fact] // KH-13…KH-15: three passes of eight VISITs at 1 + 512, the first of them over 7 VMAs
    public void A_scan_that_the_end_of_the_run_cuts_off_is_called_unfinished() => Assert.Equal(
        ["unfinished scan", "@scan_pmd_status[succeeded]: 24", "total progress size: 48 MB (12319 pages)", "total time: 20.46 seconds"],
        Report("hot-cold-hot", "baseline", "--until", "25s").Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line[0] != '#'));

    private static string Report(string scenario, string variant, params string[] more)
    {
        var (code, output, error) = Invocation.Run(["run", scenario, "-v", variant, "--scan-report", .. more]);
        Assert.Equal((ExitCode.Success, ""), (code, error));
        return output;
    }

    private static string[] Scan(int number, string report) =>
        [.. report.Split('\n').SkipWhile(line => line != $"full scan {number}").Skip(1).Take(5)];

    private static string[] Histogram(string trace) =>
        [.. Invocation.Awk(trace).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => !line.StartsWith("total time", StringComparison.Ordinal))];

    private static double Number(string line) =>
        double.Parse(line.Split(": ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
}
