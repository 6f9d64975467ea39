using System.Text.Json;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Tests;

/// <summary>explore and replay as a user types them.</summary>
public sealed class ExploreCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mmactors-explore-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_violation_leaves_what_repeats_it_and_exit_code_3()
    {
        var (code, output, error) = Run(
            "explore", "explore-races", "--plant", "isolate-twice", "--strategy", "pct:3+timers", "--schedules", "50", "--workers", "1",
            "--format", "json", "--shrink", "200", "--out", _directory);
        Assert.Equal(ExitCode.Internal, code);
        using JsonDocument result = JsonDocument.Parse(output);
        Assert.True(result.RootElement.GetProperty("partial").GetBoolean());
        int seed = result.RootElement.GetProperty("violation").GetProperty("seed").GetInt32();
        Assert.InRange(seed, 1, 50);
        Assert.Contains(
            $"replay: mmactors explore explore-races --variant v6.12 --strategy pct:3+timers --seed {seed} --schedules 1 --plant isolate-twice\n",
            error);

        string[] files = [.. Directory.GetFiles(_directory).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];
        Assert.Equal(
            [
                $"explore-races-invariant-{seed}.min.replay.json", $"explore-races-invariant-{seed}.min.yaml",
                $"explore-races-invariant-{seed}.replay.json", "ledger.txt",
            ],
            files);
        Assert.Contains("seeds 1..50\n", File.ReadAllText(Path.Combine(_directory, "ledger.txt")));

        foreach (string file in (string[])[files[0], files[2]])
        {
            var (replayCode, replayed, _) = Run("replay", Path.Combine(_directory, file));
            Assert.Equal(ExitCode.Internal, replayCode);
            Assert.EndsWith("reproduced bit for bit\n", replayed);
        }
    }

    [Fact]
    public void What_no_longer_comes_out_is_told_and_exits_with_1()
    {
        Run("explore", "explore-races", "--plant", "isolate-twice", "--strategy", "pct:3+timers", "--schedules", "50", "--shrink", "0", "--out", _directory);
        string path = Assert.Single(Directory.GetFiles(_directory, "*.replay.json"));
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"Planted\": \"isolate-twice\"", "\"Planted\": null", StringComparison.Ordinal));
        var (code, output, error) = Run("replay", path);
        Assert.Equal((ExitCode.Mismatch, true), (code, output.EndsWith("no violation\n", StringComparison.Ordinal)));
        Assert.StartsWith("not reproduced: the file says ", error);
    }

    [Fact]
    public void A_file_that_is_no_replay_is_refused_with_its_line()
    {
        string path = Path.Combine(_directory, "mine.json");
        File.WriteAllText(path, "{\n  oops\n}\n");
        var (code, output, error) = Run("replay", path);
        Assert.Equal((ExitCode.Usage, ""), (code, output));
        Assert.Equal($"error: {path}:2: is no replay file: not the JSON that 'mmactors explore' writes\n", error);
    }

    [Fact]
    public void Searching_the_intact_protocol_ends_with_0_and_tells_what_was_reached()
    {
        var (code, output, error) = Run(
            "explore", "explore-seed", "--schedules", "40", "--strategy", "random+timers", "--format", "csv", "--out", _directory);
        Assert.Equal((ExitCode.Success, ""), (code, error));
        Assert.StartsWith("what,result,number,shortest_seed,messages\r\nschedules,,40,,\r\n", output);
        Assert.Contains("\r\nviolations,,0,,\r\n", output);
        Assert.Contains("\r\ncollapse,succeeded,", output);
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = MmActorsCommand.Run(arguments, new Terminal { Out = output, Error = error }, new ShippedSimulator());
        return (code, output.ToString(), error.ToString());
    }
}
