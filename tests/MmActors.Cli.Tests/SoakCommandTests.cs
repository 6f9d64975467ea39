using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using NJsonSchema;

namespace MmActors.Cli.Tests;

/// <summary>soak as a user types it, on a machine of 256 MiB.</summary>
public sealed class SoakCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mmactors-soak-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("error: 'soak' needs a SCENARIO: a path or one of ", "soak")]
    [InlineData("error: '--for' takes 1s or more, not '0'\n", "soak", "mixed-load", "--for", "0")]
    [InlineData("error: '--for' takes no negative amount, not '-3d'\n", "soak", "mixed-load", "--for", "-3d")]
    [InlineData("error: '--for: 30' needs a unit, e.g. 10s: us, ms, s, m, h or d\n", "soak", "mixed-load", "--for", "30")]
    [InlineData("error: '--report-every' takes 1s or more, not '10ms'\n", "soak", "mixed-load", "--report-every", "10ms")]
    [InlineData("error: '--tasks' takes a whole number from 1 to 2048, not '0'\n", "soak", "mixed-load", "--tasks", "0")]
    [InlineData("error: '--memory' takes 16M to 4096G, not '4M'\n", "soak", "mixed-load", "--memory", "4M")]
    [InlineData("error: '--memory' takes 2050M to 4096G, not '1GiB': the kernel's own share is 2G (kernel_memory)\n", "soak", "soak-server", "--memory", "1GiB")]
    [InlineData("error: '--watch-port' takes a whole number from 1 to 65535, not '65536'\n", "soak", "mixed-load", "--watch-port", "65536")]
    [InlineData("error: '--watch-port' takes a whole number from 1 to 65535, not '99999'\n", "soak", "mixed-load", "--watch-port", "99999")]
    [InlineData("error: '--watch-port' takes a whole number from 1 to 65535, not '-1'\n", "resume", "soak.db", "--watch-port", "-1")]
    [InlineData("error: '--from' takes no negative amount, not '-3d'\n", "resume", "soak.db", "--from", "-3d")]
    [InlineData("error: unknown variant 'best'", "soak", "mixed-load", "--variant", "best")]
    [InlineData("error: 'soak' takes exactly one --variant; allowed: ", "soak", "mixed-load", "--variant", "all")]
    [InlineData("error: unknown option '--until'", "soak", "mixed-load", "--until", "1s")]
    [InlineData("error: cannot write '/no/such/folder/rows.csv': its directory does not exist\n", "soak", "mixed-load", "--output", "/no/such/folder/rows.csv")]
    public void What_cannot_be_soaked_is_refused(string message, params string[] arguments)
    {
        (int code, string output, string error) = Run(arguments);
        Assert.Equal((ExitCode.Usage, ""), (code, output));
        Assert.StartsWith(message, error);
        Assert.Equal(1, error.Count(static letter => letter == '\n'));
    }

    [Fact]
    public void The_rows_of_a_csv_add_up_to_its_summary()
    {
        (int code, string output, string error) = Run(Small("--format", "csv"));
        Assert.Equal(ExitCode.Success, code);
        string[] lines = output.TrimEnd('\n').Split('\n');
        string[] head = lines[0].Split(',');
        string[][] rows = [.. lines[1..].TakeWhile(static line => line[0] != '#').Select(static line => line.Split(','))];
        Dictionary<string, string> summary = lines[(1 + rows.Length)..].Select(static line => line[2..].Split(','))
            .ToDictionary(static pair => pair[0], static pair => pair[1], StringComparer.Ordinal);
        Assert.Equal(["600", "1200", "1500"], rows.Select(static row => row[1]));
        foreach (string counter in (string[])["started", "events", "messages", "pgfault", "pglazyfree", "pswpout", "pgscan", "full_scans"])
        {
            int column = Array.IndexOf(head, counter);
            Assert.Equal(long.Parse(summary[counter], CultureInfo.InvariantCulture), rows.Sum(row => long.Parse(row[column], CultureInfo.InvariantCulture)));
        }

        Assert.Equal(["measured_rss_mib", "measured_wall_s"], head[^2..]); // all others are simulated
        Assert.Equal(("0", "3", "1500"), (summary["violations"], summary["audits"], summary["end_s"]));
        Assert.StartsWith("10m of 25m simulated, ", error); // no terminal: a line a period instead of one that is drawn over
        Assert.Equal(3, error.Count(static letter => letter == '\n'));
    }

    [Fact]
    public async Task Json_obeys_its_schema_and_its_simulated_half_is_the_same_in_another_process()
    {
        (int code, string output, _) = Run(Small("--format", "json"));
        Assert.Equal(ExitCode.Success, code);
        var schema = await JsonSchema.FromFileAsync(Path.Combine(AppContext.BaseDirectory, "config", "soak.schema.json"));
        Assert.Empty(schema.Validate(output));
        Assert.NotEmpty(schema.Validate(output.Replace("\"pgfault\"", "\"faults\"", StringComparison.Ordinal)));
        string again = InAnotherProcess(Small("--format", "json"));
        Assert.Equal(Simulated(output), Simulated(again));
        Assert.NotEqual(Simulated(output), Simulated(Run(Small("--format", "json", "--seed", "2")).Output));
    }

    [Fact]
    public void A_file_is_there_as_a_whole_or_not_at_all()
    {
        string file = Path.Combine(_directory, "rows.md");
        (int code, string output, _) = Run(Small("--format", "md", "--output", file));
        Assert.Equal((ExitCode.Success, ""), (code, output));
        string text = File.ReadAllText(file);
        Assert.StartsWith("# mmactors ", text);
        Assert.Contains("\n- Ended at 0.017 simulated days; 0 violations in 3 full audits.\n", text);
        Assert.Equal([file], Directory.GetFiles(_directory));
    }

    [Fact]
    public void An_interrupted_soak_tells_what_it_has_and_exits_with_0()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        (int code, string output, string error) = Run(Small("--format", "json"), cancel.Token);
        Assert.Equal(ExitCode.Success, code);
        Assert.EndsWith("stopped at 0d of 25m\n", error);
        using JsonDocument result = JsonDocument.Parse(output);
        Assert.True(result.RootElement.GetProperty("stopped").GetBoolean());
        Assert.Equal(1, result.RootElement.GetProperty("simulated").GetProperty("audits").GetInt32());
    }

    [Fact]
    public void A_table_says_what_is_measured()
    {
        (_, string output, _) = Run(Small());
        Assert.Contains("All columns are simulated but the last two, which are measured.", output);
        Assert.Contains("\nmeasured_rss_last_third_mib ", output);
        Assert.All(output.Split('\n'), static line => Assert.Equal(line.StartsWith("measured_", StringComparison.Ordinal), line.EndsWith(" (measured)", StringComparison.Ordinal)));
    }

    private static string[] Small(params string[] more) =>
        ["soak", "mixed-load", "--memory", "256M", "--tasks", "12", "--for", "25m", "--report-every", "10m", "--audit-every", "10m", .. more];

    private static string Simulated(string json)
    {
        using JsonDocument result = JsonDocument.Parse(json);
        IEnumerable<string> periods = result.RootElement.GetProperty("periods").EnumerateArray().Select(static period => period.GetProperty("simulated").GetRawText());
        return string.Join('\n', [.. periods, result.RootElement.GetProperty("simulated").GetRawText()]);
    }

    private static (int Code, string Output, string Error) Run(string[] arguments, CancellationToken cancel = default)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = MmActorsCommand.Run(arguments, new Terminal { Out = output, Error = error, Cancel = cancel }, new Execution.ShippedSimulator());
        return (code, output.ToString(), error.ToString());
    }

    private static string InAnotherProcess(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "mmactors.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal((0, 3), (process.ExitCode, error.Result.Count(static letter => letter == '\n')));
        return output;
    }
}
