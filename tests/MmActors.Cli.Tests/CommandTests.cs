using MmActors.Cli.Execution;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Memory;

namespace MmActors.Cli.Tests;

/// <summary>The command through its entry, with a simulator whose outcome the test decides.</summary>
public class CommandTests
{
    [Theory]
    [InlineData("bogus", "error: unknown command 'bogus'; allowed: compare, run, explain, validate, explore, replay, soak, resume, list, schema, version\n")]
    [InlineData("compare hot-cold-hot --until 9", "error: '--until: 9' needs a unit, e.g. 10s: us, ms, s, m, h or d\n")]
    [InlineData("compare hot-cold-hot --until 0", "error: '--until' takes more than 0 and at most ")]
    [InlineData("compar", "error: unknown command 'compar'; did you mean 'compare'? allowed: ")]
    [InlineData("compare", "error: 'compare' needs a SCENARIO: a path or one of hot-cold-hot\n")]
    [InlineData("compare hot-cold-hto", "error: unknown scenario 'hot-cold-hto'; did you mean 'hot-cold-hot'? ")]
    [InlineData("compare hot-cold-hot extra", "error: 'compare' takes no further argument: 'extra'; see ")]
    [InlineData("compare hot-cold-hot --varaint x", "error: unknown option '--varaint'; did you mean '--variant'? ")]
    [InlineData("compare hot-cold-hot --variant bot",
        "error: unknown variant 'bot'; did you mean 'both'? allowed: baseline, skip, refine, both\n")]
    [InlineData("--format xml", "error: unknown format 'xml'; allowed: table, json, csv, md\n")]
    [InlineData("--machine kvn", "error: unknown machine preset 'kvn'; did you mean 'kvm'? allowed: kvm, native\n")]
    [InlineData("--tlb fast", "error: unknown TLB model 'fast'; allowed: reach, exact\n")]
    [InlineData("--seed -1", "error: '--seed' takes a whole number from 0 to 18446744073709551615, not '-1'\n")]
    [InlineData("--seed 1.5", "error: '--seed' takes a whole number from 0 to 18446744073709551615, not '1.5'\n")]
    [InlineData("--seed", "error: Required argument missing for option: '--seed'.\n")]
    [InlineData("--seed 7 compare hot-cold-hot", "error: '--seed' comes before 'compare'; options of a command go behind it\n")]
    [InlineData("run hot-cold-hot",
        "error: 'run' takes exactly one --variant; allowed: baseline, skip, refine, both\n")]
    [InlineData("--output /nowhere/at/all.txt",
        "error: cannot write '/nowhere/at/all.txt': its directory does not exist\n")]
    [InlineData("--report /nowhere/at/all.html", "error: cannot write '/nowhere/at/all.html': its directory does not exist\n")]
    [InlineData("--report same.html --output ./same.html", "error: '--output' and '--report' would write the same file: 'same.html'\n")]
    [InlineData("--spans same.json --log-file ./same.json", "error: '--spans' and '--log-file' would write the same file: './same.json'\n")]
    [InlineData("compare hot-cold-hot --ftrace . --report ./skip.txt", "error: '--report' and '--ftrace' would write the same file: './skip.txt'\n")]
    [InlineData("compare hot-cold-hot --series . --output both.parquet", "error: '--output' and '--series' would write the same file: './both.parquet'\n")]
    [InlineData("--series-interval 1s", "error: '--series-interval' needs '--series'\n")]
    [InlineData("--span-every 2 --series .", "error: '--span-every' needs '--spans' or '--otlp'\n")]
    [InlineData("--span-every 0 --spans spans.json", "error: '--span-every' takes a whole number from 1 to 10000000, not '0'\n")]
    [InlineData("--span-limit 2", "error: '--span-limit' needs '--spans' or '--otlp'\n")]
    [InlineData("--output ", "error: '--output' takes a path, not ''\n")]
    [InlineData("--report ", "error: '--report' takes a path, not ''\n")]
    [InlineData("--ftrace ", "error: '--ftrace' takes a path, not ''\n")]
    [InlineData("--perfetto ", "error: '--perfetto' takes a path, not ''\n")]
    [InlineData("--series ", "error: '--series' takes a path, not ''\n")]
    [InlineData("--spans ", "error: '--spans' takes a path, not ''\n")]
    [InlineData("--log-file ", "error: '--log-file' takes a path, not ''\n")]
    [InlineData("explain hot-cold-hot hot1/buf/0 --output ", "error: '--output' takes a path, not ''\n")]
    [InlineData("explore hot-cold-hot --out ", "error: '--out' takes a path, not ''\n")]
    [InlineData("replay ", "error: 'replay' needs a FILE that 'mmactors explore' wrote (*.replay.json)\n")]
    [InlineData("--seeds 0", "error: '--seeds' takes a whole number from 1 to 1000, not '0'\n")]
    [InlineData("--seeds many", "error: '--seeds' takes a whole number from 1 to 1000, not 'many'\n")]
    [InlineData("--seed 18446744073709551615 --seeds 2", "error: '--seeds 2' from seed 18446744073709551615 on goes beyond 18446744073709551615\n")]
    [InlineData("--ascii --format json", "error: '--ascii' draws into the format table on standard output only\n")]
    [InlineData("--mode concurent", "error: unknown mode 'concurent'; did you mean 'concurrent'? allowed: deterministic, concurrent\n")]
    [InlineData("--pace 1x", "error: '--pace' takes effect only with --mode concurrent\n")]
    [InlineData("--mode deterministic --audit-every 1s", "error: '--audit-every' takes effect only with --mode concurrent\n")]
    [InlineData("--mode concurrent --pace 10", "error: '--pace' takes 0.001x to 1000000x, such as 1x or 10x, or max, not '10'\n")]
    [InlineData("--mode concurrent --pace 0x", "error: '--pace' takes 0.001x to 1000000x, such as 1x or 10x, or max, not '0x'\n")]
    [InlineData("--mode concurrent --pace NaNx", "error: '--pace' takes 0.001x to 1000000x, such as 1x or 10x, or max, not 'NaNx'\n")]
    [InlineData("--mode concurrent --audit-every 5", "error: '--audit-every: 5' needs a unit, e.g. 10s: us, ms, s, m, h or d\n")]
    [InlineData("--mode concurrent --audit-every 0s", "error: '--audit-every' takes a time above 0, not '0s'\n")]
    [InlineData("--mode concurrent --report page.html", "error: '--report' makes a page that the same command makes again, which no concurrent run can: ")]
    [InlineData("explore hot-cold-hot --strategy best", "error: unknown strategy 'best'; allowed: fifo, random, pct:D, delay:D or dfs:D ")]
    [InlineData("explore hot-cold-hot --schedules 0", "error: '--schedules' takes a whole number from 1 to 1000000000, not '0'\n")]
    [InlineData("explore hot-cold-hot --workers two", "error: '--workers' takes a whole number from 1 to 1024, not 'two'\n")]
    [InlineData("explore hot-cold-hot --plant lost-redirtty", "error: unknown planted bug 'lost-redirtty'; did you mean 'lost-redirty'? ")]
    [InlineData("replay", "error: 'replay' needs a FILE that 'mmactors explore' wrote (*.replay.json)\n")]
    [InlineData("replay nowhere.json", "error: nowhere.json: cannot be read: ")]
    [InlineData("replay x --messages 0", "error: '--messages' takes a whole number from 1 to 1000000, not '0'\n")]
    [InlineData("@file", "error: unknown command '@file'; ")]
    public void A_wrong_command_line_gets_one_line_and_exit_code_2(string line, string message)
    {
        var (code, output, error) = Run(new FakeSimulator(), line.Split(' '));
        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal("", output);
        Assert.StartsWith(message, error);
        Assert.Equal(1, error.Count(c => c == '\n'));
    }

    [Fact]
    public void A_broken_scenario_file_gets_its_place_and_exit_code_2()
    {
        var simulator = new FakeSimulator { LoadFault = new ScenarioException("mine.yaml", 7, "unknown key 'tsks'") };
        var (code, output, error) = Run(simulator, "compare", "hot-cold-hot");
        Assert.Equal((ExitCode.Usage, "", "error: mine.yaml:7: unknown key 'tsks'\n"), (code, output, error));
    }

    [Fact]
    public void No_arguments_compare_all_variants_on_all_published_machines()
    {
        var simulator = new FakeSimulator();
        var (code, output, _) = Run(simulator);
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("x86_64 (machine preset native)", output);
        Assert.Contains("qemu-kvm (machine preset kvm)", output);
        Assert.Equal(
            ["baseline native", "skip native", "refine native", "both native", "baseline kvm", "both kvm"],
            simulator.Requests.Select(r => $"{r.Variant.Name} {r.Machine.Name}").OrderBy(Declared));
    }

    [Fact]
    public void A_named_machine_is_the_only_one_that_runs()
    {
        var simulator = new FakeSimulator();
        var (_, output, _) = Run(simulator, "--machine", "kvm", "--seed", "7", "--tlb", "exact");
        Assert.All(simulator.Requests, r =>
            Assert.Equal(("kvm", 7UL, TlbModel.Exact), (r.Machine.Name, r.Seed, r.Tlb)));
        Assert.DoesNotContain("machine preset native)", output);
    }

    [Fact]
    public void Json_of_the_default_command_holds_all_variants_of_the_default_machine_in_declared_order()
    {
        var simulator = new FakeSimulator { Delay = name => name == "baseline" ? 50 : 0 };
        var (code, output, error) = Run(simulator, "--format", "json");
        Assert.Equal((ExitCode.Success, ""), (code, error));
        var root = System.Text.Json.JsonDocument.Parse(output).RootElement;
        Assert.Equal("native", root.GetProperty("machine").GetString());
        Assert.Equal(Samples.Names, root.GetProperty("variants").EnumerateArray()
            .Select(variant => variant.GetProperty("name").GetString()!));
        Assert.Equal(4, simulator.Requests.Count);
    }

    [Fact]
    public void Chosen_variants_run_in_declared_order()
    {
        var (_, output, _) = Run(
            new FakeSimulator(), "compare", "hot-cold-hot", "--variant", "both", "--variant", "skip", "-f", "csv");
        var variants = output.Split("\r\n")[1..^1].Select(line => line.Split(',')[3]).Distinct();
        Assert.Equal(["skip", "both"], variants);
    }

    [Fact]
    public void Run_shows_one_variant_in_detail()
    {
        var (code, output, _) = Run(new FakeSimulator(), "run", "hot-cold-hot", "--variant", "both");
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("thp_collapse_alloc", output);
        Assert.Contains("t010", output);
    }

    [Fact]
    public void An_internal_failure_prints_how_to_repeat_it_and_exits_with_3()
    {
        var simulator = new FakeSimulator
        {
            RunFault = request => request.Variant.Name == "refine"
                ? new InvariantException("event 4711: refcount of folio 12 is -1") : null,
        };
        var (code, output, error) = Run(simulator, "--seed", "9", "--machine", "kvm", "--format", "json");
        Assert.Equal((ExitCode.Internal, ""), (code, output));
        Assert.Equal(
            "error: internal failure in variant refine (invariant broken): event 4711: refcount of folio 12 is -1\n"
            + "replay: mmactors run hot-cold-hot --variant refine --seed 9 --machine kvm --tlb reach\n", error);
    }

    [Fact]
    public void An_interruption_prints_the_partial_result_and_exits_with_130()
    {
        using var cancel = new CancellationTokenSource();
        var simulator = new FakeSimulator { OnRun = _ => cancel.Cancel() };
        var (code, output, error) = Run(simulator, cancel.Token, "compare", "hot-cold-hot", "--format", "json");
        Assert.Equal(ExitCode.Interrupted, code);
        Assert.StartsWith("interrupted: the result is partial", error);
        var variants = System.Text.Json.JsonDocument.Parse(output).RootElement.GetProperty("variants").EnumerateArray();
        Assert.NotEmpty(variants);
        Assert.All(variants, variant => Assert.True(variant.GetProperty("partial").GetBoolean()));
    }

    [Fact]
    public void A_file_gets_the_result_instead_of_standard_output()
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            var (code, output, _) = Run(new FakeSimulator(), "--format", "md", "--output", file);
            Assert.Equal((ExitCode.Success, ""), (code, output));
            Assert.StartsWith("# mmactors", File.ReadAllText(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_reader_that_goes_away_ends_the_command_quietly()
    {
        var error = new StringWriter();
        var terminal = new Terminal { Out = new FailingWriter(32), Error = error };
        Assert.Equal(ExitCode.Success, MmActorsCommand.Run([], terminal, new FakeSimulator()));
        Assert.Equal("", error.ToString());
    }

    [Fact]
    public void A_full_disk_is_reported()
    {
        var error = new StringWriter();
        var terminal = new Terminal { Out = new FailingWriter(28), Error = error };
        Assert.Equal(ExitCode.Usage, MmActorsCommand.Run([], terminal, new FakeSimulator()));
        Assert.StartsWith("error: cannot write the result: ", error.ToString());
    }

    [Fact] // what .NET makes of EBADF
    public void A_closed_standard_output_is_reported()
    {
        var error = new StringWriter();
        var closed = new UnauthorizedAccessException("Access to the path is denied.", new IOException("Bad file descriptor"));
        var terminal = new Terminal { Out = new FailingWriter(closed), Error = error };
        Assert.Equal(ExitCode.Usage, MmActorsCommand.Run([], terminal, new FakeSimulator()));
        Assert.Equal("error: cannot write the result: Bad file descriptor", error.ToString().TrimEnd());
    }

    [Fact]
    public void Help_of_every_verb_ends_with_examples()
    {
        var (_, root, _) = Run(new FakeSimulator(), "--help");
        string[] verbs = [.. root.Split("Commands:\n")[1].Split("\n\n")[0].Split('\n')
            .Where(static line => line.Length > 2 && line[2] != ' ').Select(static line => line[2..].Split(' ')[0])];
        Assert.Equal(["compare", "run", "explain", "validate", "explore", "replay", "soak", "resume", "list", "schema", "version"], verbs);
        Assert.Contains("Examples:\n  mmactors", root);
        foreach (string verb in verbs)
        {
            var (code, output, error) = Run(new FakeSimulator(), verb, "--help");
            Assert.Equal((ExitCode.Success, ""), (code, error));
            Assert.Contains($"Examples:\n  mmactors {verb}", output);
        }
    }

    [Fact]
    public void Schemas_of_scenarios_and_results_are_printed()
    {
        var (code, result, _) = Run(new FakeSimulator(), "schema", "--result");
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("\"mmactors result\"", result);
        Assert.Contains("\"mmactors explanation\"", Run(new FakeSimulator(), "schema", "--explanation").Output);
        Assert.Equal(
            "error: 'schema' takes --result, --explanation, --scan-report or --soak, one of them\n",
            Run(new FakeSimulator(), "schema", "--explanation", "--result").Error);
    }

    [Fact]
    public void Colour_needs_a_terminal_and_no_NO_COLOR()
    {
        static bool Wanted(string? noColor, string? term) =>
            Terminal.ColourWanted(name => name == "NO_COLOR" ? noColor : name == "TERM" ? term : null);
        Assert.True(Wanted(null, "xterm"));
        Assert.True(Wanted("", "xterm"));
        Assert.False(Wanted("1", "xterm"));
        Assert.False(Wanted(null, "dumb"));
        Assert.False(Wanted(null, null));
        Assert.DoesNotContain('\e', Run(new FakeSimulator()).Output);
    }

    [Fact]
    public void Progress_tells_simulated_time_speed_and_time_left()
    {
        Assert.Equal("simulated 50 of 600 s, 25 x real time, 22 s left", ProgressLine.Text(50, 600, 2));
        Assert.Equal("simulated 0 of 600 s, 0 x real time, time left unknown", ProgressLine.Text(0, 600, 2));
    }

    private static int Declared(string run) =>
        (run.EndsWith("kvm") ? 10 : 0) + Array.IndexOf(Samples.Names, run.Split(' ')[0]);

    private static (int Code, string Output, string Error) Run(FakeSimulator simulator, params string[] args) =>
        Run(simulator, CancellationToken.None, args);

    private static (int Code, string Output, string Error) Run(
        FakeSimulator simulator, CancellationToken cancel, params string[] args)
    {
        var terminal = new Terminal { Out = new StringWriter(), Error = new StringWriter(), Cancel = cancel };
        var code = MmActorsCommand.Run(args, terminal, simulator);
        return (code, terminal.Out.ToString()!, terminal.Error.ToString()!);
    }
}
